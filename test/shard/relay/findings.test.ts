/** The findings of a shard, from outside: what a report holds, and when there is one to make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tally } from "../../../src/shard/journal/relay-record.ts";
import { Findings } from "../../../src/shard/relay/findings.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const down = { since: now, failures: 10, lastError: "answered 500", waiting: 3 };

function deadLetters(count: number, event: string): Tally {
  return { command: "Relay.DeadLetter", of: "audit", count, latest: { lastError: "answered 400", event } };
}

/** The findings as the progress record gives them back. */
const restarted = ({ state }: Findings) => new Findings(JSON.parse(JSON.stringify(state)));

test("new findings have nothing to report", () => {
  const findings = new Findings();
  assert.deepEqual([findings.pending, findings.urgent], [false, false]);
});

test("a change of a destination is urgent, and a count is not", () => {
  const counting = new Findings();
  counting.count(deadLetters(1, "evt_1"));
  assert.deepEqual([counting.pending, counting.urgent], [true, false]);
  const changed = new Findings();
  changed.opened("audit", down);
  assert.deepEqual([changed.pending, changed.urgent], [true, true]);
});

test("counts of one kind are added up, and the last occurrence is named", () => {
  const findings = new Findings();
  findings.count(deadLetters(1, "evt_1"));
  findings.count(deadLetters(2, "evt_2"));
  findings.count({ ...deadLetters(5, "evt_3"), of: "feed" });
  assert.deepEqual(findings.seal(now).tallies, [
    deadLetters(3, "evt_2"),
    { ...deadLetters(5, "evt_3"), of: "feed" },
  ]);
});

test("findings that are taken back leave those of before as they were", () => {
  const findings = new Findings();
  findings.count(deadLetters(2, "evt_1"));
  findings.opened("audit", down);
  findings.differs({ command: "Group.X", path: "a", kind: "unknown field", seen: "string" });
  const before = findings.state;
  const copy = structuredClone(before);
  findings.count(deadLetters(1, "evt_2"));
  findings.opened("feed", down);
  findings.recovered("audit", 1);
  findings.forget("audit");
  findings.expire({ feed: { waiting: 1, oldest: now } });
  findings.differs({ command: "Group.X", path: "b", kind: "unknown field", seen: "string" });
  findings.seal(now);
  findings.heard();
  findings.restore(before);
  assert.deepEqual(findings.state, copy);
  assert.deepEqual(findings.seal(now).tallies, [deadLetters(2, "evt_1")]);
});

test("a report that was not heard is repeated as it is, also after a restart; later counts go into the next", () => {
  let findings = new Findings();
  findings.count(deadLetters(1, "evt_1"));
  const report = findings.seal(now);
  findings.count(deadLetters(4, "evt_2"));
  findings = restarted(findings);
  assert.deepEqual(findings.seal(now + 60_000), report);
  findings.heard();
  assert.equal(findings.pending, true);
  const next = findings.seal(now + 60_000);
  assert.deepEqual(next.tallies, [deadLetters(4, "evt_2")]);
  findings.heard();
  assert.equal(findings.pending, false);
});

test("numbers of reports grow, also where the clock was set back or the storage began anew", () => {
  const findings = new Findings();
  const numbers = [now, now, now - 3_600_000].map((at) => {
    findings.count(deadLetters(1, "evt_1"));
    const { number } = findings.seal(at);
    findings.heard();
    return number;
  });
  assert.ok(numbers[0]! < numbers[1]! && numbers[1]! < numbers[2]!, numbers.join());
  assert.ok(new Findings().seal(now + 1_000).number > numbers[2]!);
});

test("a destination is down until it recovers, and stands in reports until its recovery was heard", () => {
  const findings = new Findings();
  findings.opened("audit", down);
  assert.equal(findings.isDown("audit"), true);
  findings.seal(now);
  findings.heard();
  assert.deepEqual(findings.seal(now).down, { audit: down });
  findings.heard();
  findings.recovered("audit", 7);
  assert.equal(findings.isDown("audit"), false);
  assert.deepEqual(findings.seal(now).down, { audit: { ...down, waiting: 7, ended: true } });
  findings.heard();
  assert.deepEqual(findings.seal(now).down, {});
});

test("a destination that goes down again before its recovery was heard is down in the next report", () => {
  const findings = new Findings();
  findings.opened("audit", down);
  findings.recovered("audit", 0);
  findings.seal(now);
  findings.opened("audit", { ...down, since: now + 5 });
  findings.heard();
  assert.deepEqual(findings.seal(now + 10).down, { audit: { ...down, since: now + 5 } });
});

test("a name that is forgotten is neither down nor expiring, and an unknown one changes nothing", () => {
  const findings = new Findings();
  findings.opened("audit", down);
  findings.expire({ audit: { waiting: 1, oldest: now }, feed: { waiting: 1, oldest: now } });
  findings.forget("audit");
  const report = findings.seal(now);
  assert.deepEqual([report.down, Object.keys(report.expiring)], [{}, ["feed"]]);
  findings.heard();
  findings.forget("stranger");
  assert.equal(findings.pending, false);
});

test("of what expires, only other names are news", () => {
  const findings = new Findings();
  const one = { waiting: 1, oldest: now };
  assert.equal(findings.expire({ audit: one, feed: one }), true);
  assert.equal(findings.expire({ feed: { ...one, waiting: 9 }, audit: one }), false);
  assert.equal(findings.expire({ feed: one }), true);
});

test("at most 20 differences wait for a report", () => {
  const findings = new Findings();
  for (let n = 0; n < 30; n++)
    findings.differs({ command: "Group.X", path: `field${n}`, kind: "unknown field", seen: "string" });
  assert.equal(findings.seal(now).drift.length, 20);
});
