/** Refusals in groups and words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf, wordsOf } from "../../src/cli/verdicts/refusals.ts";
import { periodWords } from "../../src/cli/verdicts/report.ts";
import type { Event } from "../../src/client/index.js";
import { withTimes } from "../support/moment.ts";

function refused(id: string, rule: string | null, code: number, how: string, from: string | null): Event {
  return {
    ...{ id, from, command: "Group.CallbackBeforeSendMsg", receivedAt: `2026-11-27T08:00:0${id}.000Z` },
    verdict: { rule, code, how, ms: 1 },
  } as unknown as Event;
}

test("refusals are counted by rule, code and cause, with their accounts and the latest one", () => {
  const parts = partsOf([
    refused("5", "moderation", 1, "timeout", "an"),
    refused("4", "no-links", 1, "rule", "minh"),
    refused("3", "no-links", 1, "rule", "minh"),
    refused("2", "no-links", 2, "rule", null),
    refused("1", "no-links", 1, "rule", "lan"),
  ]);
  assert.deepEqual(
    parts.map(({ rule, code, how, count, accounts, latest }) => [
      rule,
      code,
      how,
      count,
      accounts,
      latest.id,
    ]),
    [
      ["no-links", 1, "rule", 3, 2, "4"],
      ["moderation", 1, "timeout", 1, 1, "5"],
      ["no-links", 2, "rule", 1, 1, "2"],
    ],
  );
});

test("the words of a message stand beside the types of its other elements", () => {
  const text = (Text: unknown) => ({ MsgType: "TIMTextElem", MsgContent: { Text } });
  assert.equal(wordsOf({ MsgBody: [text("hello"), { MsgType: "TIMImageElem" }] }), "hello [TIMImageElem]");
  assert.equal(wordsOf({ MsgBody: [text(1), null] }), "[TIMTextElem] [undefined]");
  for (const body of [{}, { MsgBody: [] }, { MsgBody: "hello" }]) assert.equal(wordsOf(body), null);
});

test("a period is said with the ends that it has", () => {
  const now = Date.parse("2026-11-27T12:00:00Z");
  const [since, until] = ["2026-11-27T10:00:00Z", "2026-11-27T11:00:00Z"];
  assert.match(periodWords({ since }, now), withTimes(/^since <time> \(2h ago\)$/));
  assert.match(periodWords({ since, until }, now), withTimes(/^from <time> to <time>$/));
  assert.match(periodWords({ until }, now), withTimes(/^before <time>$/));
  assert.equal(periodWords({}, now), "in all that is kept");
});
