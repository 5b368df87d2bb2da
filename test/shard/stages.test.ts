import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { newEventId } from "../../src/callback/event-id.ts";
import { positionAt } from "../../src/shard/journal/position.ts";
import { noon, TestShard } from "./test-shard.ts";

const audit = { name: "audit", url: "http://127.0.0.1:9/", retry: ["10s", "1m"] };
const ordered = { ...audit, order: "conversation" };

test("an event is posted once, right after it was written", async () => {
  const shard = await new TestShard([audit]).start();
  await shard.append();
  await shard.advance(100);
  assert.deepEqual(shard.posted, [1]);
  assert.equal(shard.report("audit").delivered, 1);
});

test("an event that more destinations want than an invocation may post to waits at none of them", async () => {
  const rules = Array.from({ length: 120 }, (_, index) => ({ ...audit, name: `d${index}` }));
  const shard = await new TestShard(rules).start();
  shard.answer = () => ({ status: 200, ms: 20 });
  await shard.append();
  await shard.advance(100);
  assert.equal(shard.posts.length, rules.length);
});

test("while work is left, the alarm is at most 30 s ahead; afterwards it waits for the day to end", async () => {
  const shard = await new TestShard([audit]).start();
  await shard.append();
  assert.ok(shard.alarmAt! <= noon + 30_100, `the alarm is at ${shard.alarmAt! - noon}`);
  await shard.advance(30_100);
  assert.ok(shard.alarmAt! > noon + 24 * 3_600_000, `the alarm is at ${shard.alarmAt! - noon}`);
});

test("a name without a right rule keeps the alarm near only while events wait for it", async () => {
  for (const rules of [[audit], [audit, { ...audit, name: "late", url: "nowhere" }]]) {
    const shard = await new TestShard([audit, { ...audit, name: "late" }]).start();
    await shard.append();
    await shard.advance(5_000);
    for (let start = 0; start < 2; start++) {
      await shard.start(rules);
      assert.notEqual(shard.stages.destinations.dormant.get("late"), undefined);
      await shard.advance(60_000);
      assert.ok(shard.alarmAt! > noon + 24 * 3_600_000, `the alarm is at ${shard.alarmAt! - noon}`);
    }
    await shard.append();
    await shard.advance(60_000);
    assert.ok(shard.alarmAt! <= shard.clock.now() + 30_000);
    await shard.start(rules);
    await shard.advance(60_000);
    assert.ok(shard.alarmAt! <= shard.clock.now() + 30_000);
    await shard.start();
    await shard.advance(60_000);
    assert.ok(shard.alarmAt! > noon + 24 * 3_600_000);
  }
});

test("an object that is lost with a post under way posts the event again when its alarm fires", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 200, ms: 60_000 });
  await shard.append();
  await shard.advance(10);
  shard.answer = () => ({ status: 200 });
  await shard.start();
  await shard.advance(30_000);
  assert.deepEqual(shard.posted, [1, 1]);
});

test("progress without a further event gets a row of its own after a second", async () => {
  const shard = await new TestShard([audit]).start();
  await shard.append();
  await shard.advance(500);
  const end = shard.stages.journal.end;
  await shard.advance(1_000);
  assert.ok(shard.stages.journal.end > end);
  await shard.start();
  await shard.advance(60_000);
  assert.deepEqual(shard.posted, [1]);
});

test("a failed event is retried after the rule's waits, then a dead letter", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 400 });
  await shard.append();
  await shard.advance(100_000);
  const [first, second, third] = shard.posts.map(({ at }) => at);
  assert.ok(Math.abs(second! - first! - 10_000) < 100, `${second! - first!}`);
  assert.ok(Math.abs(third! - second! - 60_000) < 100, `${third! - second!}`);
  assert.equal(shard.posts.length, 3);
  const { retrying, dead, failed } = shard.report("audit");
  assert.deepEqual({ retrying, dead, failed }, { retrying: 0, dead: 1, failed: 3 });
});

test("an event behind a failed one of its conversation waits for it; another conversation goes on", async () => {
  const shard = await new TestShard([ordered]).start();
  shard.answer = () => ({ status: shard.posts.length === 1 ? 400 : 200 });
  await shard.append("group:a");
  await shard.append("group:a");
  await shard.append("group:b");
  await shard.advance(1_000);
  assert.deepEqual(shard.posted, [1, 3]);
  await shard.advance(20_000);
  assert.deepEqual(shard.posted, [1, 3, 1, 2]);
});

test("after a restart, an event under way goes out when the one before it in its conversation was retried", async () => {
  const shard = await new TestShard([{ ...ordered, concurrency: 3 }]).start();
  const neverAnswered = /"n":[1-3]\}/;
  shard.answer = ({ body }) => ({ status: 200, ms: neverAnswered.test(body) ? Number.POSITIVE_INFINITY : 0 });
  for (const conversation of ["group:a", "group:b", "group:a"]) await shard.append(conversation);
  // Deliveries that the record notes one by one, so that it also names the events under way one by one.
  for (let other = 0; other < 6; other++) await shard.append(`group:other ${other}`);
  await shard.advance(2_000);
  shard.posts.length = 0;
  shard.answer = () => ({ status: shard.posts.length === 1 ? 400 : 200 });
  await shard.start([{ ...ordered, concurrency: 1 }]);
  await shard.advance(20_000);
  assert.deepEqual(shard.posted, [1, 2, 1, 3]);
});

test("after ten failures the breaker lets one probe through after 5 s, then after 10 s; the first success resumes", async () => {
  const shard = await new TestShard([{ ...audit, concurrency: 1 }]).start();
  shard.answer = () => ({ status: 500 });
  for (let sent = 0; sent < 14; sent++) await shard.append();
  await shard.advance(100);
  const opened = shard.posts.length;
  assert.equal(opened, 10);
  assert.equal(shard.report("audit").state, "open");
  await shard.advance(5_500);
  assert.equal(shard.posts.length, 11);
  await shard.advance(9_000);
  assert.equal(shard.posts.length, 11);
  shard.answer = () => ({ status: 200 });
  await shard.advance(2_000);
  assert.equal(shard.report("audit").state, "up");
  await shard.advance(60_000);
  assert.equal(shard.report("audit").delivered, 14);
});

test("a Retry-After holds the whole destination, and a resume ends the hold", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 503, headers: { "retry-after": "3600" } });
  await shard.append();
  await shard.advance(1_000);
  shard.answer = () => ({ status: 200 });
  await shard.append();
  await shard.advance(600_000);
  assert.equal(shard.posts.length, 1);
  assert.ok(shard.report("audit").heldUntil! > noon + 3_600_000);
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(100);
  assert.deepEqual(shard.posted.toSorted(), [1, 1, 2]);
});

test("a 410 disables the destination; its event and later ones go on after a resume", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 410 });
  await shard.append();
  await shard.advance(10);
  await shard.append();
  await shard.advance(3_600_000);
  assert.equal(shard.posts.length, 1);
  assert.equal(shard.report("audit").state, "disabled");
  shard.answer = () => ({ status: 200 });
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(100);
  assert.deepEqual(shard.posted.toSorted(), [1, 1, 2]);
  assert.equal(shard.report("audit").failed, 1);
});

test("a clock that is set back lengthens no wait", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: shard.posts.length === 1 ? 500 : 200 });
  await shard.append();
  await shard.advance(100);
  shard.clock.set(noon - 3_600_000);
  shard.stages.runner.drain();
  await shard.advance(12_000);
  assert.deepEqual(shard.posted, [1, 1]);
});

test("a shard without a cluster state sends nothing, and asks shard 0 again at its alarm", async () => {
  const shard = await new TestShard([audit], { index: 1, settings: { SHARDS: "2" } }).start();
  await shard.append();
  await shard.advance(10_000);
  assert.deepEqual(shard.posted, []);
  assert.match(shard.stages.health.problems().join(), /sends nothing before shard 0/);
  shard.cluster = { version: 3, shards: 2, paused: [], disabled: [] };
  await shard.advance(30_000);
  assert.deepEqual(shard.posted, [1]);
  assert.deepEqual(new Set(shard.peerCalls), new Set(["join"]));
});

test("a destination that is reported disabled or paused again changes nothing", async () => {
  const { coordinator } = (await new TestShard([audit]).start()).stages;
  for (const action of ["pause", "disable"] as const)
    for (const name of ["audit", "feed"]) coordinator.steer(name, action);
  const { version } = coordinator.state;
  for (const action of ["pause", "disable"] as const)
    for (const name of ["audit", "feed"]) coordinator.steer(name, action);
  assert.equal(coordinator.state.version, version);
});

test("a day that has passed retention is dropped, and its events count as expired", async () => {
  const shard = await new TestShard([audit], { settings: { RETENTION_HOURS: "24" } }).start();
  shard.stages.coordinator.steer("audit", "pause");
  await shard.append();
  await shard.append();
  await shard.advance(3 * 24 * 3_600_000);
  const { waiting, expired } = shard.report("audit");
  assert.deepEqual({ waiting, expired }, { waiting: 0, expired: 2 });
  assert.deepEqual(shard.posted, []);
});

test("a commit that fails counts nothing, and its progress goes into the next row", async () => {
  const shard = await new TestShard([audit]).start();
  const { meter, misfits, progress, journal } = shard.stages;
  const misfit = { command: "Group.CallbackAfterSendMsg", path: "From_Account" };
  await shard.append(null, { quarantined: true }, [misfit.path]);
  await shard.append();
  await shard.advance(100);
  assert.equal(progress.unrecorded.length, 1);
  const { end } = journal;
  shard.writable = false;
  for (const quarantined of [false, true])
    await assert.rejects(shard.append(null, { quarantined }, [misfit.path]), /readonly/);
  shard.writable = true;
  assert.equal(journal.end, end);
  assert.equal(progress.unrecorded.length, 1);
  assert.equal(meter.counters.received, 2);
  assert.deepEqual(misfits.all(0), [{ ...misfit, count: 1 }]);

  await shard.append(null, { quarantined: true }, [misfit.path]);
  assert.equal(progress.unrecorded.length, 0);
  assert.equal(meter.counters.received, 3);
  assert.deepEqual(misfits.all(0), [{ ...misfit, count: 2 }]);
  assert.deepEqual(misfits.all(positionAt(noon)), [{ ...misfit, count: 2, estimated: true }]);
  await shard.start();
  await shard.advance(60_000);
  assert.deepEqual(shard.posted, [2]);
});

test("an event whose clock skew cannot be written is refused, and not kept", async () => {
  const shard = await new TestShard([audit]).start();
  const full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
  shard.sql.exec(`CREATE TRIGGER full BEFORE INSERT ON standing ${full}`);
  await assert.rejects(shard.append(null, { receivedAt: noon - 3_600_000 }), /full/);
  assert.equal(shard.stages.journal.countFrom(0), 0);
  shard.sql.exec("DROP TRIGGER full");
  const { id } = await shard.append(null, { receivedAt: noon - 3_600_000 });
  assert.equal(shard.stages.journal.countFrom(0), 1);
  assert.equal(shard.stages.meter.counters.received, 1);
  assert.equal(shard.stages.events.find(id, 0)?.event.id, id);
});

test("an event that is kept two minutes before or after its own time is found", async () => {
  for (const skew of [-120_000, 120_000]) {
    const shard = await new TestShard([audit]).start();
    await shard.append();
    const received = noon + 3_600_000;
    shard.clock.set(received + skew);
    const ids = ["a", "b"].map((n) => newEventId(0, received, new TextEncoder().encode(n.repeat(12))));
    const appended = ids.map((id) => shard.append(null, { id, receivedAt: received }));
    await Promise.all(appended);
    for (const id of ids) assert.equal(shard.stages.events.find(id, 0)?.event.id, id);
  }
});

test("a write that fails in the middle starts the object again from its rows", async () => {
  const shard = await new TestShard([audit]).start();
  const { storage } = shard.stages;
  assert.throws(() =>
    storage.atomically(() => {
      throw new Error("disk full");
    }),
  );
  await shard.advance(0);
  assert.match(shard.aborted!, /starts again/);
  assert.ok(shard.alarmAt! <= noon + 30_000);
  await assert.rejects(shard.append(), /starts again/);
});

test("each stop waits for the posts under way, for five seconds at most", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 200, ms: 8_000 });
  await shard.append();
  await shard.advance(10);
  const stopped = async (withinMs: number) => {
    let ended = false;
    void shard.stages.sender.stop().then(() => {
      ended = true;
    });
    await shard.advance(withinMs);
    return ended;
  };
  assert.equal(await stopped(4_900), false);
  assert.equal(await stopped(2_000), false);
  assert.equal(await stopped(1_500), true, "the post has ended");
  assert.equal(shard.report("audit").delivered, 1);
});

test("a delivery whose row a full disk does not take is recorded once there is room, and not repeated", async () => {
  const shard = await new TestShard([audit]).start();
  await shard.append();
  shard.writable = false;
  await shard.advance(5 * 60_000);
  assert.equal(shard.aborted, null);
  shard.writable = true;
  await shard.advance(60_000);
  await shard.start();
  await shard.advance(60_000);
  assert.deepEqual(shard.posted, [1]);
});

test("an object that starts on a full disk sends nothing before its outcome could be recorded", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 200, ms: 60_000 });
  await shard.append();
  shard.answer = () => ({ status: 200 });
  await shard.start([audit], { writable: false });
  await shard.advance(5 * 60_000);
  assert.deepEqual(shard.posted, [1]);
  shard.writable = true;
  await shard.advance(60_000);
  assert.deepEqual(shard.posted, [1, 1]);
});

test("an idle start writes no row and leaves the alarm", async () => {
  const other = { ...audit, name: "other", match: { command: ["Group.CallbackAfterNewMemberJoin"] } };
  for (const [status, rule] of [
    [200, audit],
    [200, other],
    [400, { ...ordered, retry: ["2h"] }],
  ] as const) {
    const shard = await new TestShard([rule]).start();
    shard.answer = () => ({ status });
    await shard.append("group:a");
    await shard.advance(31_000);
    const { alarmAt } = shard;
    const { end } = shard.stages.journal;
    for (let start = 0; start < 3; start++) {
      await shard.start();
      await shard.advance(5_000);
      assert.deepEqual([shard.alarmAt, shard.stages.journal.end], [alarmAt, end], `${rule.name}: ${status}`);
    }
    assert.equal(shard.posts.length, rule === other ? 0 : 1);
  }
});

test("no post begins in the turn that proves the storage, of any destination", async () => {
  const shard = await new TestShard([audit, { ...audit, name: "other" }]).start();
  shard.answer = () => ({ status: 200, ms: 60_000 });
  await shard.append();
  await shard.advance(10);
  shard.posts.length = 0;
  const { end } = shard.stages.journal;
  const { advance } = shard.clock;
  shard.clock.advance = async () => {};
  await shard.start();
  await settled();
  assert.ok(shard.stages.journal.end > end, "the proof is written");
  assert.equal(shard.posts.length, 0);
  shard.clock.advance = advance;
  await shard.advance(0);
  assert.equal(shard.posts.length, 2);
});

test("counters that a full disk does not take are reported once they are recorded", async () => {
  const shard = await new TestShard([audit]).start();
  shard.stages.meter.count("lost", 2);
  shard.writable = false;
  assert.equal(shard.stages.progress.counters().lost, undefined);
  shard.writable = true;
  assert.equal(shard.stages.progress.counters().lost, 2);
});

test("an object with a new rule starts on a full disk", async () => {
  const shard = await new TestShard([audit]).start();
  await shard.start([audit, { ...audit, name: "other" }], { writable: false });
  shard.writable = true;
  await shard.advance(30_000);
  await shard.start([]);
  assert.ok(shard.stages.destinations.get("other"));
});

test("an object whose clock was set back starts, and runs, on a full disk; once there is room, no wait is longer", async () => {
  for (const starts of [true, false]) {
    const shard = await new TestShard([audit]).start();
    shard.answer = () => ({ status: shard.posts.length === 1 ? 500 : 200 });
    await shard.append();
    await shard.advance(2_000);
    shard.clock.set(noon - 3_600_000);
    if (starts) await shard.start([audit], { writable: false });
    shard.writable = false;
    if (!starts) await assert.rejects(shard.append(), /readonly/);
    await shard.advance(60_000);
    assert.equal(shard.aborted, null);
    assert.deepEqual(shard.posted, [1]);
    shard.writable = true;
    await shard.advance(60_000);
    assert.deepEqual(shard.posted, [1, 1]);
  }
});

test("a day that is over is dropped from a database at its limit", async () => {
  const late = { ...ordered, retry: ["20h"] };
  const shard = await new TestShard([late], { settings: { RETENTION_HOURS: "1" } }).start();
  shard.answer = () => ({ status: 400 });
  for (let sent = 0; sent < 5; sent++) await shard.append("group:a", { query: "x".repeat(20_000) });
  const [day] = shard.stages.journal.days;
  shard.stopGrowing();
  await shard.advance(14 * 3_600_000);
  assert.ok(!shard.stages.journal.days.includes(day!), `${shard.stages.journal.days}`);
});

test("a database that one day has filled drops it when it ends, and keeps events again", async () => {
  const shard = await new TestShard([audit]).start();
  for (let sent = 0; sent < 5; sent++) await shard.append(null, { query: "x".repeat(20_000) });
  const [day] = shard.stages.journal.days;
  shard.size = 9e9;
  await shard.append();
  shard.stopGrowing();
  await assert.rejects(shard.append(null, { query: "x".repeat(20_000) }), /full/);
  await shard.advance(11 * 3_600_000);
  assert.deepEqual(shard.stages.journal.days, [day]);
  await shard.advance(2 * 3_600_000);
  shard.size = 0;
  await shard.append();
  assert.ok(!shard.stages.journal.days.includes(day!), `${shard.stages.journal.days}`);
});

test("an event under way whose day is dropped counts as expired unless it is delivered, also after a crash", async () => {
  for (const crashes of [true, false]) {
    const shard = await new TestShard([audit], { settings: { RETENTION_HOURS: "1" } }).start();
    shard.answer = () => ({ status: 200, ms: 14 * 3_600_000 });
    await shard.append();
    await shard.advance(13.5 * 3_600_000);
    assert.deepEqual([shard.report("audit").expired, shard.report("audit").waiting], [1, 0]);
    if (crashes) await shard.start();
    else await shard.advance(3_600_000);
    assert.equal(shard.report("audit").expired, crashes ? 1 : 0);
  }
});

test("events behind one whose post fails while their day is counted expire once each", async () => {
  const waits = { ...ordered, retry: ["23h"] };
  const shard = await new TestShard([waits], { settings: { RETENTION_HOURS: "1" } }).start();
  const failing = Promise.withResolvers<void>();
  const failed = 210;
  shard.answer = () => ({ status: 400, ...(shard.posts.length > failed && { when: failing.promise }) });
  for (let sent = 0; sent < failed; sent++) await shard.append(`group:${sent}`);
  for (let sent = 0; sent < 5; sent++) await shard.append("group:a");
  shard.clock.set(noon + 13 * 3_600_000);
  failing.resolve();
  const dropped = shard.stages.retention.run();
  await shard.advance(0);
  await dropped;
  const { waiting, retrying, expired } = shard.report("audit");
  assert.deepEqual({ waiting, retrying, expired }, { waiting: 0, retrying: 0, expired: failed + 5 });
});

test("an event that is given up while its day is counted expires once", async () => {
  const settings = { RETENTION_HOURS: "1" };
  const wrong = { ...audit, secret: "$NOT_SET" };
  for (const rule of [audit, wrong]) {
    const shard = await new TestShard([rule], { settings }).start();
    shard.stages.coordinator.steer("audit", "pause");
    const body = JSON.stringify({ text: "x".repeat(800_000) });
    for (let sent = 0; sent < 6; sent++) await shard.append(null, { body });
    const [entry] = shard.stages.journal.read(0).entries;
    shard.clock.set(noon + 13 * 3_600_000);
    const { after } = shard.clock;
    shard.clock.after = (ms, run) => {
      shard.clock.after = after;
      const { storage, destinations } = shard.stages;
      storage.atomically(() => assert.ok(destinations.get("audit")!.giveUp(entry!, shard.clock.now())));
      return after(ms, run);
    };
    const dropped = shard.stages.retention.run();
    await shard.advance(0);
    await dropped;
    const { waiting, dead, expired } = shard.report("audit");
    assert.deepEqual({ waiting, dead, expired }, { waiting: 0, dead: 0, expired: 6 });
  }
});

test("a retry that is under way when retention takes it out of the list expires once, or not at all", async () => {
  for (const status of [400, 200]) {
    const hourly = { ...audit, retry: Array.from({ length: 30 }, () => "1h"), concurrency: 50 };
    const shard = await new TestShard([hourly], { settings: { RETENTION_HOURS: "1" } }).start();
    shard.answer = () => ({ status: 400 });
    const [all, held] = [230, 1];
    for (let sent = 0; sent < all; sent++) await shard.append();
    const ended = Promise.withResolvers<void>();
    const isHeld = ({ body }: { body: string }) => JSON.parse(body).data.n > all - held;
    shard.answer = (message) => (isHeld(message) ? { status, when: ended.promise } : { status: 400 });
    await shard.advance(1.5 * 3_600_000);
    shard.clock.set(noon + 14 * 3_600_000);
    const { after } = shard.clock;
    shard.clock.after = (ms, run) => {
      if (shard.report("audit").retrying < all) ended.resolve();
      return after(ms, run);
    };
    const dropped = shard.stages.retention.run();
    await shard.advance(0);
    await dropped;
    const { retrying, expired, delivered } = shard.report("audit");
    const late = status === 200 ? held : 0;
    assert.deepEqual({ retrying, expired, delivered }, { retrying: 0, expired: all - late, delivered: late });
  }
});

test("a clock that is set back while only questions come lengthens no wait, also after a crash", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: shard.posts.length === 1 ? 500 : 200 });
  await shard.append();
  await shard.advance(2_000);
  shard.clock.set(noon - 3_600_000);
  assert.deepEqual(shard.stages.health.problems(), []);
  await shard.start();
  await shard.advance(12_000);
  assert.deepEqual(shard.posted, [1, 1]);
});

test("an event in the retry list counts once where a crash came before a record, and the rule is wrong now", async () => {
  const shard = await new TestShard([audit]).start();
  shard.answer = () => ({ status: 400 });
  await shard.append();
  await shard.start([{ ...audit, timeoutMs: "soon" }]);
  assert.deepEqual([shard.report("audit").waiting, shard.report("audit").retrying], [0, 1]);
});

test("an alarm that fires while the object is about to start again is set again", async () => {
  const shard = await new TestShard([audit]).start();
  shard.stages.storage.restart(new Error("a write has failed in the middle"));
  shard.alarmAt = null;
  await shard.stages.runner.alarm();
  assert.equal(shard.alarmAt, shard.clock.now() + 30_000);
});

test("a replay that outlives the note of its delivery is not sent a second time by its blocked conversation", async () => {
  const shard = await new TestShard([ordered]).start();
  shard.answer = () => ({ status: 200, ms: 100 });
  await shard.append("group:a");
  const { id } = await shard.append("group:a");
  await shard.advance(300);
  shard.stages.replay.event(id, 0, null, []);
  shard.answer = () => ({ status: 400 });
  await shard.start();
  await shard.advance(100);
  const { waiting, retrying } = shard.report("audit");
  assert.deepEqual({ waiting, retrying }, { waiting: 0, retrying: 2 });
  shard.answer = () => ({ status: 200 });
  await shard.advance(20_000);
  assert.deepEqual(shard.posted.slice(-2).sort(), [1, 2]);
  assert.equal(shard.posted.length, 6);
});

test("a backlog is told of at half of its time, though nothing else happens", async () => {
  const shard = await new TestShard([audit], { settings: { RETENTION_HOURS: "24" } }).start();
  shard.stages.coordinator.steer("audit", "pause");
  const { command } = await shard.append();
  const latest = () => shard.stages.journal.at(shard.stages.journal.end - 1)?.event.command;
  await shard.advance(11.9 * 3_600_000);
  assert.equal(latest(), command);
  await shard.advance(0.2 * 3_600_000);
  assert.equal(latest(), "Relay.Expiring");
});
