import assert from "node:assert/strict";
import { test } from "node:test";
import { isTailed, readFilter, suggestions, writeFilter } from "../../src/dashboard/events/filter.ts";

test("a filter is read as keys with values, and words of a message", () => {
  assert.deepEqual(readFilter('command:Group.* state:dead "see you" tomorrow'), {
    command: "Group.*",
    state: "dead",
    text: "see you tomorrow",
  });
  assert.deepEqual(readFilter('conversation:"group:a b" text:晚上好'), {
    conversation: "group:a b",
    text: "晚上好",
  });
  assert.deepEqual(readFilter("  "), {});
});

test("an unknown key is a word of the message: people search for links and times", () => {
  assert.deepEqual(readFilter("http://spam.example.com 12:30"), { text: "http://spam.example.com 12:30" });
});

test("an open quotation mark goes to the end", () => {
  assert.deepEqual(readFilter('text:"see you'), { text: "see you" });
});

test("a filter that is written is read as itself", () => {
  const filter = { command: "C2C.*", account: "lan", text: "see you", since: "2h" };
  assert.deepEqual(readFilter(writeFilter(filter)), filter);
});

test("keys are suggested, then the values of the key", () => {
  const known = { command: ["C2C.CallbackAfterSendMsg", "Group.*", "Group.CallbackAfterSendMsg"] };
  const labels = (typed: string) => suggestions(typed, typed.length, known).map(({ label }) => label);
  assert.deepEqual(labels("co"), ["command:", "conversation:", "code:"]);
  assert.deepEqual(labels("state:dead command:gr"), ["Group.*", "Group.CallbackAfterSendMsg"]);
  assert.deepEqual(labels("command:sendmsg").length, 2);
  assert.deepEqual(labels("nothing:x"), []);
});

test("a suggestion replaces the token at the caret, and leaves the others", () => {
  const [first] = suggestions("command:Gr state:dead", 10, { command: ["Group.*"] });
  assert.deepEqual(first, { label: "Group.*", typed: "command:Group.* state:dead", caret: 15 });
});

test("the tail knows some keys; others need a question to the gateway", () => {
  assert.equal(isTailed(readFilter("command:Group.* destination:audit")), true);
  assert.equal(isTailed(readFilter("state:dead")), false);
  assert.equal(isTailed({}), true);
});
