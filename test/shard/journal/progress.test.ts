import assert from "node:assert/strict";
import { test } from "node:test";
import { TestShard } from "../test-shard.ts";

test("progress has no row of its own while events come, and one within a second of the last", async () => {
  const shard = await new TestShard([{ name: "audit", url: "https://audit.example.com/" }]).start();
  const alone = () => shard.sql.exec("SELECT * FROM segment_20261122 WHERE count = 0").toArray().length;
  const before = alone();
  for (let event = 0; event < 10; event++) {
    await shard.append();
    await shard.advance(300);
  }
  assert.equal(shard.posts.length, 10);
  assert.equal(alone(), before);
  await shard.advance(650);
  assert.equal(alone(), before + 1);
  await shard.advance(60_000);
  assert.equal(alone(), before + 1);
});
