/** Relay events where a disk takes no row, or a crash follows a row at once: each finding is told, and told once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packEvent } from "../../../src/shard/journal/packed-event.ts";
import type { Report } from "../../../src/shard/journal/relay-record.ts";
import { eventWith } from "../../delivery/sample.ts";
import { TestShard } from "../test-shard.ts";
import { relayEvents } from "./told.ts";

const minute = 60_000;
const hour = 60 * minute;
const audit = { name: "audit", url: "https://audit.example.com/", retry: [] };
const difference = { path: "Unheard", kind: "unknown field", seen: "boolean" } as const;
const down = { since: 1, failures: 10, lastError: "answered 500", waiting: 3 };

const newShard = (options: ConstructorParameters<typeof TestShard>[1] = {}) =>
  new TestShard([audit], options).start();

/** The relay events with their bodies. */
const told = (shard: TestShard) => relayEvents(shard).map(({ command, body }) => [command, JSON.parse(body)]);

const names = (shard: TestShard) => told(shard).map(([command]) => command);

/** Lets minutes pass, then a crash, then minutes again. */
async function passWithCrash(shard: TestShard): Promise<void> {
  await shard.advance(2 * minute);
  await shard.start();
  await shard.advance(2 * minute);
}

test("a difference of an event that a full disk does not take is told once there is room", async () => {
  const shard = await newShard();
  const append = () => shard.append(null, {}, [], { drift: [difference] });
  shard.writable = false;
  for (let n = 0; n < 3; n++) await assert.rejects(append(), /readonly/);
  assert.deepEqual(shard.stages.drift.all, []);
  shard.writable = true;
  const { command } = await append();
  await append();
  await passWithCrash(shard);
  await append();
  await passWithCrash(shard);
  const { path, kind, seen: found } = difference;
  assert.deepEqual(told(shard), [["Relay.Drift", { command, path, kind, found }]]);
  const [{ count = 0 } = {}] = shard.stages.drift.all;
  assert.equal(count, 2, "a crash forgets less than half");
});

test("a difference of an event that a crash takes is told when the event comes again", async () => {
  const shard = await newShard();
  const event = eventWith({ receivedAt: shard.clock.now() });
  const lost = { ...packEvent(event, [1]), command: event.command, patient: true, drift: [difference] };
  void shard.stages.intake.append(lost);
  await shard.advance(10);
  await shard.start();
  assert.deepEqual(shard.stages.drift.all, []);
  await shard.append(null, {}, [], { drift: [difference] });
  await shard.start();
  await passWithCrash(shard);
  assert.deepEqual(names(shard), ["Relay.Drift"]);
});

test("dead letters are told where a crash comes right after the first", async () => {
  const shard = await newShard();
  shard.answer = () => ({ status: 400 });
  const { id: event } = await shard.append();
  assert.equal(shard.report("audit").dead, 1);
  await shard.start();
  await passWithCrash(shard);
  const [[command, body], ...others] = told(shard) as [[string, object]];
  assert.deepEqual(
    [command, body],
    ["Relay.DeadLetter", { destination: "audit", count: 1, lastError: "answered 400", event }],
  );
  assert.deepEqual(others, []);
});

test("of many dead letters only the first of a minute takes a row of its own", async () => {
  const shard = await newShard();
  shard.answer = () => ({ status: 400 });
  await shard.append();
  await shard.advance(2_000);
  const alone = () =>
    shard.sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM segment_20261122 WHERE count = 0").one()
      .rows;
  const before = alone();
  for (let n = 0; n < 10; n++) await shard.append();
  assert.equal(alone(), before);
  await shard.advance(2 * minute);
  assert.equal(relayEvents(shard).length, 1);
  assert.equal(JSON.parse(relayEvents(shard)[0]!.body).count, 11);
});

test("quarantined events are reported with one that is kept, though another was not", async () => {
  const shard = await newShard({ index: 1, settings: { SHARDS: "2" } });
  shard.cluster = { version: 3, shards: 2, paused: [], disabled: [] };
  await shard.advance(minute);
  const heard: Report[] = [];
  shard.hear = (_, report) => heard.push(structuredClone(report));
  const quarantined = () => shard.append(null, { quarantined: true }, ["GroupId"]);
  const { id } = await quarantined();
  shard.writable = false;
  await assert.rejects(quarantined(), /readonly/);
  shard.writable = true;
  await passWithCrash(shard);
  assert.deepEqual(
    heard.flatMap(({ tallies }) => tallies.map(({ count, latest }) => [count, latest.event])),
    [[1, id]],
  );
});

test("callbacks signed with an old token count once, however often their events are refused", async () => {
  const shard = await newShard();
  const tally = { "oldTokens:2": 1 };
  shard.writable = false;
  const twice = [1, 2].map(() => shard.append(null, {}, [], { tally, marks: [77] }));
  for (const { status } of await Promise.allSettled(twice)) assert.equal(status, "rejected");
  await shard.advance(minute);
  assert.equal(shard.stages.meter.counters["oldTokens:2"] ?? 0, 0);
  shard.writable = true;
  for (const marks of [[77], [77], [78]]) await shard.append(null, {}, [], { tally, marks });
  assert.equal(shard.stages.meter.counters["oldTokens:2"], 3);
  assert.equal(shard.stages.meter.counters.duplicates, 1);
  await shard.advance(1_000);
  await shard.start();
  await passWithCrash(shard);
  assert.deepEqual(told(shard), [["Relay.OldToken", { position: 2, count: 3 }]]);
});

const report: Report = {
  number: 7,
  down: { audit: down },
  expiring: {},
  tallies: [
    { command: "Relay.DeadLetter", of: "audit", count: 4, latest: { lastError: "", event: "evt_1" } },
  ],
  drift: [{ command: "Group.CallbackAfterSendMsg", ...difference }],
};

test("a report that shard 0 cannot write down is not heard, and is heard once when it is repeated", async () => {
  const shard = await newShard();
  const { relay } = shard.stages;
  shard.writable = false;
  for (let n = 0; n < 30; n++) assert.throws(() => relay.hear(1, report), /readonly/);
  assert.deepEqual([shard.stages.drift.all, relay.unfinished], [[], false]);
  shard.writable = true;
  relay.hear(1, report);
  await shard.start();
  shard.stages.relay.hear(1, report);
  await passWithCrash(shard);
  shard.stages.relay.hear(1, report);
  await passWithCrash(shard);
  assert.deepEqual(names(shard).sort(), ["Relay.DeadLetter", "Relay.DestinationDown", "Relay.Drift"]);
});

test("news of a Worker that shard 0 cannot write down are refused, and told once when they are repeated", async () => {
  const shard = await newShard();
  const notices = [
    { kind: "refused", reason: "signature", count: 12 },
    {
      kind: "backend",
      state: {
        rule: "moderation",
        down: { failures: 10, lastError: "no verdict" },
        invalid: { count: 10, reason: "no JSON" },
      },
    },
  ] as const;
  const tell = () => {
    for (const notice of notices) shard.stages.relay.notice(notice);
  };
  shard.writable = false;
  for (const notice of notices) assert.throws(() => shard.stages.relay.notice(notice), /readonly/);
  await shard.advance(2 * minute);
  shard.writable = true;
  tell();
  await shard.start();
  await passWithCrash(shard);
  assert.deepEqual(
    told(shard).map(([command, { count = null }]) => [command, count]),
    [
      ["Relay.BackendDown", null],
      ["Relay.SignatureRefused", 12],
      ["Relay.VerdictsInvalid", 10],
    ],
  );
});

test("what shard 0 finds while too much waits to be told is told once there is room", async () => {
  const shard = await newShard();
  const { relay } = shard.stages;
  const act = (n: number) =>
    relay.notice({ kind: "action", body: { action: "paused", target: `name${n}`, by: "9f86d081" } });
  shard.writable = false;
  for (let n = 0; n < 200; n++) assert.throws(() => act(n), /readonly/);
  assert.throws(() => act(200), /too many relay events wait/);
  assert.throws(() => relay.hear(1, report), /too many relay events wait/);
  relay.down("audit", () => down);
  await shard.advance(5 * minute);
  relay.recovered("audit", 0);
  await shard.advance(minute);
  relay.down("audit", () => down);
  shard.writable = true;
  relay.hear(1, { ...report, down: {} });
  await passWithCrash(shard);
  const found = names(shard);
  assert.equal(found.filter((name) => name === "Relay.Action").length, 200);
  assert.deepEqual(found.filter((name) => name !== "Relay.Action").sort(), [
    "Relay.DeadLetter",
    "Relay.DestinationDown",
    "Relay.Drift",
  ]);
});

test("another shard with a full disk reports once there is room, and once", async () => {
  const shard = await newShard({ index: 1, settings: { SHARDS: "2" } });
  shard.cluster = { version: 3, shards: 2, paused: [], disabled: [] };
  await shard.advance(minute);
  const heard: Report[] = [];
  shard.hear = (_, report) => heard.push(structuredClone(report));
  shard.writable = false;
  shard.stages.relay.down("audit", () => down);
  await shard.advance(3 * minute);
  assert.deepEqual(heard, []);
  shard.writable = true;
  await passWithCrash(shard);
  assert.deepEqual(
    heard.map(({ down }) => Object.keys(down)),
    [["audit"]],
  );
});

test("events that expire are told of where a crash comes right after their day was dropped", async () => {
  const shard = await newShard({ settings: { RETENTION_HOURS: "1" } });
  shard.stages.coordinator.steer("audit", "pause");
  await shard.append();
  shard.clock.set(shard.clock.now() + 14 * hour);
  const dropped = shard.stages.retention.run();
  await shard.clock.advance(0);
  await dropped;
  assert.equal(shard.report("audit").expired, 1);
  await shard.start();
  await passWithCrash(shard);
  assert.deepEqual(told(shard), [["Relay.Expired", { destination: "audit", count: 1 }]]);
});
