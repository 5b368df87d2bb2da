/** Erasures over all shards, on a shard without a platform. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeErasure } from "../../../src/shard/erase/report.ts";
import { noon, TestShard } from "../test-shard.ts";

const asked = { id: "ers_1", target: "0", account: "lan", started: noon };
const none = { matched: 0, until: 0 };

/** Asks for an erasure as the API does. */
async function ask(shard: TestShard, others = [{ matched: 4, until: 9 }]): Promise<void> {
  const counted = shard.stages.eraser.count("lan");
  await shard.clock.advance(0);
  shard.stages.erasureOrders.start(asked, [await counted, ...others]);
}

const reportOf = ({ stages: { erasureOrders, eraser } }: TestShard) =>
  mergeErasure([...erasureOrders.reports, ...eraser.reports]);

/** Whether a row of an erasure names the account. */
const isNamed = (shard: TestShard) =>
  ["erasure", "erasure_orders"].some((table) =>
    shard.sql
      .exec(`SELECT * FROM ${table}`)
      .toArray()
      .some((row) => Object.values(row).includes("lan")),
  );

const withAccount = (shard: TestShard) => shard.append("account:lan");

test("a shard that cannot be reached is told of an erasure later, over crashes, and it runs until then", async () => {
  const shard = await new TestShard([]).start();
  await withAccount(shard);
  await ask(shard);
  // The object dies before it has told anything.
  await shard.start();
  assert.deepEqual(shard.peerCalls, []);
  assert.equal(shard.stages.erasureOrders.problems.length, 0, "it has only begun");
  await shard.advance(31_000);
  assert.deepEqual(shard.peerCalls.splice(0), ["erase ers_1"]);
  assert.deepEqual(reportOf(shard), {
    id: "ers_1",
    target: "0",
    started: noon,
    matched: 5,
    erased: 1,
    ended: null,
  });
  assert.deepEqual(shard.stages.erasureOrders.problems, [
    "shard 1 has not been told of the erasure ers_1 yet",
  ]);
  await shard.start();
  assert.ok(isNamed(shard), "shard 1 must hear of the account");
  shard.cluster = shard.stages.coordinator.state;
  await shard.advance(31_000);
  assert.deepEqual(shard.peerCalls.splice(0), ["erase ers_1"]);
  assert.deepEqual(shard.stages.erasureOrders.problems, []);
  assert.equal(shard.stages.erasureOrders.unfinished, false);
  assert.ok(!isNamed(shard), "no row names the account any more");
  await shard.advance(120_000);
  assert.deepEqual(shard.peerCalls, [], "it is told once");
});

test("a shard that is told of an erasure again does nothing anew", async () => {
  const shard = await new TestShard([], { index: 1 }).start();
  await withAccount(shard);
  const counted = shard.stages.eraser.count("lan");
  await shard.clock.advance(0);
  const order = { ...asked, ...(await counted) };
  shard.stages.eraser.begin(order);
  await shard.advance(1_000);
  const [ended] = shard.stages.eraser.reports;
  assert.equal(ended!.erased, 1);
  await shard.start();
  shard.stages.eraser.begin(order);
  await shard.advance(1_000);
  assert.deepEqual(shard.stages.eraser.reports, [ended]);
  assert.equal(shard.stages.eraser.unfinished, false);
});

test("an erasure blanks a pattern that a replay from the version before has left", async () => {
  const shard = await new TestShard([]).start();
  const order = { destination: "audit", since: 0, until: noon, choice: "all", orderedAt: noon } as const;
  const narrowing = '{"match":{"body":{"From_Account":["lan"]}}}';
  const own = { matched: 0, first: 0, last: 0 };
  shard.stages.orders.start({ ...order, narrowing: "{}" }, 100, [own]);
  shard.sql.exec("UPDATE replays SET request = json_set(request, '$.narrowing', ?)", narrowing);
  await shard.start();
  await ask(shard, []);
  await shard.stages.erasureOrders.notify();
  await shard.advance(1_000);
  const [row] = shard.sql.exec<{ request: string }>("SELECT request FROM replays").toArray();
  assert.equal(JSON.parse(row!.request).narrowing, "{}");
});

test("an erasure does not begin where a shard has not counted", async () => {
  const shard = await new TestShard([], { settings: { SHARDS: "3" } }).start();
  await assert.rejects(ask(shard, [none]), /2 of 3 shards/);
  assert.equal(shard.stages.erasureOrders.unfinished, false);
});

test("a shard that has ended its part, and is still listed as one to be told, counts once", () => {
  const part = { id: "ers_1", target: "0", started: noon, shard: 1, matched: 4, erased: 0, ended: null };
  const begun = { ...part, erased: 4, ended: noon + 9 };
  const { matched, erased, ended } = mergeErasure([part, begun]);
  assert.deepEqual([matched, erased, ended], [4, 4, null]);
  assert.equal(mergeErasure([{ ...begun, shard: 0 }, begun]).ended, noon + 9);
});
