/** Completions of rules from the catalogue, and from the event on which the rules are tried. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestionsFrom } from "../../src/dashboard/rules/playground/suggestions.ts";

const commands = [
  { command: "Group.CallbackBeforeSendMsg", summary: "A message is sent to a group." },
  { command: "C2C.CallbackAfterSendMsg", summary: "A message was sent." },
];
const event = {
  command: "Group.CallbackBeforeSendMsg",
  body: {
    GroupId: "@TGS#1",
    Id: 144115200000000001n,
    MsgBody: [
      { MsgType: "TIMTextElem", MsgContent: { Text: "hi" } },
      { MsgType: "TIMFaceElem", MsgContent: { Index: 1 } },
    ],
  },
};
const { keys, values, isObject } = suggestionsFrom(commands, event);
const valuesOf = (...path: (string | number)[]) => values(path).map(({ value }) => value);
const keysOf = (...path: (string | number)[]) => keys(path).map(({ value }) => value);

test("on, and command within match, offer families and commands with their summaries", () => {
  for (const path of [
    [0, "on"],
    [0, "on", 1],
    [2, "match", "command", 0],
  ]) {
    const offered = values(path);
    for (const name of ["*.CallbackBefore*", "Group.*", "Relay.*"])
      assert.ok(
        offered.some(({ value }) => value === name),
        name,
      );
    assert.equal(offered.find(({ value }) => value === commands[1]!.command)?.info, commands[1]!.summary);
  }
  assert.deepEqual(valuesOf(0, "name"), []);
});

test("keys within match are those of the event, through its lists", () => {
  assert.deepEqual(keysOf(0, "match", "body"), ["GroupId", "Id", "MsgBody"]);
  assert.deepEqual(keysOf(0, "match", "body", "MsgBody", "MsgContent"), ["Text", "Index"]);
  assert.deepEqual(keysOf(0, "match", "$or", 1, "body"), ["GroupId", "Id", "MsgBody"]);
  assert.deepEqual(keysOf(0, "headers"), []);
  assert.equal(keys([0, "match", "body"])[0]?.info, "@TGS#1");
});

test("values within match are those of the event, behind an operator too", () => {
  assert.deepEqual(valuesOf(0, "match", "body", "MsgBody", "MsgType", 0), ["TIMTextElem", "TIMFaceElem"]);
  assert.deepEqual(valuesOf(0, "match", "body", "GroupId", 0, "prefix"), ["@TGS#1"]);
  assert.deepEqual(valuesOf(0, "match", "phase", 0), ["before", "after"]);
});

test("a part of an event that has parts is an object, and a body always", () => {
  assert.equal(isObject([0, "match", "body", "MsgBody"]), true);
  assert.equal(isObject([0, "match", "body", "GroupId"]), false);
  assert.equal(suggestionsFrom([], null).isObject([0, "match", "body"]), true);
});
