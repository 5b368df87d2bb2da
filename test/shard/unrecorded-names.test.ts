/** A name that is first seen while the disk is full: no row tells of it when the object has started. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { noon, TestShard } from "./test-shard.ts";

const audit = { name: "audit", url: "http://127.0.0.1:9/", retry: ["1h"] };
const late = { ...audit, name: "late" };

/** A shard with one event, whose disk was full when it first saw the name `late`. */
async function withUnrecordedName(): Promise<{ shard: TestShard; id: string }> {
  const shard = await new TestShard([audit]).start();
  const { id } = await shard.append();
  await shard.advance(2_000);
  await shard.start([audit, late], { writable: false });
  shard.writable = true;
  assert.deepEqual(Object.keys(recorded(shard)), ["audit"]);
  return { shard, id };
}

function recorded(shard: TestShard) {
  return shard.stages.journal.latestProgress().destinations;
}

/** How many of its events are forgotten with a name whose rule goes before the next row of the journal. */
async function forgottenOf(shard: TestShard): Promise<number> {
  await shard.start([audit]);
  assert.notEqual(shard.stages.destinations.get("late"), undefined);
  return shard.stages.retention.forget("late");
}

test("an event queued again for it is known and forgotten, also if its rule goes at once", async () => {
  const { shard, id } = await withUnrecordedName();
  assert.equal(shard.stages.replay.event(id, 0, ["late"], []), 1);
  assert.equal(await forgottenOf(shard), 1);
  assert.equal(shard.stages.retries.counts.get("late"), undefined);
});

test("a replay by range to it ends with it, also if its rule goes at once", async () => {
  const { shard } = await withUnrecordedName();
  const filter = { destination: "late", since: 0, until: noon + 86_400_000, choice: "all" } as const;
  const part = { matched: 1, first: 0, last: shard.stages.journal.end };
  const asked = { ...filter, orderedAt: noon + 86_400_000, narrowing: "{}" };
  const id = shard.stages.orders.start(asked, 100, [part]);
  await forgottenOf(shard);
  assert.equal(shard.stages.replays.find(id)!.state, "cancelled");
});

test("only the first replay after such a start writes a row for it", async () => {
  const { shard, id } = await withUnrecordedName();
  const { journal, replay } = shard.stages;
  const ends = [journal.end];
  for (let times = 0; times < 3; times++) {
    replay.event(id, 0, ["late"], []);
    ends.push(journal.end);
  }
  assert.deepEqual(new Set(ends).size, 2);
});
