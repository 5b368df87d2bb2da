/** Replays by range, on a shard without a platform. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { countReplay } from "../../../src/shard/replay/count.ts";
import type { ReplayFilter, ReplayPart } from "../../../src/shard/replay/order.ts";
import { type ReplayReport, reportOf } from "../../../src/shard/replay/report.ts";
import { skipDeliveries } from "../../../src/shard/skip.ts";
import { noon, TestShard } from "../test-shard.ts";

const audit = { name: "audit", url: "https://audit.example.com/", retry: ["1h"] };

const everything: ReplayFilter = {
  destination: "audit",
  since: 0,
  until: noon + 86_400_000,
  choice: "all",
  orderedAt: noon + 86_400_000,
  narrowing: "{}",
};

async function count(shard: TestShard, filter: ReplayFilter): Promise<ReplayPart> {
  const { rule } = shard.stages.destinations.pumps.get(filter.destination)!;
  const counted = countReplay(filter, rule, shard.stages, shard.clock);
  await shard.clock.advance(0);
  return counted;
}

/** Orders a replay as the API does. */
async function order(shard: TestShard, changed: Partial<ReplayFilter> = {}, perSecond = 100) {
  const filter = { ...everything, ...changed };
  const part = await count(shard, filter);
  const id = shard.stages.orders.start(filter, perSecond, [part]);
  shard.stages.runner.drain();
  await shard.clock.advance(0);
  return { id, matched: part.matched };
}

function replayOf(shard: TestShard, id: string): Pick<ReplayReport, "state" | "matched" | "sent" | "failed"> {
  const { state, matched, sent, failed } = reportOf(shard.stages.replays.find(id)!);
  return { state, matched, sent, failed };
}

/** A shard that has delivered so many events. */
async function delivered(events: number, rules: readonly object[] = [audit]): Promise<TestShard> {
  const shard = await new TestShard(rules).start();
  for (let n = 0; n < events; n++) await shard.append();
  await shard.advance(2_000);
  assert.equal(shard.posts.length, events);
  return shard;
}

test("delivered events are sent again under their ids, with the replay's id in a header", async () => {
  const shard = await delivered(3);
  const { id, matched } = await order(shard);
  await shard.advance(2_000);
  assert.equal(matched, 3);
  const [first, again] = [shard.posts.slice(0, 3), shard.posts.slice(3)];
  assert.deepEqual(
    again.map((post) => post.id),
    first.map((post) => post.id),
  );
  assert.deepEqual(
    again.map(({ headers }) => headers["tim-relay-replay"]),
    [id, id, id],
  );
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 3, sent: 3, failed: 0 });
});

test("a replay keeps its rate, and writes one row a second at most", async () => {
  const shard = await delivered(60);
  const written = shard.stages.meter.counters.rowsWritten!;
  const { id } = await order(shard, {}, 10);
  await shard.advance(3_000);
  const sent = shard.posts.length - 60;
  assert.ok(sent >= 29 && sent <= 32, `${sent} events in three seconds`);
  await shard.advance(10_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 60, sent: 60, failed: 0 });
  // A row of the replay and one of the journal's progress each second, and a few alarms.
  const rows = shard.stages.meter.counters.rowsWritten! - written;
  assert.ok(rows <= 20, `${rows} rows`);
});

test("a replay keeps its rate where the clock was set back", async () => {
  const shard = await delivered(10);
  const { id } = await order(shard, {}, 1);
  await shard.advance(2_500);
  shard.clock.set(noon - 3_600_000);
  await shard.advance(10_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 10, sent: 10, failed: 0 });
});

test("a replay goes on after a crash, and skips no event", async () => {
  const shard = await delivered(50);
  const { id } = await order(shard, {}, 10);
  await shard.advance(2_500);
  // The clock runs the object from before the crash on: it sends nothing more.
  void shard.stages.sender.stop();
  await shard.start();
  await shard.advance(10_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 50, sent: 50, failed: 0 });
  assert.equal(new Set(shard.posted.slice(50)).size, 50);
  // The posts of the second before the crash are repeated.
  assert.ok(shard.posts.length <= 100 + 12, `${shard.posts.length} posts`);
});

test("an event that fails goes to the retry list, and its retry bears the replay's id", async () => {
  const shard = await delivered(2);
  shard.answer = () => ({ status: 400 });
  const { id } = await order(shard);
  await shard.advance(2_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 2, sent: 0, failed: 2 });
  assert.equal(shard.report("audit").retrying, 2);
  shard.answer = () => ({ status: 200 });
  await shard.advance(2 * 3_600_000);
  assert.equal(shard.report("audit").retrying, 0);
  assert.equal(shard.posts.at(-1)!.headers["tim-relay-replay"], id);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 2, sent: 0, failed: 2 });
});

test("an event whose post has failed before a crash is left to its retry, and counts as failed", async () => {
  const shard = await delivered(3);
  const when = new Promise<void>(() => {});
  shard.answer = ({ body }) => (body.includes('"n":3}') ? { status: 200, when } : { status: 400 });
  const { id } = await order(shard);
  await shard.advance(100);
  assert.equal(shard.report("audit").retrying, 2);
  const { length } = shard.posts;
  // No row records yet how far the replay has come.
  shard.answer = () => ({ status: 200 });
  await shard.start();
  await shard.advance(2_000);
  assert.deepEqual(shard.posted.slice(length), [3]);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 3, sent: 1, failed: 2 });
});

test("an event delivered before a restart, though earlier ones were under way, is sent again", async () => {
  const shard = await new TestShard([audit]).start();
  const when = new Promise<void>(() => {});
  shard.answer = ({ body }) => (body.includes('"n":3}') ? { status: 200 } : { status: 200, when });
  for (let n = 0; n < 3; n++) await shard.append();
  await shard.advance(2_000);
  shard.answer = () => ({ status: 200 });
  shard.stages.coordinator.steer("audit", "pause");
  await shard.start();
  const { id } = await order(shard);
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(5_000);
  assert.deepEqual(shard.posted.slice(3).sort(), [1, 2, 3]);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 3, sent: 3, failed: 0 });
});

test("an event that was given up before its first attempt is sent by a replay ordered later", async () => {
  const shard = await new TestShard([audit]).start();
  shard.stages.coordinator.steer("audit", "pause");
  const events = [await shard.append(), await shard.append(), await shard.append()];
  const skip = (at: number) => skipDeliveries(events[at]!.id, 0, null, shard.stages, shard.clock);
  skip(1);
  await shard.advance(1_000);
  const { id } = await order(shard, { orderedAt: shard.clock.now() });
  await shard.advance(1_000);
  skip(2);
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(5_000);
  assert.deepEqual(shard.posted, [1, 2]);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 3, sent: 2, failed: 1 });
});

test("a rule that is switched off for a moment keeps no event from a replay", async () => {
  const shard = await new TestShard([audit]).start();
  shard.stages.coordinator.steer("audit", "pause");
  for (let n = 0; n < 3; n++) await shard.append();
  const { id } = await order(shard);
  await shard.start([{ ...audit, enabled: false }]);
  await shard.append();
  await shard.start();
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(5_000);
  assert.deepEqual(shard.posted, [1, 2, 3]);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 3, sent: 3, failed: 0 });
});

test("a replay takes the place of a retry that waits", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 400 });
  await shard.append();
  assert.equal(shard.report("audit").retrying, 1);
  shard.answer = () => ({ status: 200 });
  const { id } = await order(shard);
  await shard.advance(2_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 1, sent: 1, failed: 0 });
  assert.equal(shard.report("audit").retrying, 0);
  await shard.advance(2 * 3_600_000);
  assert.equal(shard.posts.length, 2);
});

test("events that wait for their first attempt are sent once, and count as sent", async () => {
  const shard = await new TestShard([audit]).start();
  shard.stages.coordinator.steer("audit", "pause");
  for (let n = 0; n < 20; n++) await shard.append();
  const { id } = await order(shard, {}, 5);
  await shard.advance(60_000);
  assert.deepEqual(replayOf(shard, id), { state: "running", matched: 20, sent: 0, failed: 0 });
  assert.match(
    shard.stages.replayHealth.problems().join(),
    /^audit: the replay rpl_\w+ waits until it is resumed$/,
  );
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(10_000);
  assert.equal(shard.posts.length, 20);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 20, sent: 20, failed: 0 });
  assert.deepEqual(shard.stages.replayHealth.problems(), []);
});

test("a replay that waits behind a blocked conversation sets no timers, and writes alarms alone", async () => {
  const shard = await new TestShard([{ ...audit, order: "conversation", retry: ["1h", "1h"] }]).start();
  shard.answer = () => ({ status: 422 });
  for (let n = 0; n < 6; n++) await shard.append("c");
  const { id } = await order(shard);
  await shard.advance(5_000);
  assert.deepEqual(replayOf(shard, id), { state: "running", matched: 6, sent: 0, failed: 1 });
  const { meter } = shard.stages;
  const [rows, { after }] = [meter.counters.rowsWritten!, shard.clock];
  let timers = 0;
  shard.clock.after = (ms, run) => {
    timers++;
    return after(ms, run);
  };
  await shard.advance(600_000);
  assert.ok(meter.counters.rowsWritten! - rows <= 22, `${meter.counters.rowsWritten! - rows} rows`);
  assert.ok(timers <= 60, `${timers} timers`);
  shard.answer = () => ({ status: 200 });
  await shard.advance(3_600_000);
  assert.equal(shard.report("audit").waiting, 0);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 6, sent: 5, failed: 1 });
});

test("an outcome that a replay waits for is counted at once, that of a skipped event too", async () => {
  const shard = await new TestShard([{ ...audit, order: "conversation" }]).start();
  shard.answer = () => ({ status: 422 });
  const events = [await shard.append("c"), await shard.append("c"), await shard.append("c")];
  const { id } = await order(shard);
  await shard.advance(5_000);
  assert.deepEqual(replayOf(shard, id), { state: "running", matched: 3, sent: 0, failed: 1 });
  const skip = (at: number) => skipDeliveries(events[at]!.id, 0, null, shard.stages, shard.clock);
  skip(1);
  assert.equal(replayOf(shard, id).failed, 2);
  shard.answer = () => ({ status: 200, ms: 50 });
  skip(0);
  await shard.advance(60);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 3, sent: 1, failed: 2 });
});

test("long bodies end the turns of a replay early, while it counts and while it reads", async () => {
  const shard = await new TestShard([audit]).start();
  const body = JSON.stringify({ text: "x".repeat(400_000) });
  for (let n = 0; n < 30; n++) await shard.append(null, { body, size: body.length });
  await shard.advance(2_000);
  const { after } = shard.clock;
  let turns = 0;
  shard.clock.after = (ms, run) => {
    if (ms === 0) turns++;
    return after(ms, run);
  };
  const narrowing = JSON.stringify({ match: { body: { text: ["y"] } } });
  const filter = { ...everything, narrowing };
  const part = await count(shard, filter);
  assert.equal(part.matched, 0);
  assert.ok(turns >= 5, `${turns} turns`);
  turns = 0;
  // Had none matched, the replay would end without reading.
  const id = shard.stages.orders.start(filter, 100, [{ ...part, matched: 1 }]);
  shard.stages.runner.drain();
  await shard.advance(2_000);
  assert.equal(replayOf(shard, id).state, "done");
  assert.ok(turns >= 5, `${turns} turns`);
});

test("new events go before those of a replay, in slots that it leaves free", async () => {
  const shard = await delivered(40);
  shard.answer = () => ({ status: 200, ms: 400 });
  await order(shard, {}, 1_000);
  await shard.advance(500);
  const event = await shard.append();
  await shard.advance(20);
  const post = shard.posts.find(({ id }) => id === event.id);
  assert.ok(post && post.at - event.receivedAt <= 60, `after ${post && post.at - event.receivedAt} ms`);
});

test("quarantined events, dead letters and the rest are chosen by state", async () => {
  const shard = await new TestShard([{ ...audit, retry: [] }]).start();
  await shard.append(null, { quarantined: true }, ["GroupId"]);
  shard.answer = () => ({ status: 400 });
  const dead = await shard.append();
  shard.answer = () => ({ status: 200 });
  await shard.append();
  assert.equal(shard.report("audit").dead, 1);
  const quarantined = await order(shard, { choice: "quarantined" });
  await shard.advance(2_000);
  assert.deepEqual(replayOf(shard, quarantined.id), { state: "done", matched: 1, sent: 1, failed: 0 });
  const letters = await order(shard, { choice: "dead" });
  await shard.advance(2_000);
  assert.deepEqual(replayOf(shard, letters.id), { state: "done", matched: 1, sent: 1, failed: 0 });
  assert.equal(shard.posts.at(-1)!.id, dead.id);
  assert.equal(shard.report("audit").dead, 0);
  assert.equal((await order(shard)).matched, 2);
});

test("on, match and the period narrow the events, and a rule is not widened", async () => {
  const shard = await new TestShard([{ ...audit, on: "Group.*" }]).start();
  for (const command of [
    "Group.CallbackAfterSendMsg",
    "Group.CallbackAfterGroupFull",
    "C2C.CallbackAfterSendMsg",
  ])
    await shard.append(null, { command });
  const matched = async (narrowing: object, changed: Partial<ReplayFilter> = {}) =>
    (await order(shard, { narrowing: JSON.stringify(narrowing), ...changed })).matched;
  assert.equal(await matched({}), 2);
  assert.equal(await matched({ on: "*" }), 2);
  assert.equal(await matched({ on: "*.CallbackAfterSendMsg" }), 1);
  assert.equal(await matched({ match: { body: { n: [2] } } }), 1);
  assert.equal(await matched({}, { since: noon + 30 }), 1);
  assert.equal(await matched({}, { until: noon }), 0);
});

/** The patterns of all replays, as rows hold them. */
const narrowings = (shard: TestShard) =>
  shard.sql
    .exec<{ request: string }>("SELECT request FROM replays")
    .toArray()
    .map(({ request }) => JSON.parse(request).narrowing);

test("a replay keeps its pattern until it ends everywhere: it may name an account", async () => {
  const shard = await delivered(3);
  const narrowing = JSON.stringify({ match: { body: { n: [1, 2] } } });
  const { id } = await order(shard, { narrowing }, 1);
  await shard.advance(500);
  assert.deepEqual(narrowings(shard), [narrowing]);
  await shard.start();
  await shard.advance(5_000);
  assert.equal(replayOf(shard, id).sent, 2);
  assert.deepEqual(narrowings(shard), ["{}"]);

  const part = { matched: 1, first: 0, last: 9 };
  shard.stages.orders.start({ ...everything, narrowing }, 100, [{ ...part, matched: 0 }, part]);
  await shard.advance(31_000);
  assert.deepEqual(narrowings(shard), ["{}", narrowing], "shard 1 must hear of it");
  shard.cluster = shard.stages.coordinator.state;
  await shard.advance(31_000);
  assert.deepEqual(narrowings(shard), ["{}", "{}"]);
});

test("a cancelled replay sends nothing more", async () => {
  const shard = await delivered(30);
  const { id } = await order(shard, {}, 10);
  await shard.advance(1_000);
  assert.equal(shard.stages.orders.cancel(id), true);
  const { length } = shard.posts;
  await shard.start();
  await shard.advance(10_000);
  assert.equal(shard.posts.length, length);
  const { state, sent } = replayOf(shard, id);
  assert.deepEqual([state, sent], ["cancelled", length - 30]);
});

test("a cancelled replay without posts is read no more, and its row is written no more", async () => {
  const shard = await delivered(5);
  shard.stages.coordinator.steer("audit", "pause");
  const { id } = await order(shard);
  shard.stages.orders.cancel(id);
  const { cursor } = shard.stages.replays.find(id)!;
  await shard.advance(10 * 86_400_000);
  assert.equal(shard.stages.replays.find(id)!.cursor, cursor);
});

test("posts under way when a replay is cancelled are counted", async () => {
  const shard = await delivered(5);
  shard.answer = () => ({ status: 200, ms: 500 });
  const { id } = await order(shard);
  await shard.advance(200);
  const sent = shard.posts.length - 5;
  shard.stages.orders.cancel(id);
  await shard.advance(2_000);
  assert.deepEqual(replayOf(shard, id), { state: "cancelled", matched: 5, sent, failed: 0 });
  assert.ok(sent > 0);
});

test("a replay waits while its rule is wrong, gone or switched off", async () => {
  const shard = await delivered(5);
  shard.stages.coordinator.steer("audit", "pause");
  const { id } = await order(shard);
  for (const [rules, problem] of [
    [[{ ...audit, timeoutMs: "soon" }], /waits until its rule is mended/],
    [[], /waits until a rule has this name again/],
    [[{ ...audit, enabled: false }], /waits until its rule is switched on again/],
  ] as const) {
    await shard.start(rules);
    assert.match(shard.stages.replayHealth.problems().join(), problem);
  }
  await shard.start();
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(5_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 5, sent: 5, failed: 0 });
});

test("a replay to a paused destination costs no alarm and no row while it waits, and goes on when resumed", async () => {
  const shard = await delivered(5);
  shard.stages.coordinator.steer("audit", "pause");
  const { id } = await order(shard);
  await shard.advance(60_000);
  for (const restarted of [false, true]) {
    if (restarted) {
      await shard.start();
      await shard.advance(60_000);
    }
    const { alarms = 0, rowsWritten = 0 } = shard.stages.meter.counters;
    await shard.advance(24 * 3_600_000);
    assert.equal(shard.stages.meter.counters.alarms ?? 0, alarms);
    assert.equal(shard.stages.meter.counters.rowsWritten ?? 0, rowsWritten);
  }
  assert.equal(shard.posts.length, 5);
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(2_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 5, sent: 5, failed: 0 });
});

test("a forgotten name's replays are cancelled", async () => {
  const shard = await delivered(5);
  shard.stages.coordinator.steer("audit", "pause");
  const { id } = await order(shard);
  await shard.start([]);
  await shard.stages.retention.forget("audit");
  assert.equal(replayOf(shard, id).state, "cancelled");
});

test("events whose day is dropped are neither sent nor failed", async () => {
  const shard = await delivered(5);
  shard.stages.coordinator.steer("audit", "pause");
  const { id } = await order(shard);
  await shard.advance(10 * 86_400_000);
  assert.equal(shard.stages.journal.at(shard.stages.replays.find(id)!.cursor), null);
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(5_000);
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 5, sent: 0, failed: 0 });
});

test("a shard that cannot be reached is told later, of the end too", async () => {
  const shard = await delivered(1);
  const part = { matched: 4, first: 0, last: 9 };
  const id = shard.stages.orders.start(everything, 100, [{ ...part, matched: 0 }, part]);
  await shard.stages.orders.notify();
  assert.deepEqual(shard.peerCalls.splice(0), [`begin ${id}`]);
  assert.equal(reportOf(shard.stages.replays.find(id)!).total, 4);
  assert.match(shard.stages.replayHealth.problems().join(), /shard 1 has not been told/);
  await shard.start();
  shard.cluster = shard.stages.coordinator.state;
  await shard.advance(31_000);
  assert.deepEqual(shard.peerCalls.splice(0), [`begin ${id}`]);
  assert.equal(shard.stages.orders.unfinished, false);
});

test("of many replays that have ended, a hundred are listed", async () => {
  const shard = await delivered(1);
  for (let n = 0; n < 120; n++) {
    await order(shard);
    await shard.advance(1_100);
  }
  assert.ok(shard.stages.replays.all.length <= 101);
  assert.ok(shard.stages.replays.all.every(({ state }) => state === "done"));
  await shard.start();
  assert.ok(shard.stages.replays.all.length <= 101);
});

test("a batching destination gets replayed events in batches within the rate", async () => {
  const shard = await new TestShard([{ ...audit, batch: { size: 10, ms: 0 } }]).start();
  for (let n = 0; n < 30; n++) await shard.append();
  await shard.advance(2_000);
  const before = shard.posts.length;
  const { id } = await order(shard, {}, 100);
  // The id of a batch is a hash, which takes time of its own.
  for (let ms = 0; ms < 200_000 && replayOf(shard, id).state === "running"; ms += 20) {
    await shard.advance(20);
    await setTimeout(1);
  }
  assert.deepEqual(replayOf(shard, id), { state: "done", matched: 30, sent: 30, failed: 0 });
  assert.ok(shard.posts.length - before <= 5, `${shard.posts.length - before} posts`);
});
