/** The list of dead letters of a shard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { deadLetters } from "../../src/shard/query/dead-letters.ts";
import { TestShard } from "./test-shard.ts";

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
      const page = deadLetters(shard.stages, before, null, limit);
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
    const chosen = { destinations: null, ids, except: [] };
    for await (const letters of shard.stages.replay.deadLetters(chosen)) queued += letters;
  };
  const replaying = replay();
  await setImmediate();
  assert.equal(queued, 1);
  await shard.clock.advance(100);
  await replaying;
  assert.equal(queued, 6);
});
