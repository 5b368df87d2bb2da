import assert from "node:assert/strict";
import { test } from "node:test";
import { say } from "../../../src/sentence.ts";
import type { Mailbox } from "../../../src/shard/pump/mailbox.ts";
import type { Receipt } from "../../../src/shard/pump/receipt.ts";
import { relayEvents } from "../relay/told.ts";
import { noon, TestShard } from "../test-shard.ts";

const rule = { name: "mail", url: "poll:", timeoutMs: 10_000 };

function mailboxOf(shard: TestShard): Mailbox {
  return shard.stages.destinations.pumps.get("mail")!.mailbox!;
}

/** Polls as a Worker does. Answers the events' numbers, with the receipt that confirms them. */
async function poll(
  shard: TestShard,
  after: Receipt | null = null,
  limit = 100,
): Promise<{ numbers: number[]; receipt: Receipt }> {
  const mailbox = mailboxOf(shard);
  mailbox.confirm(after);
  const offered = mailbox.offer(limit);
  await shard.clock.advance(0);
  await offered;
  const { events, ...receipt } = mailbox.take(limit);
  return { numbers: events.map(({ body }) => (JSON.parse(body) as { n: number }).n), receipt };
}

async function shardWith(conversations: readonly (string | null)[], more: object = {}): Promise<TestShard> {
  const shard = await new TestShard([{ ...rule, ...more }]).start();
  for (const conversation of conversations) await shard.append(conversation);
  return shard;
}

test("events wait for a poll without a row or a near alarm, and are delivered when the next poll confirms them", async () => {
  const shard = await shardWith([null, null, null]);
  await shard.advance(60_000);
  const rows = shard.stages.meter.counters.rowsWritten;
  assert.ok(shard.alarmAt! > shard.clock.now() + 60_000);
  const first = await poll(shard, null, 2);
  assert.deepEqual(first.numbers, [1, 2]);
  await shard.advance(2_000);
  assert.equal(shard.report("mail").waiting, 3);
  assert.equal(shard.stages.meter.counters.rowsWritten, rows);
  const second = await poll(shard, first.receipt);
  assert.deepEqual(second.numbers, [3]);
  assert.deepEqual([shard.report("mail").delivered, shard.report("mail").waiting], [2, 1]);
  await poll(shard, second.receipt);
  await shard.advance(2_000);
  await shard.start();
  assert.deepEqual((await poll(shard)).numbers, []);
  assert.equal(shard.report("mail").delivered, 3);
});

test("two polls get no event twice within timeoutMs; after that it comes again, and costs no attempt", async () => {
  const shard = await shardWith([null, null, null]);
  const first = await poll(shard, null, 2);
  assert.deepEqual((await poll(shard)).numbers, [3]);
  assert.deepEqual((await poll(shard)).numbers, []);
  await shard.advance(10_000);
  const again = await poll(shard);
  assert.deepEqual(again.numbers, [1, 2, 3]);
  // A late confirmation counts: the poller has them.
  await poll(shard, first.receipt);
  assert.deepEqual([shard.report("mail").delivered, shard.report("mail").failed], [2, 0]);
  await shard.advance(10_000);
  assert.deepEqual((await poll(shard)).numbers, [3]);
});

test("a poll that waits gets the event that comes, and one that is free again", async () => {
  const shard = await shardWith([]);
  const arrived = mailboxOf(shard).arrival(20_000);
  await shard.advance(0);
  await shard.append();
  assert.equal(await arrived, true);
  assert.deepEqual((await poll(shard)).numbers, [1]);
  const again = mailboxOf(shard).arrival(20_000);
  await shard.advance(0);
  await shard.advance(10_000);
  assert.equal(await again, true);
  assert.deepEqual((await poll(shard)).numbers, [1]);
  const late = mailboxOf(shard).arrival(5_000);
  await shard.advance(0);
  await shard.advance(5_000);
  assert.equal(await late, true);
  const stopped = mailboxOf(shard).arrival(20_000);
  await shard.advance(0);
  mailboxOf(shard).stop();
  assert.equal(await stopped, false);
  // The process has not ended after all.
  await shard.advance(30_000);
  assert.equal(await mailboxOf(shard).arrival(20_000), true);
});

test("with an order, a conversation of which a poll has events waits for it, and later events join an answer", async () => {
  const shard = await shardWith(["a", "b", "a", "a"], { order: "conversation" });
  const first = await poll(shard, null, 1);
  assert.deepEqual(first.numbers, [1]);
  const second = await poll(shard);
  assert.deepEqual(second.numbers, [2]);
  const third = await poll(shard, first.receipt);
  assert.deepEqual(third.numbers, [3, 4]);
  await shard.append("a");
  assert.deepEqual((await poll(shard)).numbers, []);
  await shard.advance(10_000);
  assert.deepEqual((await poll(shard)).numbers, [2, 3, 4, 5]);
});

test("after a crash unconfirmed events come again, and a receipt from before it still confirms", async () => {
  const shard = await shardWith(["a", "a", "b", "b"], { order: "conversation" });
  const { receipt } = await poll(shard, null, 3);
  await shard.advance(2_000);
  await shard.start();
  assert.deepEqual((await poll(shard, receipt)).numbers, [4]);
  assert.equal(shard.report("mail").delivered, 3);
  await shard.start();
  await shard.advance(1);
  assert.ok((await poll(shard)).numbers.includes(4));
});

test("after a crash no confirmed event comes again, however many are unconfirmed", async () => {
  const shard = await shardWith([]);
  for (let n = 0; n < 6; n++) await Promise.all(Array.from({ length: 100 }, () => shard.append()));
  const polls: Awaited<ReturnType<typeof poll>>[] = [];
  for (let n = 0; n < 6; n++) polls.push(await poll(shard));
  for (const { receipt } of polls.slice(1, 4)) mailboxOf(shard).confirm(receipt);
  await shard.advance(2_000);
  await shard.start();
  const again = await poll(shard, null, 1_000);
  assert.deepEqual(
    again.numbers,
    [polls[0]!, polls[4]!, polls[5]!].flatMap(({ numbers }) => numbers),
  );
  assert.equal(shard.report("mail").delivered, 300);
  await shard.advance(2_000);
  await shard.start();
  mailboxOf(shard).confirm(polls[4]!.receipt);
  assert.deepEqual([shard.report("mail").delivered, shard.report("mail").waiting], [400, 200]);
});

test("a receipt confirms no replay that was ordered after it", async () => {
  const shard = await shardWith([null]);
  const { receipt } = await poll(shard);
  await poll(shard, receipt);
  await shard.advance(1_000);
  const { pumps } = shard.stages.destinations;
  const entry = shard.stages.journal.read(0).entries[0]!;
  pumps.get("mail")!.interventions.requeue(entry, shard.clock.now(), "single");
  const replayed = await poll(shard, receipt);
  assert.deepEqual(replayed.numbers, [1]);
  await shard.advance(1_000);
  assert.equal(shard.report("mail").retrying, 1);
  await poll(shard, replayed.receipt);
  assert.equal(shard.report("mail").retrying, 0);
});

test("a receipt confirms no replay that waits for a poll which has hung up", async () => {
  const shard = await shardWith([null]);
  const { receipt } = await poll(shard);
  await poll(shard, receipt);
  await shard.advance(1_000);
  const hungUp = mailboxOf(shard).arrival(20_000);
  await shard.advance(0);
  const { interventions } = shard.stages.destinations.pumps.get("mail")!;
  interventions.requeue(shard.stages.journal.read(0).entries[0]!, shard.clock.now(), "single");
  shard.stages.runner.drain();
  await shard.advance(0);
  assert.equal(await hungUp, true);
  assert.deepEqual((await poll(shard, receipt)).numbers, [1]);
});

test("a receipt confirms no test after a restart, whether or not a poll has that", async () => {
  const shard = await shardWith([null]);
  const { event } = shard.stages.journal.read(0).entries[0]!;
  const before = mailboxOf(shard).test(event);
  const { receipt } = await poll(shard, null, 1);
  assert.ok(receipt.keys[0]! < 0);
  await poll(shard, receipt);
  assert.equal((await before).status, 200);
  for (const isTaken of [false, true]) {
    await shard.advance(1_000);
    await shard.start();
    const outcome = mailboxOf(shard).test(event);
    if (isTaken) await poll(shard, null, 1);
    await poll(shard, { ...receipt, at: shard.clock.now() }, 1);
    await shard.advance(10_000);
    assert.equal((await outcome).status, null);
  }
});

test("an event that is given up while a poll has it comes no more", async () => {
  const shard = await shardWith([null, null]);
  const { receipt } = await poll(shard, null, 1);
  const { interventions } = shard.stages.destinations.pumps.get("mail")!;
  const entry = shard.stages.journal.read(0).entries[0]!;
  assert.equal(
    shard.stages.storage.atomically(() => interventions.skip(entry, shard.clock.now(), say`skipped`)) ?? true,
    true,
  );
  await shard.advance(10_000);
  assert.deepEqual((await poll(shard, receipt)).numbers, [2]);
  assert.deepEqual([shard.report("mail").dead, shard.report("mail").delivered], [1, 0]);
});

for (const isTaken of [false, true])
  test(`a replay by range ends, though a delivery of it is given up${isTaken ? " that a poll has" : ""}`, async () => {
    const shard = await shardWith([null, null]);
    const { receipt } = await poll(shard);
    await poll(shard, receipt);
    await shard.advance(1_000);
    const { replays, orders, storage, destinations, journal } = shard.stages;
    const now = shard.clock.now();
    const filter = { destination: "mail", since: 0, until: now, choice: "all", orderedAt: now } as const;
    const part = { matched: 2, first: 0, last: journal.end };
    const id = orders.start({ ...filter, narrowing: "{}" }, 100, [part]);
    const offered = mailboxOf(shard).offer(2);
    await shard.clock.advance(0);
    assert.equal((await offered).length, 2);
    const taken = isTaken ? await poll(shard) : null;
    const { interventions } = destinations.pumps.get("mail")!;
    storage.atomically(() => interventions.skip(journal.read(0).entries[0]!, now, say`skipped`));
    const left = taken ?? (await poll(shard));
    await poll(shard, left.receipt);
    await shard.advance(2_000);
    const { state, sent, failed } = replays.find(id)!;
    assert.deepEqual([state, sent, failed], ["done", 1, 1]);
  });

for (const more of [{}, { on: ["*", "Relay.*"] }])
  test(`events that a poll has and never confirms are told of as expiring${"on" in more ? ", where relay events wait too" : ""}`, async () => {
    const shard = await new TestShard([{ ...rule, ...more }], { settings: { RETENTION_HOURS: "2" } }).start();
    for (let n = 0; n < 3; n++) await shard.append(null);
    assert.deepEqual((await poll(shard)).numbers, [1, 2, 3]);
    await shard.advance(59 * 60_000);
    assert.deepEqual(relayEvents(shard), []);
    await shard.advance(3 * 60_000);
    const [told, ...others] = relayEvents(shard);
    assert.equal(told?.command, "Relay.Expiring");
    assert.deepEqual([JSON.parse(told.body).destination, JSON.parse(told.body).waiting], ["mail", 3]);
    await shard.advance(30 * 60_000);
    assert.deepEqual(others, []);
  });

test("an event that waits is handed out no more when its day was dropped", async () => {
  const shard = await shardWith([null, null]);
  await mailboxOf(shard).offer(2);
  const { journal, destinations } = shard.stages;
  const [second] = journal.read(journal.read(0).next).entries;
  for (const destination of destinations.all.values()) destination.truncateBefore(second!.position, 0);
  journal.at = (position) => (position < second!.position ? null : second!);
  assert.deepEqual((await poll(shard)).numbers, [2]);
});

/** A destination with an order whose conversation catches up: another rule had failed there before. */
async function catchingUp(): Promise<TestShard> {
  const ordered = { ...rule, order: "conversation" };
  const shard = await new TestShard([
    { ...ordered, url: "http://127.0.0.1:9/", retry: ["10s", "1h"] },
  ]).start();
  shard.answer = () => ({ status: 500 });
  for (let n = 0; n < 3; n++) await shard.append("account:lan");
  await shard.advance(2_000);
  await shard.start([ordered]);
  await shard.advance(20_000);
  const head = await poll(shard);
  assert.deepEqual(head.numbers, [1]);
  mailboxOf(shard).confirm(head.receipt);
  return shard;
}

for (const isTaken of [false, true])
  test(`an erasure waits for no poll${isTaken ? " whose time is up" : ""}, where a conversation catches up`, async () => {
    const shard = await catchingUp();
    if (isTaken) assert.deepEqual((await poll(shard)).numbers, [2]);
    else await mailboxOf(shard).offer(1);
    const { eraser } = shard.stages;
    const counted = eraser.count("lan");
    await shard.clock.advance(0);
    eraser.begin({ id: "ers_1", target: "0", account: "lan", started: noon, ...(await counted) });
    await shard.advance(12_000);
    assert.equal(eraser.unfinished, false);
    assert.deepEqual((await poll(shard)).numbers, []);
    assert.deepEqual([shard.report("mail").dead, shard.report("mail").waiting], [2, 0]);
    await shard.append("account:minh");
    assert.equal((await poll(shard)).numbers.length, 1);
  });

test("an erasure waits for a poll once, though polls take the event again and again", async () => {
  const shard = await shardWith([]);
  // The first one has a row of its own; the others share one.
  await Promise.all([null, "account:lan", "account:lan", "account:lan"].map((one) => shard.append(one)));
  const mailbox = mailboxOf(shard);
  mailbox.confirm(mailbox.take(1));
  const taken: number[] = [];
  let isPolling = true;
  const polling = (async () => {
    while (isPolling) {
      await mailbox.arrival(4_000);
      taken.push(...mailbox.take(1).keys);
      await new Promise<void>((resolve) => void shard.clock.after(500, resolve));
    }
  })();
  await shard.clock.advance(0);
  const { eraser } = shard.stages;
  const counted = eraser.count("lan");
  await shard.clock.advance(0);
  const { matched } = await counted;
  assert.equal(matched, 3);
  eraser.begin({ id: "ers_1", target: "0", account: "lan", started: noon, ...(await counted) });
  await shard.advance(12_000);
  assert.equal(eraser.unfinished, false);
  assert.deepEqual([shard.report("mail").dead, shard.report("mail").waiting], [3, 0]);
  isPolling = false;
  await shard.advance(4_000);
  await polling;
  assert.equal(new Set(taken).size, 1, "events that no poll had are not handed out meanwhile");
});

test("a skipped event of a conversation that catches up is a dead letter, and the next one goes", async () => {
  const shard = await catchingUp();
  const { receipt } = await poll(shard);
  const { storage, destinations, journal } = shard.stages;
  const { interventions } = destinations.pumps.get("mail")!;
  let skipped = false;
  storage.atomically(() => {
    skipped = interventions.skip(journal.read(0).entries[1]!, shard.clock.now(), say`skipped`);
  });
  assert.ok(skipped);
  assert.deepEqual((await poll(shard, receipt)).numbers, [3]);
  assert.deepEqual([shard.report("mail").dead, shard.report("mail").delivered], [1, 1]);
});

test("a clock that is set back holds no event longer that a poll has", async () => {
  const shard = await shardWith([null]);
  const { receipt } = await poll(shard);
  await shard.advance(2_000);
  shard.clock.set(noon - 3_600_000);
  shard.stages.runner.drain();
  await shard.advance(0);
  const waiting = mailboxOf(shard).arrival(60_000);
  await shard.advance(12_000);
  assert.equal(await waiting, true);
  assert.deepEqual((await poll(shard)).numbers, [1]);
  await poll(shard, receipt);
  assert.equal(shard.report("mail").delivered, 1);
});

test("a paused destination gives no events, but takes confirmations; a test passes the pause", async () => {
  const shard = await shardWith([null, null]);
  const first = await poll(shard, null, 1);
  shard.stages.coordinator.steer("mail", "pause");
  assert.deepEqual((await poll(shard, first.receipt)).numbers, []);
  assert.equal(shard.report("mail").delivered, 1);
  assert.equal(shard.report("mail").state, "paused");
  const event = shard.stages.journal.read(0).entries[0]!.event;
  const outcome = mailboxOf(shard).test(event);
  const tested = await poll(shard);
  assert.equal(tested.numbers.length, 1);
  await shard.advance(100);
  await poll(shard, tested.receipt);
  assert.deepEqual([(await outcome).status, (await outcome).ms], [200, 100]);
  const unheard = mailboxOf(shard).test(event);
  await shard.advance(10_000);
  assert.equal((await unheard).error, "no poll has come for it");
});

test("without a poll for ten minutes the destination waits for a poller, also after a restart", async () => {
  const shard = await shardWith([null]);
  assert.deepEqual([shard.report("mail").state, shard.report("mail").awaits], ["paused", "poller"]);
  const { receipt } = await poll(shard);
  await poll(shard, receipt);
  assert.deepEqual([shard.report("mail").state, shard.report("mail").awaits], ["up", undefined]);
  await shard.advance(2_000);
  await shard.start();
  assert.equal(shard.report("mail").state, "up");
  await shard.advance(600_000);
  assert.equal(shard.report("mail").awaits, "poller");
});

test("events that the rule does not want are passed by, however many there are", async () => {
  const shard = await shardWith([], { match: { body: { n: [{ numeric: [">", 2_500] }] } } });
  for (let n = 0; n < 25; n++) await Promise.all(Array.from({ length: 100 }, () => shard.append()));
  await shard.append();
  assert.deepEqual((await poll(shard)).numbers, [2_501]);
});
