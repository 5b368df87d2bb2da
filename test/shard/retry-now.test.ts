import assert from "node:assert/strict";
import { test } from "node:test";
import { TestShard } from "./test-shard.ts";

const audit = { name: "audit", url: "http://127.0.0.1:9/", retry: ["1h", "2h"], concurrency: 50 };

/** A shard whose retry list holds so many events, in a conversation each. */
async function withRetries(count: number): Promise<TestShard> {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 400 });
  for (let sent = 0; sent < count; sent++) await shard.append(`group:${sent}`);
  await shard.advance(1_000);
  assert.equal(shard.report("audit").retrying, count);
  return shard;
}

test("a whole retry list is due at once, and tried once", async () => {
  const shard = await withRetries(450);
  const posts = shard.posts.length;
  assert.equal(shard.stages.retryNow.ask("audit"), 450);
  assert.equal(shard.stages.retryNow.ask("nowhere"), 0);
  void shard.stages.retryNow.run();
  await shard.advance(20_000);
  assert.equal(shard.posts.length - posts, 450);
  assert.equal(shard.report("audit").retrying, 450, "each has failed once more");
  assert.equal(shard.stages.retryNow.unfinished, false);
});

test("after a crash the rest of the list becomes due", async () => {
  const shard = await withRetries(250);
  shard.stages.retryNow.ask("audit");
  shard.answer = () => ({ status: 200 });
  await shard.start();
  await shard.advance(20_000);
  const { retrying, delivered } = shard.report("audit");
  assert.deepEqual([retrying, delivered], [0, 250]);
});

test("an open breaker and a hold are ended, a pause is not", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 503, headers: { "retry-after": "3600" } });
  await shard.append();
  await shard.advance(1_000);
  assert.equal(shard.report("audit").state, "open");
  shard.answer = () => ({ status: 200 });
  shard.stages.coordinator.steer("audit", "pause");
  assert.equal(shard.stages.retryNow.ask("audit"), 1);
  void shard.stages.retryNow.run();
  await shard.advance(1_000);
  assert.equal(shard.posts.length, 1);
  assert.equal(shard.report("audit").state, "paused");
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(1_000);
  assert.equal(shard.posts.length, 2);
});
