/** What grows in a shard by the names of its destinations and conversations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestShard } from "../shard/test-shard.ts";

const url = "http://127.0.0.1:9/";

/** Two hundred destinations share the bound on blocked conversations; the events are for the first of them. */
const rules = Array.from({ length: 200 }, (_, n) => ({
  name: `ordered-${n}`,
  on: n === 0 ? "*" : "None.*",
  url,
  order: "conversation",
  retry: ["1h"],
}));
const mostBlocked = 100;

test("a destination that refuses every conversation blocks a bounded number of them, and the rest waits", async () => {
  const shard = await new TestShard(rules).start();
  shard.answer = () => ({ status: 400 });
  const events = 1.2 * mostBlocked;
  for (let n = 0; n < events; n++) await shard.append(`group:${n}`);
  await shard.advance(1_000);
  const { retrying, waiting } = shard.report("ordered-0");
  assert.ok(retrying >= mostBlocked && retrying <= mostBlocked + 5, `${retrying} conversations are blocked`);
  assert.equal(retrying + waiting, events);

  await shard.start();
  await shard.advance(60_000);
  assert.equal(shard.report("ordered-0").retrying, retrying, "a start reads no further");

  shard.answer = () => ({ status: 200 });
  await shard.advance(3 * 3_600_000);
  const { delivered, waiting: left } = shard.report("ordered-0");
  assert.deepEqual({ delivered, left }, { delivered: events, left: 0 });
});

test("however many names of destinations come and go, a bounded number is remembered, the last ones", async () => {
  const deploy = (version: number, length: number) =>
    Array.from({ length }, (_, n) => ({ name: `v${version}-${n}`, url, enabled: false }));
  const shard = await new TestShard(deploy(0, 1_000)).start();
  for (const rules of [deploy(1, 1_000), deploy(2, 1)]) {
    await shard.start(rules);
    await shard.append();
    await shard.advance(31_000);
  }
  const names = [...shard.stages.destinations.all.keys()];
  const remembered = (version: number) => names.filter((name) => name.startsWith(`v${version}-`)).length;
  assert.deepEqual([2, 1, 0].map(remembered), [1, 1_000, 500]);
  const record = JSON.stringify(shard.stages.journal.latestProgress());
  assert.ok(record.length < 400_000, `a progress record takes ${record.length} characters`);
});
