/** The filter of a list of events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event, Verdict } from "../../src/callback/event.ts";
import { anyEvent, type EventQuery, eventFilter } from "../../src/shard/query/filter.ts";

const everything: EventQuery = {
  ...anyEvent,
  before: Number.MAX_SAFE_INTEGER,
  limit: 50,
};

const event: Event = {
  id: "evt_000000000000000000000000",
  command: "Group.CallbackBeforeSendMsg",
  phase: "before",
  known: true,
  valid: true,
  quarantined: false,
  app: "1400000000",
  conversation: "group:@TGS#1",
  receivedAt: 1_794_160_000_000,
  clientIp: null,
  platform: null,
  query: "",
  body: "{}",
  size: 2,
  issues: [],
};

const finds = (query: Partial<EventQuery>, more: Partial<Event>) =>
  eventFilter({ ...everything, ...query }, 0).fits({ ...event, ...more });

test("relay events are found only by a command that begins with Relay.", () => {
  const relayed = { app: "relay", command: "Relay.DestinationDown", conversation: "relay:audit" };
  for (const command of ["Relay.*", "Relay.DestinationDown", "Relay.Dest*"])
    assert.equal(finds({ command }, relayed), true, command);
  for (const command of [null, "*", "*.DestinationDown", "R*", "Relay.Test"])
    assert.equal(finds({ command }, relayed), false, String(command));
  assert.equal(finds({ conversation: "relay:audit" }, relayed), false);
  assert.equal(
    finds({ command: "Relay.*" }, { command: "Relay.Strange" }),
    true,
    "a callback of such a name",
  );
  assert.equal(finds({}, { command: "Relay.Strange" }), true);
});

test("verdicts are found by what Tencent was told, by how they came about, and by their code", () => {
  const verdict: Verdict = { rule: "no-links", code: 10_016, ms: 0, how: "rule", shadows: [] };
  const refused = { verdict };
  const allowed = { verdict: { ...verdict, code: 0, how: "timeout" as const } };
  assert.deepEqual(
    (["allow", "refuse", "rule", "timeout", "default"] as const).map((asked) => [
      finds({ verdict: asked }, refused),
      finds({ verdict: asked }, allowed),
      finds({ verdict: asked }, {}),
    ]),
    [
      [false, true, false],
      [true, false, false],
      [true, false, false],
      [false, true, false],
      [false, false, false],
    ],
  );
  assert.deepEqual(
    [10_016, 0].map((code) => [finds({ code }, refused), finds({ code }, allowed), finds({ code }, {})]),
    [
      [true, false, false],
      [false, true, false],
    ],
  );
});
