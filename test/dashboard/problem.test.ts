import assert from "node:assert/strict";
import { test } from "node:test";
import { readProblem } from "../../src/dashboard/overview/problem.ts";

const read = (sentence: string) => {
  const { head, rest, place } = readProblem(sentence, ["audit", "search"]);
  assert.equal(head + rest, sentence);
  return place && { head, ...place };
};

test("a problem of a destination leads to it", () => {
  assert.deepEqual(read("audit: is paused until it is resumed; 5 events wait"), {
    head: "audit",
    view: "destinations",
    item: "audit",
    query: {},
  });
});

test("a problem of an ask or answer rule leads to it", () => {
  assert.deepEqual(read("moderation: its backend does not answer and is not waited for"), {
    head: "moderation",
    view: "rules",
    item: "moderation",
    query: {},
  });
});

test("a mistake in the rules leads to the rules", () => {
  const place = { view: "rules", item: null, query: {} };
  assert.deepEqual(read("FORWARD_RULES[1].timeoutMs: expected a whole number from 1 to 60000, got 0"), {
    head: "FORWARD_RULES[1].timeoutMs",
    ...place,
  });
  assert.deepEqual(read("FORWARD_RULES is not JSON (line 1): none of its rules can be read"), {
    head: "FORWARD_RULES",
    ...place,
  });
});

test("quarantined events are listed", () => {
  assert.deepEqual(read("Group.CallbackAfterSendMsg: 3 events are quarantined because of MsgSeq"), {
    head: "Group.CallbackAfterSendMsg",
    view: "events",
    item: null,
    query: { filter: "state:quarantined command:Group.CallbackAfterSendMsg" },
  });
  assert.deepEqual(read("and 4 more commands and paths with quarantined events")?.query, {
    filter: "state:quarantined",
  });
});

test("where the page does not help, a problem is a sentence alone", () => {
  assert.equal(read("CALLBACK_TOKEN is not set: signatures are not checked"), null);
  assert.equal(read("shard 3 does not answer: it is overloaded"), null);
});
