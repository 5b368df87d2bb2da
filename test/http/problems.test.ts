import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { destinationProblems, misfitProblems } from "../../src/http/problems.ts";
import type { DestinationReport } from "../../src/shard/pump/report.ts";

const now = Date.parse("2026-11-26T08:00:00Z");
const minutesAgo = (minutes: number) => now - minutes * 60_000;
const minutesOn = (minutes: number) => now + minutes * 60_000;

const config = readConfig({
  SDK_APP_ID: "1400000000",
  RETENTION_HOURS: 24,
  FORWARD_RULES: [
    { name: "a", url: "https://hooks.example.com/tim" },
    { name: "off", url: "https://hooks.example.com/tim", enabled: false },
    { name: "wrong", url: "https://hooks.example.com/tim", secret: "$NOT_SET" },
    { name: "refuser", answer: { ErrorCode: 1 } },
  ],
});

const idle: DestinationReport = {
  name: "a",
  state: "up",
  waiting: 0,
  estimated: false,
  retrying: 0,
  dead: 0,
  expired: 0,
  delivered: 7,
  failed: 3,
  waitingSince: null,
  lastSuccessAt: null,
  lastError: null,
  heldUntil: null,
  full: false,
  delayed: 0,
  forgottenAt: null,
};

const problems = (report: Partial<DestinationReport>) =>
  destinationProblems({ ...idle, ...report }, config, now);

const cases: [what: string, report: Partial<DestinationReport>, sentences: string[]][] = [
  ["nothing waits", {}, []],
  ["events have just come", { waiting: 40, waitingSince: now - 900 }, []],
  ["a retry is due at once", { retrying: 1, lastError: "answered 500" }, []],
  [
    "the oldest event waits for more than a minute",
    { waiting: 40, waitingSince: minutesAgo(2) },
    ["a: 40 events wait, the oldest since 2026-11-26T07:58:00.000Z"],
  ],
  [
    "they are too many to be counted",
    { waiting: 5000, estimated: true, waitingSince: minutesAgo(2) },
    ["a: about 5000 events wait, the oldest since 2026-11-26T07:58:00.000Z"],
  ],
  [
    "half of the retention is over",
    { waiting: 1, waitingSince: minutesAgo(12 * 60 + 1) },
    ["a: its oldest event waits since 2026-11-25T19:59:00.000Z and will be dropped"],
  ],
  [
    "an event waits for its next attempt",
    { retrying: 2, delayed: 1, lastError: "answered 500" },
    ["a: 1 event waits for another attempt (answered 500)"],
  ],
  [
    "it is paused, and nothing waits",
    { state: "paused" },
    ["a: is paused until it is resumed; nothing waits"],
  ],
  [
    "it is paused, and all kinds of events wait",
    {
      state: "paused",
      waiting: 2,
      retrying: 1,
      delayed: 1,
      waitingSince: minutesAgo(5),
      dead: 1,
      expired: 1,
    },
    [
      "a: is paused until it is resumed; 3 events wait",
      "a: 1 dead letter",
      "a: 1 event was dropped before it could be delivered",
    ],
  ],
  [
    "it answered 410",
    { state: "disabled", waiting: 1, dead: 2, expired: 2 },
    [
      "a: answered 410 and is disabled until it is resumed; 1 event waits",
      "a: 2 dead letters",
      "a: 2 events were dropped before they could be delivered",
    ],
  ],
  [
    "its breaker is open",
    { state: "open", waiting: 90, retrying: 10, delayed: 10, estimated: true, lastError: "answered 503" },
    ["a: does not answer well (answered 503); about 100 events wait"],
  ],
  [
    "it asked for patience",
    {
      state: "open",
      waiting: 3,
      heldUntil: minutesOn(60),
      lastError: "answered 429 and asked to wait 3600 s",
    },
    ["a: is held until 2026-11-26T09:00:00.000Z, as it asked, or until it is resumed; 3 events wait"],
  ],
  [
    "as many conversations wait as may",
    {
      full: true,
      waiting: 300,
      retrying: 100,
      delayed: 100,
      waitingSince: minutesAgo(5),
      lastError: "answered 500",
    },
    [
      "a: 400 events wait: so many conversations wait for another attempt that no other events are sent (answered 500)",
    ],
  ],
  ["its patience is over", { heldUntil: minutesAgo(1) }, []],
  [
    "it redirects, to a host that is nobody's business",
    { state: "open", lastError: "answered 302 to internal.example.com:8443: redirects are not followed" },
    ["a: does not answer well (answered 302: redirects are not followed); nothing waits"],
  ],
  [
    "its rule is wrong",
    { name: "wrong", waiting: 6, waitingSince: minutesAgo(5) },
    ["wrong: 6 events wait until its rule is mended"],
  ],
  [
    "its rule is wrong, and it is paused besides",
    { name: "wrong", state: "paused", waiting: 5, retrying: 1 },
    ["wrong: 6 events wait until its rule is mended and it is resumed"],
  ],
  ["its rule is wrong, and nothing waits", { name: "wrong" }, []],
  [
    "its rule is switched off while events are in the retry list",
    { name: "off", retrying: 2, delayed: 2 },
    ["off: 2 events wait until its rule is switched on again"],
  ],
  [
    "no rule has its name any more",
    {
      name: "old",
      waiting: 3,
      retrying: 1,
      waitingSince: minutesAgo(20 * 60),
      forgottenAt: minutesOn(240),
      dead: 2,
    },
    [
      "old: no rule has this name any more, and 4 events for it wait until 2026-11-26T12:00:00.000Z; DELETE /api/destinations/old forgets all that",
    ],
  ],
  [
    "the rule of its name does not forward any more",
    { name: "refuser", waiting: 1 },
    [
      "refuser: no rule of this name forwards any more, and 1 event for it waits; DELETE /api/destinations/refuser forgets all that",
    ],
  ],
  [
    "no rule has its name any more, and nothing waits",
    { name: "old", dead: 2, expired: 9, state: "paused" },
    [],
  ],
];

for (const [what, report, sentences] of cases)
  test(`${what}: ${sentences.length} sentences`, () => assert.deepEqual(problems(report), sentences));

test("quarantined events are named by command and path, of all shards together, the most frequent first", () => {
  const command = "Group.CallbackAfterSendMsg";
  const shards = [
    [
      { command, path: "GroupId", count: 1 },
      { command, path: "MsgSeq", count: 20 },
    ],
    [
      { command, path: "MsgSeq", count: 20 },
      { command, path: "", count: 2 },
    ],
  ];
  assert.deepEqual(misfitProblems(shards), [
    `${command}: 40 events are quarantined because of MsgSeq`,
    `${command}: 2 events are quarantined because of the body`,
    `${command}: 1 event is quarantined because of GroupId`,
  ]);
  assert.deepEqual(misfitProblems([[], []]), []);
  const old = { command, path: "GroupId", count: 2, estimated: true } as const;
  assert.deepEqual(misfitProblems([[old], [{ command, path: "GroupId", count: 1 }]]), [
    `${command}: about 3 events are quarantined because of GroupId`,
  ]);
});

test("more than ten kinds of quarantined events are counted only", () => {
  const kinds = Array.from({ length: 13 }, (_, index) => ({
    command: "Test",
    path: `F${index}`,
    count: 13 - index,
  }));
  const told = misfitProblems([kinds]);
  assert.equal(told.length, 11);
  assert.equal(told[9], "Test: 4 events are quarantined because of F9");
  assert.equal(told[10], "and 3 more commands and paths with quarantined events");
});
