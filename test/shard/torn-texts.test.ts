/** Torn texts outside the journal: each costs what it told alone, and the shard goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestShard } from "./test-shard.ts";

const rule = { name: "a", url: "http://127.0.0.1:9/", retry: ["10s", "1m"] };

test("a retry whose attempts are torn is delivered, and its shard goes on", async () => {
  const shard = await new TestShard([rule]).start();
  shard.answer = () => ({ status: 400 });
  await shard.append();
  await shard.advance(2_000);
  shard.sql.exec("UPDATE retry SET attempts = substr(attempts, 3)");
  shard.answer = () => ({ status: 200 });
  await shard.advance(20_000);
  await shard.append();
  assert.equal(shard.aborted, null);
  assert.deepEqual(shard.posted, [1, 1, 2]);
  assert.equal(shard.report("a").retrying, 0);
});

test("a dead letter whose attempts are torn is listed without them, and replayed", async () => {
  const shard = await new TestShard([{ ...rule, retry: [] }]).start();
  shard.answer = () => ({ status: 400 });
  const event = await shard.append();
  shard.sql.exec("UPDATE settled_20261122 SET attempts = substr(attempts, 3)");
  const { events, replay } = shard.stages;
  assert.deepEqual(
    events.detail(event.id, 0)?.deliveries.map(({ attempts }) => attempts),
    [[]],
  );
  shard.answer = () => ({ status: 200 });
  assert.equal(replay.event(event.id, 0, null, []), 1);
  await shard.append();
  await shard.advance(2_000);
  assert.deepEqual(shard.posted.toSorted(), [1, 1, 2]);
});

test("a blocked conversation whose heads are torn catches up", async () => {
  const ordered = { ...rule, order: "conversation" };
  const shard = await new TestShard([ordered]).start();
  shard.answer = () => ({ status: 400 });
  await shard.append("group:1");
  await shard.append("group:1");
  assert.deepEqual(shard.posted, [1]);
  shard.sql.exec("UPDATE blocked SET heads = substr(heads, 3)");
  shard.answer = () => ({ status: 200 });
  await shard.start();
  await shard.append("group:2");
  assert.equal(shard.aborted, null);
  assert.deepEqual(shard.posted.toSorted(), [1, 2, 3]);
  await shard.advance(20_000);
  assert.deepEqual(shard.posted.toSorted(), [1, 1, 2, 3]);
});
