/** The growth of a shard with the names of its destinations and conversations. */
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
  const [rule] = rules;
  const shard = await new TestShard([rule!]).start();
  const { journal } = shard.stages;
  const now = shard.clock.now();
  const gone = (version: number, count: number) =>
    Array.from({ length: count }, (_, n) => {
      const state = { cursor: journal.end, underway: [], delivered: 0, failed: 0, gone: now + version };
      return [`v${version}-${n}`, state] as const;
    });
  const destinations = Object.fromEntries([...gone(0, 1_000), ...gone(1, 1_000)]);
  journal.note({ destinations, delivered: [] }, now);
  await shard.start();
  await shard.append();
  await shard.advance(31_000);
  const names = [...shard.stages.destinations.all.keys()];
  const remembered = (version: number) => names.filter((name) => name.startsWith(`v${version}-`)).length;
  assert.deepEqual([1, 0].map(remembered), [1_000, 500]);
  const record = JSON.stringify(shard.stages.journal.latestProgress());
  assert.ok(record.length < 400_000, `a progress record takes ${record.length} characters`);
});
