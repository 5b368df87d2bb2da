/** Relay events on a shard without a platform: the destinations that get them cause no further ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "../../../src/shard/journal/relay-record.ts";
import { TestShard } from "../test-shard.ts";
import { relayEvents } from "./told.ts";

const hour = 3_600_000;

const pager = { name: "pager", on: "Relay.*", url: "https://pager.example.com/", retry: [] };
const both = { name: "both", on: ["Group.*", "Relay.*"], url: "https://both.example.com/", retry: [] };

/** The relay events, each with the thing that it is about. */
function told(shard: TestShard): string[] {
  return relayEvents(shard).map(({ command, body }) => {
    const { destination, target } = JSON.parse(body);
    return `${command} ${destination ?? target}`;
  });
}

function act({ stages: { relay } }: TestShard, target = "rpl_1"): void {
  relay.notice({ kind: "action", body: { action: "cancelled", target, by: "9f86d081" } });
}

/** Answers each post of relay events to a destination with a status, and others with 200. */
function refuseRelayTo(shard: TestShard, name: string, status: number): void {
  shard.answer = ({ address, body }) => ({
    status: address.url.includes(name) && body.includes('"type":"Relay.') ? status : 200,
  });
}

test("a 410 to a relay event disables a destination that gets callbacks too, and that is told once", async () => {
  const shard = await new TestShard([both, pager]).start();
  refuseRelayTo(shard, "both", 410);
  act(shard);
  await shard.advance(31_000);
  assert.equal(shard.report("both").state, "disabled");
  const expected = ["Relay.Action rpl_1", "Relay.DestinationDisabled both"];
  assert.deepEqual(told(shard), expected);
  const paged = shard.posts
    .filter(({ address }) => address.url === pager.url)
    .map(({ body }) => JSON.parse(body).type);
  assert.deepEqual(paged, ["Relay.Action", "Relay.DestinationDisabled"]);
  await shard.start();
  await shard.advance(hour);
  assert.deepEqual(told(shard), expected);
});

test("a 410 is told at once, though nothing else happens and the destination is resumed soon", async () => {
  const shard = await new TestShard([both]).start();
  shard.answer = () => ({ status: 410 });
  await shard.append();
  await shard.advance(100);
  shard.answer = () => ({ status: 200 });
  shard.stages.coordinator.steer("both", "resume");
  shard.stages.runner.drain();
  await shard.advance(100);
  assert.equal(shard.report("both").state, "up");
  assert.deepEqual(told(shard), ["Relay.DestinationDisabled both"]);
});

test("of a destination that gets relay events alone, nothing is told", async () => {
  for (const status of [410, 500, 400]) {
    const shard = await new TestShard([pager]).start();
    refuseRelayTo(shard, "pager", status);
    for (let n = 0; n < 12; n++) act(shard, `rpl_${n}`);
    await shard.advance(10 * 60_000);
    assert.equal(told(shard).length, 12, `${status}: ${told(shard)}`);
  }
});

test("a relay event that is given up, or that opens a breaker, causes none", async () => {
  for (const status of [400, 500]) {
    const shard = await new TestShard([both, pager]).start();
    refuseRelayTo(shard, "both", status);
    for (let n = 0; n < 12; n++) act(shard, `rpl_${n}`);
    await shard.advance(10 * 60_000);
    assert.equal(told(shard).length, 12, `${status}: ${told(shard)}`);
  }
});

const settings = { RETENTION_HOURS: "24" };

test("relay events that wait for long, and are lost, cause none", async () => {
  const shard = await new TestShard([both], { settings }).start();
  shard.stages.coordinator.steer("both", "pause");
  act(shard);
  await shard.advance(4 * 24 * hour);
  assert.equal(shard.report("both").expired, 1);
  assert.deepEqual(told(shard), []);
});

test("of callbacks that wait among relay events is told, and those that are lost are counted alone", async () => {
  const shard = await new TestShard([both], { settings }).start();
  shard.stages.coordinator.steer("both", "pause");
  act(shard);
  await shard.append();
  await shard.append();
  await shard.advance(14 * hour);
  assert.deepEqual(told(shard), ["Relay.Action rpl_1", "Relay.Expiring both"]);
  await shard.advance(24 * hour);
  const expired = relayEvents(shard).filter(({ command }) => command === "Relay.Expired");
  assert.deepEqual(
    expired.map(({ body }) => JSON.parse(body)),
    [{ destination: "both", count: 2 }],
  );
  await shard.advance(5 * 24 * hour);
  assert.deepEqual(told(shard), []);
});

test("another shard tells shard 0, and keeps no relay event; a report that is lost is repeated as it was", async () => {
  const shard = await new TestShard([both], { index: 1, settings: { SHARDS: "2" } }).start();
  shard.cluster = { version: 3, shards: 2, paused: [], disabled: [] };
  const heard: Report[] = [];
  shard.hear = (from, report) => {
    assert.equal(from, 1);
    heard.push(structuredClone(report));
    if (heard.length < 3) throw new Error("the answer is lost");
  };
  await shard.advance(31_000);
  shard.answer = () => ({ status: 400 });
  await shard.append();
  await shard.advance(60_000);
  await shard.start();
  await shard.advance(10 * 60_000);
  assert.equal(heard.length, 3);
  assert.deepEqual(heard[1], heard[0]);
  assert.deepEqual(heard[2], heard[0]);
  assert.deepEqual(
    heard[0]!.tallies.map(({ command, of, count }) => [command, of, count]),
    [["Relay.DeadLetter", "both", 1]],
  );
  assert.deepEqual(told(shard), []);
});

test("another shard tells shard 0 of what goes on and on: counts within half a minute, a destination that is down soon", async () => {
  const misfit = { quarantined: true, issues: [{ path: "GroupId", message: "is missing" }] };
  const shard = await new TestShard([both], { index: 1, settings: { SHARDS: "2" } }).start();
  shard.cluster = { version: 3, shards: 2, paused: [], disabled: [] };
  const counted: number[] = [];
  const heardDown: number[] = [];
  shard.hear = (_, { tallies, down }) => {
    for (const { command, count } of tallies) if (command === "Relay.Quarantined") counted.push(count);
    if (down.both) heardDown.push(shard.clock.now());
  };
  await shard.advance(31_000);
  const goOn = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await shard.append(null, misfit, ["GroupId"]);
      await shard.advance(940);
    }
  };
  await goOn(120);
  const told = counted.reduce((sum, count) => sum + count, 0);
  assert.ok(told >= 90, `${told} of 120 are told`);
  assert.ok(counted.length <= 8, `in ${counted.length} reports`);
  shard.answer = () => ({ status: 500 });
  for (let event = 0; event < 12; event++) await shard.append();
  const downAt = shard.clock.now();
  await goOn(10);
  assert.ok(heardDown[0]! - downAt <= 5_000, `after ${heardDown[0]! - downAt} ms`);
});

test("another shard tells shard 0 soon of what grows old while a report is on its way", async () => {
  const settings = { SHARDS: "2", RETENTION_HOURS: "1" };
  const shard = await new TestShard([both], { index: 1, settings }).start();
  shard.cluster = { version: 3, shards: 2, paused: ["both"], disabled: [] };
  const answer = Promise.withResolvers<void>();
  const expiring: string[][] = [];
  shard.hear = async (_, report) => {
    expiring.push(Object.keys(report.expiring));
    await answer.promise;
  };
  await shard.advance(31_000);
  await shard.append();
  await shard.advance(29.9 * 60_000);
  await shard.append(null, { quarantined: true, issues: [] }, ["GroupId"]);
  await shard.advance(120_000);
  assert.deepEqual(expiring, [[]]);
  shard.alarmAt = null;
  shard.stages.schedule.fired();
  answer.resolve();
  await shard.advance(1_000);
  assert.deepEqual(expiring, [[], ["both"]]);
  assert.notEqual(shard.alarmAt, Number.POSITIVE_INFINITY);
});

test("actions that a full disk does not take are told once there is room, and not again after a crash", async () => {
  const shard = await new TestShard([both]).start();
  shard.writable = false;
  assert.throws(() => act(shard), /readonly/, "its Worker writes it to the log");
  await shard.advance(1_000);
  assert.deepEqual(told(shard), []);
  shard.writable = true;
  // Another row is written first, and records that the event still waits.
  await shard.append();
  await shard.advance(60_000);
  assert.deepEqual(told(shard), ["Relay.Action rpl_1"]);
  await shard.start();
  await shard.advance(10 * 60_000);
  assert.deepEqual(told(shard), ["Relay.Action rpl_1"]);
});
