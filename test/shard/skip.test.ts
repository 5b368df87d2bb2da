import assert from "node:assert/strict";
import { test } from "node:test";
import { skipDeliveries } from "../../src/shard/skip.ts";
import { TestShard } from "./test-shard.ts";

const audit = { name: "audit", url: "http://127.0.0.1:9/", retry: ["10s", "1h"] };
const ordered = { ...audit, order: "conversation" };

function skip(shard: TestShard, id: string, named: string[] | null = null): number | null {
  return skipDeliveries(id, 0, named, shard.stages, shard.clock);
}

const deliveryOf = (shard: TestShard, id: string) => shard.stages.events.detail(id, 0)!.deliveries[0]!;

test("a delivery that waits for its retry is given up, and its conversation goes on", async () => {
  const shard = await new TestShard([ordered]).start();
  shard.answer = ({ body }) => ({ status: body.includes('"n":1}') ? 500 : 200 });
  const { id } = await shard.append("group:a");
  await shard.append("group:a");
  await shard.advance(1_000);
  assert.deepEqual(shard.posted, [1]);
  assert.equal(skip(shard, id), 1);
  assert.equal(skip(shard, id), 0, "it has ended");
  await shard.advance(1_000);
  assert.deepEqual(shard.posted, [1, 2]);
  const { state, attempts, reason } = deliveryOf(shard, id);
  assert.deepEqual(
    [state, attempts.map(({ error }) => error), reason],
    ["dead", ["answered 500"], "skipped by the operator"],
  );
  assert.equal(shard.report("audit").dead, 1);
});

test("events ahead of the cursor are given up, also over a restart, and no longer counted", async () => {
  const shard = await new TestShard([audit]).start();
  shard.stages.coordinator.steer("audit", "pause");
  const events = [await shard.append(), await shard.append(), await shard.append()];
  assert.equal(shard.report("audit").waiting, 3);
  assert.equal(skip(shard, events[1]!.id, ["other"]), 0);
  assert.equal(skip(shard, events[1]!.id, ["audit"]), 1);
  assert.equal(shard.report("audit").waiting, 2);
  const { state, attempts, reason } = deliveryOf(shard, events[1]!.id);
  assert.deepEqual([state, attempts, reason], ["dead", [], "skipped by the operator"]);
  await shard.advance(2_000);
  await shard.start();
  assert.equal(shard.report("audit").waiting, 2);
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(1_000);
  assert.deepEqual(shard.posted, [1, 3]);
});

test("an event behind others of its conversation is given up in its lane, and behind a blocked one", async () => {
  for (const status of [200, 500]) {
    const shard = await new TestShard([ordered]).start();
    let answer = () => {};
    const when = new Promise<void>((resolve) => (answer = resolve));
    shard.answer = ({ body }) => (body.includes('"n":1}') ? { status, when } : { status: 200 });
    await shard.append("group:a");
    const { id } = await shard.append("group:a");
    await shard.append("group:a");
    if (status === 500) {
      answer();
      await shard.advance(10);
    }
    const { waiting, retrying } = shard.report("audit");
    assert.equal(waiting + retrying, 3);
    assert.equal(skip(shard, id), 1);
    const after = shard.report("audit");
    assert.equal(after.waiting + after.retrying, 2);
    answer();
    shard.answer = () => ({ status: 200 });
    await shard.advance(30_000);
    assert.deepEqual(shard.posted, status === 200 ? [1, 3] : [1, 1, 3]);
    assert.equal(shard.report("audit").waiting, 0);
  }
});

test("a post under way that fails is not repeated; one that succeeds delivers the event after all", async () => {
  for (const status of [500, 200]) {
    const shard = await new TestShard([ordered]).start();
    let answer = () => {};
    const when = new Promise<void>((resolve) => (answer = resolve));
    shard.answer = () => ({ status, when });
    const { id } = await shard.append("group:a");
    assert.equal(skip(shard, id), 1);
    assert.equal(skip(shard, id), 0);
    assert.equal(deliveryOf(shard, id).state, "dead");
    const every = { destinations: null, ids: [id], except: [], oldest: 0 };
    for await (const _ of shard.stages.replay.deadLetters(every));
    answer();
    shard.answer = () => ({ status: 200 });
    await shard.append("group:a");
    await shard.advance(100_000);
    assert.deepEqual(shard.posted, [1, 2]);
    const { state, attempts, reason } = deliveryOf(shard, id);
    assert.deepEqual(
      [state, reason],
      status === 200 ? ["delivered", null] : ["dead", "skipped by the operator"],
    );
    // An attempt is one post.
    assert.deepEqual(
      attempts.map((one) => [one.number, one.status]),
      [[1, status]],
    );
    const { dead, retrying, waiting } = shard.report("audit");
    assert.deepEqual([dead, retrying, waiting], [status === 200 ? 0 : 1, 0, 0]);
  }
});

test("one event of a batch is given up, before and while the batch is retried, and the others go on", async () => {
  const shard = await new TestShard([{ ...audit, batch: { size: 3, ms: 50 } }]).start();
  shard.answer = () => ({ status: 500 });
  const [first, second] = [await shard.append(), await shard.append(), await shard.append()];
  await shard.advance(1_000);
  assert.equal(shard.report("audit").retrying, 3);
  assert.equal(skip(shard, first!.id), 1);
  assert.equal(shard.report("audit").retrying, 2);
  let answer = () => {};
  const when = new Promise<void>((resolve) => (answer = resolve));
  shard.answer = () => ({ status: 200, when });
  await shard.advance(11_000);
  const posts = shard.posts.length;
  assert.equal(skip(shard, second!.id), 1);
  await shard.advance(20_000);
  assert.equal(shard.posts.length, posts, "the rest is not posted twice at a time");
  answer();
  await shard.advance(7_200_000);
  assert.equal(shard.posts.length, posts);
  const { dead, retrying, delivered } = shard.report("audit");
  assert.deepEqual([dead, retrying, delivered], [1, 0, 2]);
});

test("a delivery that was given up and is replayed has its posts alone as attempts", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 500 });
  const { id } = await shard.append();
  await shard.advance(10);
  assert.equal(skip(shard, id), 1);
  const chosen = { destinations: null, ids: [id], except: [], oldest: 0 };
  for await (const _ of shard.stages.replay.deadLetters(chosen));
  assert.equal(deliveryOf(shard, id).reason, null);
  shard.answer = () => ({ status: 200 });
  await shard.advance(1_000);
  const { state, attempts, reason } = deliveryOf(shard, id);
  assert.deepEqual(
    [state, reason, attempts.map((one) => [one.number, one.status])],
    [
      "delivered",
      null,
      [
        [1, 500],
        [2, 200],
      ],
    ],
  );
});
