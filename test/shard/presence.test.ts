/** Which receivers are there, as every shard knows it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestShard } from "./test-shard.ts";

const rules = [{ name: "laptop", url: "listener:" }];

test("a shard asks shard 0 at its start, and sends nothing before", async () => {
  const shard = new TestShard(rules, { index: 1 });
  shard.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  shard.arrivals = { laptop: 1 };
  await shard.start();
  assert.deepEqual(
    shard.peerCalls.filter((call) => call === "arrivals"),
    ["arrivals"],
  );
  await shard.append();
  assert.equal(shard.posts.length, 1);
  assert.equal(shard.report("laptop").state, "up");
});

test("a shard without such a rule asks nothing", async () => {
  const shard = new TestShard([{ name: "audit", url: "http://127.0.0.1/" }], { index: 1 });
  shard.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  await shard.start();
  shard.stages.presence.look();
  assert.ok(!shard.peerCalls.includes("arrivals"));
});

test("a shard holds events until it is told that the listener came, and writes no row for that", async () => {
  const shard = new TestShard(rules, { index: 1 });
  shard.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  await shard.start();
  for (let n = 0; n < 3; n++) await shard.append();
  const { state, awaits, waiting } = shard.report("laptop");
  assert.deepEqual({ state, awaits, waiting }, { state: "paused", awaits: "listener", waiting: 3 });
  const rows = shard.stages.meter.counters.rowsWritten;
  shard.arrivals = { laptop: 1 };
  shard.stages.presence.look();
  await shard.clock.advance(0);
  assert.deepEqual(shard.posted, [1, 2, 3]);
  assert.equal(shard.stages.meter.counters.rowsWritten, rows);
});

test("a message that finds no listener is no attempt, and goes out when one comes", async () => {
  const shard = new TestShard(rules, { index: 1 });
  shard.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  shard.arrivals = { laptop: 1 };
  await shard.start();
  shard.misses = "unsent";
  shard.arrivals = {};
  await shard.append();
  await shard.advance(60_000);
  assert.equal(shard.posts.length, 1);
  const { awaits, failed, retrying, lastError } = shard.report("laptop");
  assert.deepEqual(
    { awaits, failed, retrying, lastError },
    { awaits: "listener", failed: 0, retrying: 1, lastError: null },
  );
  shard.misses = null;
  shard.arrivals = { laptop: 2 };
  shard.stages.presence.look();
  await shard.clock.advance(0);
  assert.deepEqual(shard.posted, [1, 1]);
  assert.equal(shard.report("laptop").delivered, 1);
});

test("a listener that goes is a failed attempt, and however many there are, no breaker opens", async () => {
  const shard = new TestShard([{ ...rules[0], retry: ["1s"] }], { index: 1 });
  shard.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  shard.arrivals = { laptop: 1 };
  await shard.start();
  shard.misses = "left";
  for (let n = 0; n < 15; n++) await shard.append();
  const { state, failed, retrying } = shard.report("laptop");
  assert.deepEqual({ state, failed, retrying }, { state: "up", failed: 15, retrying: 15 });
  shard.misses = null;
  await shard.advance(2_000);
  assert.equal(shard.report("laptop").delivered, 15);
});

test("shard 0 tells every other shard of each change, and again those that did not answer", async () => {
  const shard = new TestShard(rules, { settings: { SHARDS: "3" } });
  await shard.start();
  const told = () => shard.peerCalls.filter((call) => call === "receiversChanged").length;
  const { presence } = shard.stages;
  presence.came("laptop");
  await shard.clock.advance(0);
  assert.equal(told(), 2);
  assert.ok(!presence.unfinished);
  shard.deaf = true;
  presence.left("laptop");
  await shard.clock.advance(0);
  assert.ok(presence.unfinished);
  shard.deaf = false;
  await shard.advance(31_000);
  assert.equal(told(), 6);
  assert.ok(!presence.unfinished);
});

test("a breaker that was open is closed when another listener comes", async () => {
  const shard = new TestShard([{ ...rules[0], retry: ["1h"] }], { index: 1 });
  shard.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  shard.arrivals = { laptop: 1 };
  await shard.start();
  shard.answer = () => ({ status: 503 });
  for (let n = 0; n < 12; n++) await shard.append();
  assert.equal(shard.report("laptop").state, "open");
  shard.answer = () => ({ status: 200 });
  shard.arrivals = { laptop: 2 };
  shard.stages.presence.look();
  await shard.clock.advance(0);
  assert.equal(shard.report("laptop").state, "up");
});
