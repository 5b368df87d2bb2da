import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { driftOf, withoutUnknownName } from "../../src/callback/drift.ts";

const drift = (name: string, changes: object) => {
  const command = catalogue.get(name)!;
  return driftOf(command, { ...command.example, ...changes });
};

test("no example has drift", () => {
  for (const command of catalogue.values())
    assert.deepEqual(driftOf(command, command.example), [], command.name);
});

test("an undocumented field is reported with its type, not its value", () => {
  assert.deepEqual(drift("Group.CallbackAfterGroupFull", { Reason: "lan's secret", Tide: { High: 1 } }), [
    { path: "Reason", kind: "unknown field", seen: "string" },
    { path: "Tide", kind: "unknown field", seen: "object" },
  ]);
});

test("a word or code outside its documented set is reported", () => {
  assert.deepEqual(drift("Group.CallbackAfterMemberExit", { ExitType: "Vanished" }), [
    { path: "ExitType", kind: "unexpected value", seen: "Vanished" },
  ]);
  assert.deepEqual(drift("Group.CallbackAfterGroupMsgExtension", { OperateType: 4 }), [
    { path: "OperateType", kind: "unexpected value", seen: "4" },
  ]);
  const [cut] = drift("Group.CallbackAfterMemberExit", { ExitType: "x".repeat(100) });
  assert.equal(cut?.seen, "x".repeat(64));
});

test("a value of a field without a documented set is never reported", () => {
  assert.deepEqual(drift("Group.CallbackAfterGroupInfoChanged", { Name: "anything", GroupId: "g" }), []);
});

test("a type other than the documented one is reported", () => {
  assert.deepEqual(drift("Group.CallbackAfterRecallMsg", { GroupId: true, EventTime: true, TopicId: null }), [
    { path: "GroupId", kind: "other type", seen: "boolean" },
    { path: "TopicId", kind: "other type", seen: "null" },
    { path: "EventTime", kind: "other type", seen: "boolean" },
  ]);
  assert.deepEqual(drift("Group.CallbackAfterSendMsg", { MsgSeq: 1.5, MsgBody: {} }), [
    { path: "MsgSeq", kind: "other type", seen: "fraction" },
    { path: "MsgBody", kind: "other type", seen: "object" },
  ]);
});

test("accounts, groups and rooms may be texts or whole numbers", () => {
  const recalled = { GroupId: 7000002, Operator_Account: 144115200000000000 };
  assert.deepEqual(drift("Group.CallbackAfterRecallMsg", recalled), []);
  assert.deepEqual(drift("Group.CallbackAfterRecallMsg", { GroupId: 1.5 }), [
    { path: "GroupId", kind: "other type", seen: "fraction" },
  ]);
  assert.deepEqual(drift("Live.CallbackAfterDestroyRoom", { RoomId: 1 }), []);
});

test("a message element without content or type is reported", () => {
  const MsgBody = [
    { MsgType: "TIMNewElem" },
    { MsgContent: {} },
    { MsgType: "TIMTextElem", MsgContent: null },
  ];
  assert.deepEqual(drift("C2C.CallbackAfterSendMsg", { MsgBody }), [
    { path: "MsgBody[].MsgType", kind: "unexpected value", seen: "TIMNewElem" },
    { path: "MsgBody[].MsgContent", kind: "other type", seen: "nothing" },
    { path: "MsgBody[].MsgType", kind: "other type", seen: "nothing" },
    { path: "MsgBody[].MsgContent", kind: "other type", seen: "null" },
  ]);
});

test("a streamed message has no drift", () => {
  const Chunks = [{ EventType: "data", Index: 1, Markdown: "**hi**", IsLast: false }];
  const MsgContent = { Chunks, CompatibleText: "hi", StreamMsgID: "sm-1" };
  const MsgBody = [{ MsgType: "TIMStreamElem", MsgContent }];
  assert.deepEqual(drift("C2C.CallbackAfterSendMsg", { MsgBody }), []);
});

test("names and values survive UTF-8, and different ones stay different", () => {
  const names = JSON.parse('{"a\\ud800":1,"a\\ud801":1,"a\\\\ud800":1,"\\udc00":1}') as object;
  const paths = drift("Group.CallbackAfterGroupFull", names).map(({ path }) => path);
  assert.equal(new Set(paths).size, 4);
  for (const path of paths) assert.equal(Buffer.from(path).toString(), path);
  const [pair] = drift("Group.CallbackAfterGroupFull", { [`${"x".repeat(63)}🐳`]: 1 });
  assert.equal(pair?.path, "x".repeat(63));
  const [seen] = drift("Group.CallbackAfterMemberExit", { ExitType: "\ud800" });
  assert.equal(seen?.seen, "\\ud800");
});

test("a value of a union that is of no alternative is reported", () => {
  assert.deepEqual(drift("Group.CallbackAfterTopicDestroyed", { TopicIdList: "t1" }), []);
  assert.deepEqual(drift("Group.CallbackAfterTopicDestroyed", { TopicIdList: ["t1", 5] }), [
    { path: "TopicIdList[]", kind: "other type", seen: "number" },
  ]);
  assert.deepEqual(drift("Group.CallbackAfterTopicDestroyed", { TopicIdList: 5 }), [
    { path: "TopicIdList", kind: "other type", seen: "number" },
  ]);
});

test("the items of a list share one path", () => {
  const MsgSeqList = [{ MsgSeq: "1", New: 1 }, { MsgSeq: "2", New: 2 }, { MsgSeq: 3 }];
  assert.deepEqual(drift("Group.CallbackAfterRecallMsg", { MsgSeqList }), [
    { path: "MsgSeqList[].MsgSeq", kind: "other type", seen: "string" },
    { path: "MsgSeqList[].New", kind: "unknown field", seen: "number" },
  ]);
});

test("messages are compared, and messages within them", () => {
  const text = { MsgType: "TIMTextElem", MsgContent: { Text: 4, Emoji: "x" } };
  const MsgBody = [
    text,
    { MsgType: "TIMTideElem", MsgContent: { Height: 3 } },
    { MsgType: "TIMRelayElem", MsgContent: { MsgList: [{ MsgBody: [text] }] } },
    7,
  ];
  assert.deepEqual(drift("Group.CallbackAfterSendMsg", { MsgBody }), [
    { path: "MsgBody[].MsgContent.Text", kind: "other type", seen: "number" },
    { path: "MsgBody[].MsgContent.Emoji", kind: "unknown field", seen: "string" },
    { path: "MsgBody[].MsgType", kind: "unexpected value", seen: "TIMTideElem" },
    {
      path: "MsgBody[].MsgContent.MsgList[].MsgBody[].MsgContent.Text",
      kind: "other type",
      seen: "number",
    },
    {
      path: "MsgBody[].MsgContent.MsgList[].MsgBody[].MsgContent.Emoji",
      kind: "unknown field",
      seen: "string",
    },
    { path: "MsgBody[]", kind: "other type", seen: "number" },
  ]);
});

test("the number of differences and the length of names are bounded", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`New${index}`, index]));
  assert.equal(drift("Group.CallbackAfterGroupFull", many).length, 20);
  const [long] = drift("Group.CallbackAfterGroupFull", { ["x".repeat(1000)]: 1 });
  assert.equal(long?.path.length, 64);
});

test("names of Object.prototype are ordinary fields", () => {
  assert.deepEqual(drift("Group.CallbackAfterGroupFull", JSON.parse('{"toString":1,"constructor":2}')), [
    { path: "toString", kind: "unknown field", seen: "number" },
    { path: "constructor", kind: "unknown field", seen: "number" },
  ]);
});

test("the name of an unknown field is left out of its path, also one with dots", () => {
  const command = catalogue.get("Group.CallbackBeforeSendMsg")!;
  const body = {
    ...command.example,
    Mood: 1,
    "lan.Mood": 1,
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "hi", "Xanadu.MsgType": 1 }, Extra: 2 }],
  };
  const found = driftOf(command, body).filter(({ kind }) => kind === "unknown field");
  const shown = found.map(({ path }) => [path, withoutUnknownName(command, path)]);
  assert.deepEqual(shown, [
    ["MsgBody[].MsgContent.Xanadu.MsgType", "MsgBody[].MsgContent.*"],
    ["MsgBody[].Extra", "MsgBody[].*"],
    ["Mood", "*"],
    ["lan.Mood", "*"],
  ]);
  assert.equal(withoutUnknownName(null, "MsgBody[].Extra"), "*");
});
