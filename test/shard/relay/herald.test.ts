/** What shard 0 tells of the reports of all shards, from outside: reports and times go in, relay events come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Difference, Down, Report, Tally } from "../../../src/shard/journal/relay-record.ts";
import { Herald } from "../../../src/shard/relay/herald.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const minute = 60_000;
const hour = 60 * minute;
const retentionMs = 48 * hour;
const down: Down = { since: now, failures: 10, lastError: "answered 500", waiting: 3 };
const ended = { ...down, waiting: 5, ended: true } as const;
const everyIsNew = () => true;

let number = 0;

function report(part: Partial<Report> = {}): Report {
  return { number: ++number, down: {}, expiring: {}, tallies: [], drift: [], ...part };
}

function hear(herald: Herald, shard: number, part: Partial<Report>, at = now): void {
  herald.hear(shard, report(part), everyIsNew, at);
}

/** The names of the relay events that it has to tell, and their bodies. */
function told(herald: Herald): [string, Readonly<Record<string, unknown>>][] {
  return herald.take().map(({ command, body }) => [command, body]);
}

const names = (herald: Herald) => told(herald).map(([name]) => name);

/** The herald as the progress record gives it back. */
const restarted = ({ state }: Herald) => new Herald(retentionMs, JSON.parse(JSON.stringify(state)));

const letters = (count: number): Tally => ({
  command: "Relay.DeadLetter",
  of: "audit",
  count,
  latest: { lastError: "answered 400", event: `evt_${count}` },
});

test("a destination that two shards find down is told of once, with the waiting events of those that say so", () => {
  const herald = new Herald(retentionMs);
  hear(herald, 0, { down: { audit: { ...down, since: now + 5 } } });
  assert.deepEqual(told(herald), [
    [
      "Relay.DestinationDown",
      {
        destination: "audit",
        since: "2026-11-27T12:00:00.005Z",
        failures: 10,
        lastError: "answered 500",
        waiting: 3,
      },
    ],
  ]);
  hear(herald, 1, { down: { audit: down } });
  assert.deepEqual(names(herald), []);
});

test("a destination has recovered when the last shard finds so, and after a restart neither is told again", () => {
  let herald = new Herald(retentionMs);
  hear(herald, 0, { down: { audit: down } });
  hear(herald, 1, { down: { audit: down } });
  herald.take();
  herald = restarted(herald);
  hear(herald, 1, { down: { audit: ended } }, now + 2_000);
  assert.deepEqual(names(herald), []);
  hear(herald, 0, { down: { audit: ended } }, now + 9_000);
  assert.deepEqual(told(herald), [
    ["Relay.DestinationRecovered", { destination: "audit", downMs: 9_000, waiting: 5 }],
  ]);
  herald = restarted(herald);
  hear(herald, 0, {}, now + 10_000);
  assert.deepEqual(names(herald), []);
});

test("a destination that goes down anew is told of anew", () => {
  const herald = new Herald(retentionMs);
  hear(herald, 1, { down: { audit: down } });
  hear(herald, 1, { down: { audit: ended } });
  hear(herald, 1, { down: { audit: down } });
  assert.deepEqual(names(herald), [
    "Relay.DestinationDown",
    "Relay.DestinationRecovered",
    "Relay.DestinationDown",
  ]);
});

test("a name that is forgotten has not recovered, and is told of anew when it is down again", () => {
  const herald = new Herald(retentionMs);
  hear(herald, 0, { down: { audit: down } });
  hear(herald, 0, {});
  hear(herald, 0, { down: { audit: down } });
  assert.deepEqual(names(herald), ["Relay.DestinationDown", "Relay.DestinationDown"]);
});

test("a clock that was set back gives no negative time", () => {
  const herald = new Herald(retentionMs);
  hear(herald, 0, { down: { audit: down } });
  herald.take();
  hear(herald, 0, { down: { audit: ended } }, now - hour);
  assert.equal(told(herald)[0]![1].downMs, 0);
});

test("a report that was heard already changes nothing", () => {
  const herald = new Herald(retentionMs);
  const once = report({ down: { audit: down }, tallies: [letters(2)] });
  herald.hear(1, once, everyIsNew, now);
  assert.deepEqual(names(herald), ["Relay.DestinationDown"]);
  restarted(herald).hear(1, once, everyIsNew, now);
  herald.hear(1, once, everyIsNew, now);
  assert.equal(herald.endMinutes(now + minute), true);
  assert.equal(told(herald)[0]![1].count, 2);
});

test("counts of all shards within a minute are told at its end, once, with the last occurrence", () => {
  const herald = new Herald(retentionMs);
  hear(herald, 0, { tallies: [letters(1)] });
  hear(herald, 1, { tallies: [letters(4)] }, now + 30_000);
  assert.equal(herald.nextAt, now + minute);
  assert.equal(herald.endMinutes(now + minute - 1), false);
  assert.equal(herald.endMinutes(now + minute), true);
  assert.deepEqual(told(herald), [
    ["Relay.DeadLetter", { destination: "audit", count: 5, lastError: "answered 400", event: "evt_4" }],
  ]);
  assert.equal(herald.nextAt, null);
  assert.equal(herald.endMinutes(now + 2 * minute), false);
});

test("a minute outlives a restart, and one that a clock set back leaves in the future ends at once", () => {
  let herald = new Herald(retentionMs);
  hear(herald, 0, { tallies: [letters(1)] });
  herald = restarted(herald);
  assert.equal(herald.endMinutes(now - hour), true);
  assert.deepEqual(names(herald), ["Relay.DeadLetter"]);
});

test("ten refused signatures within a minute are no news, eleven are", () => {
  const herald = new Herald(retentionMs);
  const refused = (count: number) => ({
    command: "Relay.SignatureRefused" as const,
    of: "signature",
    count,
    latest: {},
  });
  herald.count(refused(10), now);
  herald.endMinutes(now + minute);
  assert.deepEqual(told(herald), []);
  herald.count(refused(10), now + minute);
  herald.count(refused(1), now + minute);
  herald.endMinutes(now + 2 * minute);
  assert.deepEqual(told(herald), [["Relay.SignatureRefused", { reason: "signature", count: 11 }]]);
});

test("an old token is told of once an hour, each by its position", () => {
  const herald = new Herald(retentionMs);
  const signed = (of: number, at: number) =>
    herald.count({ command: "Relay.OldToken", of, count: 1, latest: {} }, at);
  signed(2, now);
  herald.endMinutes(now + minute);
  assert.deepEqual(told(herald), [["Relay.OldToken", { position: 2, count: 1 }]]);
  signed(2, now + 2 * minute);
  signed(3, now + 2 * minute);
  signed(2, now + 30 * minute);
  herald.endMinutes(now + 40 * minute);
  assert.deepEqual(told(herald), [["Relay.OldToken", { position: 3, count: 1 }]]);
  herald.endMinutes(now + minute + hour);
  assert.deepEqual(told(herald), [["Relay.OldToken", { position: 2, count: 2 }]]);
  // The clock is set back by a day.
  signed(2, now - 24 * hour);
  assert.equal(herald.nextAt, now - 23 * hour);
});

test("what expires is told of once over all shards, and again only after it was sent", () => {
  let herald = new Herald(retentionMs);
  hear(herald, 0, { expiring: { audit: { waiting: 2, oldest: now } } });
  assert.deepEqual(told(herald), [
    [
      "Relay.Expiring",
      {
        destination: "audit",
        waiting: 2,
        oldest: "2026-11-27T12:00:00.000Z",
        expiresAt: "2026-11-29T12:00:00.000Z",
      },
    ],
  ]);
  hear(herald, 1, { expiring: { audit: { waiting: 9, oldest: now } } });
  hear(herald, 0, {});
  herald = restarted(herald);
  hear(herald, 0, { expiring: { audit: { waiting: 2, oldest: now } } });
  assert.deepEqual(names(herald), []);
  hear(herald, 0, {});
  hear(herald, 1, {});
  hear(herald, 1, { expiring: { audit: { waiting: 2, oldest: now } } });
  assert.deepEqual(names(herald), ["Relay.Expiring"]);
});

test("a disabled destination is told of once, and again only after it was resumed", () => {
  let herald = new Herald(retentionMs);
  assert.equal(herald.disabled(["audit"]), true);
  herald = restarted(herald);
  assert.equal(herald.disabled(["audit"]), false);
  assert.equal(herald.disabled(["audit", "feed"]), true);
  assert.deepEqual(
    told(herald).map(([, { destination }]) => destination),
    ["audit", "feed"],
  );
  assert.equal(herald.disabled([]), true);
  assert.deepEqual(names(herald), []);
  herald.disabled(["audit"]);
  assert.deepEqual(names(herald), ["Relay.DestinationDisabled"]);
});

test("a backend that many isolates find down is told of once, and so is its recovery", () => {
  const herald = new Herald(retentionMs);
  const failing = { rule: "moderation", down: { failures: 10, lastError: "late" } };
  assert.equal(herald.backend(failing, now), true);
  assert.equal(herald.backend(failing, now), false);
  assert.equal(herald.backend({ rule: "moderation", down: null }, now + 61_000), true);
  assert.equal(herald.backend({ rule: "moderation", down: null }, now + 61_000), false);
  assert.deepEqual(told(herald), [
    ["Relay.BackendDown", { rule: "moderation", failures: 10, lastError: "late" }],
    ["Relay.BackendRecovered", { rule: "moderation", downMs: 61_000 }],
  ]);
});

test("invalid verdicts are told of again only after an answer that could be read", () => {
  const herald = new Herald(retentionMs);
  const invalid = { rule: "moderation", invalid: { count: 10, reason: "no JSON" } };
  const tellAfter = (at: number) => {
    herald.endMinutes(at);
    return names(herald);
  };
  assert.equal(herald.backend(invalid, now), true);
  assert.equal(herald.backend(invalid, now), false);
  assert.deepEqual(tellAfter(now + minute), ["Relay.VerdictsInvalid"]);
  assert.equal(herald.backend(invalid, now + minute), false);
  assert.deepEqual(tellAfter(now + 2 * minute), []);
  herald.backend({ rule: "moderation", invalid: null }, now + 2 * minute);
  herald.backend(invalid, now + 2 * minute);
  assert.deepEqual(tellAfter(now + 3 * minute), ["Relay.VerdictsInvalid"]);
});

test("a difference that another shard has met is not told, and of new ones 20 a minute", () => {
  const herald = new Herald(retentionMs);
  const drift: Difference[] = Array.from({ length: 30 }, (_, n) => ({
    command: "Group.X",
    path: `field${n}`,
    kind: "unknown field",
    seen: "string",
  }));
  herald.hear(1, report({ drift }), ({ path }) => path !== "field0", now);
  const paths = told(herald).map(([, { path }]) => path);
  assert.deepEqual([paths.length, paths[0]], [20, "field1"]);
  herald.hear(1, report({ drift: drift.slice(0, 1) }), everyIsNew, now + minute);
  assert.deepEqual(told(herald), [
    ["Relay.Drift", { command: "Group.X", path: "field0", kind: "unknown field", found: "string" }],
  ]);
});

test("relay events that the journal did not take wait in their order, also over a restart", () => {
  let herald = new Herald(retentionMs);
  const act = (target: string) => herald.action({ action: "paused", target, by: "9f86d081" });
  act("first");
  const tellings = herald.take();
  act("second");
  herald.putBack(tellings);
  herald = restarted(herald);
  assert.equal(herald.waits, true);
  const targets = () => told(herald).map(([, { target }]) => target);
  assert.deepEqual(targets(), ["first", "second"]);
  assert.equal(herald.waits, false);
});

test("a herald is full once 200 relay events wait, until the journal has taken them", () => {
  const herald = new Herald(retentionMs);
  for (let n = 0; n < 200; n++) {
    assert.equal(herald.full, false);
    herald.action({ action: "paused", target: `${n}`, by: "9f86d081" });
  }
  assert.equal(herald.full, true);
  assert.equal(herald.take().length, 200);
  assert.equal(herald.full, false);
});

test("changes that are taken back are as if they had not been, also those that count towards a bound", () => {
  const herald = new Herald(retentionMs);
  hear(herald, 1, { down: { audit: down }, tallies: [letters(2)] });
  herald.take();
  const copy = structuredClone(herald.state);
  const drift: Difference[] = [{ command: "Group.X", path: "a", kind: "unknown field", seen: "string" }];
  const changes = { down: { feed: down }, tallies: [letters(1)], drift };
  for (let n = 0; n < 30; n++) {
    const before = herald.remember();
    hear(herald, 1, changes);
    herald.backend({ rule: "moderation", down: { failures: 10, lastError: "" } }, now);
    herald.restore(before);
    assert.deepEqual(herald.state, copy);
  }
  hear(herald, 1, { drift });
  assert.deepEqual(names(herald), ["Relay.Drift"]);
});
