/** The list of dead letters of a shard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { positionAt } from "../../src/shard/journal/position.ts";
import { deadLetters } from "../../src/shard/query/dead-letters.ts";
import { noon, TestShard } from "./test-shard.ts";

const weekMs = 168 * 3_600_000;

/** A shard with dead letters of one destination: one an hour, the first at noon. */
async function withLetters(letters: number): Promise<TestShard> {
  const shard = await new TestShard([
    { name: "audit", url: "https://audit.example.com/", retry: [] },
  ]).start();
  shard.answer = () => ({ status: 400 });
  for (let hour = 0; hour < letters; hour++) {
    await shard.advance(noon + hour * 3_600_000 - shard.clock.now());
    await shard.append();
  }
  await shard.advance(2_000);
  return shard;
}

test("a dead letter past retention is in no list, in no replay and in no count but that of expired events", async () => {
  const shard = await withLetters(4);
  const first = { position: Number.MAX_SAFE_INTEGER, destination: "" };
  const standing = () => {
    const { dead, expired } = shard.report("audit");
    const oldest = shard.clock.now() - weekMs;
    return { dead, expired, listed: deadLetters(shard.stages, first, null, 50, oldest).length };
  };
  assert.deepEqual(standing(), { dead: 4, expired: 0, listed: 4 });
  await shard.advance(noon + 1.5 * 3_600_000 + weekMs - shard.clock.now());
  assert.deepEqual(standing(), { dead: 2, expired: 2, listed: 2 });
  // A start counts anew.
  await shard.start();
  assert.deepEqual(standing(), { dead: 2, expired: 2, listed: 2 });
  shard.clock.set(shard.clock.now() - 3_600_000);
  assert.deepEqual(standing(), { dead: 3, expired: 1, listed: 3 });
  shard.clock.set(shard.clock.now() + 3_600_000);
  assert.deepEqual(standing(), { dead: 2, expired: 2, listed: 2 });

  for (const ids of [null, shard.posts.map(({ id }) => id)]) {
    const selection = { destinations: null, ids, except: [], oldest: shard.clock.now() - weekMs };
    const queued: number[] = [];
    const replaying = (async () => {
      for await (const letters of shard.stages.replay.deadLetters(selection)) queued.push(letters);
    })();
    await shard.advance(2_000);
    await replaying;
    assert.equal(
      queued.reduce((sum, letters) => sum + letters, 0),
      2,
    );
    shard.stages.runner.drain();
    await shard.advance(2_000);
  }
  assert.equal(shard.posts.length, 8);
  assert.deepEqual(standing(), { dead: 2, expired: 2, listed: 2 });

  // The day is dropped: nothing is counted twice.
  await shard.advance(noon + 3.5 * 3_600_000 + weekMs - shard.clock.now());
  assert.deepEqual(standing(), { dead: 0, expired: 4, listed: 0 });
  await shard.advance(14 * 3_600_000);
  assert.ok(!shard.stages.journal.days.includes("20261122"));
  assert.deepEqual(standing(), { dead: 0, expired: 4, listed: 0 });
});

test("a name without a rule loses no dead letter, though none past retention is counted", async () => {
  const shard = await withLetters(2);
  await shard.start([]);
  await shard.advance(noon + 1_800_000 + weekMs - shard.clock.now());
  const { dead, expired } = shard.report("audit");
  assert.deepEqual([dead, expired], [1, 0]);
});

test("a question after dead letters counts only those that have passed retention since the last one", async () => {
  const shard = await withLetters(50);
  const { meter } = shard.stages;
  const read = (question: () => void) => {
    const before = meter.counters.rowsRead ?? 0;
    question();
    return (meter.counters.rowsRead ?? 0) - before;
  };
  const ask = () => shard.stages.settled.deadCounts(positionAt(shard.clock.now() - weekMs));
  await shard.advance(noon + weekMs - shard.clock.now());
  read(ask);
  assert.equal(read(ask), 0);
  shard.clock.set(shard.clock.now() + 90_000 * 60);
  assert.ok(read(ask) <= 6, "two letters have passed");
});

test("the list goes on behind dead letters whose events are in damaged rows", async () => {
  const shard = await new TestShard([
    { name: "audit", url: "https://audit.example.com/", retry: [] },
  ]).start();
  shard.answer = () => ({ status: 400 });
  for (let n = 0; n < 6; n++) {
    await shard.append(`group:${n}`);
    await shard.advance(2_000);
  }
  const list = (limit: number) => {
    const conversations: (string | null)[] = [];
    for (let before = { position: Number.MAX_SAFE_INTEGER, destination: "" }; ; ) {
      const page = deadLetters(shard.stages, before, null, limit, 0);
      conversations.push(
        ...page.map(({ position }) => shard.stages.journal.at(position)!.event.conversation),
      );
      // A page that is not full is the last one.
      if (page.length < limit) return conversations;
      before = page.at(-1)!;
    }
  };
  assert.equal(list(2).length, 6);
  for (const day of shard.stages.journal.days)
    shard.sql.exec(
      `UPDATE segment_${day} SET heads = '[' WHERE heads LIKE '%"group:4"%' OR heads LIKE '%"group:2"%'`,
    );
  await shard.start();
  for (const limit of [1, 2, 3, 50])
    assert.deepEqual(list(limit), ["group:5", "group:3", "group:1", "group:0"], String(limit));
});

test("two replays of all dead letters at once queue each letter once", async () => {
  const shard = await withLetters(3);
  shard.answer = () => ({ status: 200 });
  const replay = async () => {
    let queued = 0;
    const all = { destinations: null, ids: null, except: [], oldest: 0 };
    for await (const letters of shard.stages.replay.deadLetters(all)) queued += letters;
    return queued;
  };
  const both = Promise.all([replay(), replay()]);
  await shard.advance(1_000);
  assert.deepEqual(await both, [3, 0]);
  shard.stages.runner.drain();
  await shard.advance(1_000);
  assert.equal(shard.posts.length, 6);
});

test("a replay of many ids gives way after each of them", async () => {
  const shard = await new TestShard([
    { name: "audit", url: "https://audit.example.com/", retry: [] },
  ]).start();
  shard.answer = () => ({ status: 400 });
  for (let n = 0; n < 6; n++) await shard.append(`group:${n}`);
  await shard.advance(2_000);
  const ids = shard.posts.map(({ id }) => id);
  assert.equal(ids.length, 6);
  let queued = 0;
  const replay = async () => {
    const chosen = { destinations: null, ids, except: [], oldest: 0 };
    for await (const letters of shard.stages.replay.deadLetters(chosen)) queued += letters;
  };
  const replaying = replay();
  await setImmediate();
  assert.equal(queued, 1);
  await shard.clock.advance(100);
  await replaying;
  assert.equal(queued, 6);
});
