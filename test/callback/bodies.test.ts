/**
 * Bodies of all years, as Tencent has sent and documented them: valid bodies, bodies with drift, which are events too,
 * and misfits.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { driftOf } from "../../src/callback/drift.ts";
import { misfitsOf, pathsOf } from "../../src/callback/misfit.ts";
import { withValue } from "./path.ts";

function issues(name: string, body: object) {
  const command = catalogue.get(name);
  assert.ok(command, `${name} is known`);
  return misfitsOf(command, body as Record<string, unknown>);
}

const text = [{ MsgType: "TIMTextElem", MsgContent: { Text: "ferry at nine?" } }];

const good: [why: string, command: string, body: object][] = [
  [
    "2016: a lost connection is a logout, without a time",
    "State.StateChange",
    {
      CallbackCommand: "State.StateChange",
      Info: { Action: "Logout", To_Account: "lan", Reason: "LinkClose" },
    },
  ],
  [
    "2016: a logout by timeout",
    "State.StateChange",
    {
      Info: { Action: "Logout", To_Account: "lan", Reason: "TimeOut" },
      CallbackCommand: "State.StateChange",
    },
  ],
  [
    "2018: a field on no page",
    "State.StateChange",
    { Info: { Action: "Login", To_Account: "lan", Reason: "Register" }, Device: "phone" },
  ],
  [
    "a status of one's own, on either level",
    "State.StateChange",
    {
      Info: {
        Action: "CustomStatusChange",
        To_Account: "lan",
        Reason: "SetCustomStatus",
        CustomStatus: "at sea",
      },
      CustomStatus: "at sea",
    },
  ],
  [
    "an action that nobody has documented",
    "State.StateChange",
    { Info: { Action: "Sleep", To_Account: "lan" }, EventTime: 1763700000123 },
  ],
  [
    "2016: a one-to-one message with accounts and content only",
    "C2C.CallbackBeforeSendMsg",
    { CallbackCommand: "C2C.CallbackBeforeSendMsg", From_Account: "lan", To_Account: "minh", MsgBody: text },
  ],
  [
    "2018: with a friendship on no page, keys in another order",
    "C2C.CallbackBeforeSendMsg",
    {
      MsgBody: [{ MsgContent: { Text: "hi" }, MsgType: "TIMTextElem" }],
      To_Account: "minh",
      FriendShip: 3,
      MsgTime: 1526632800,
      From_Account: "lan",
      CallbackCommand: "C2C.CallbackBeforeSendMsg",
    },
  ],
  [
    "2017: sent, without sequence, random and key",
    "C2C.CallbackAfterSendMsg",
    { From_Account: "lan", To_Account: "minh", MsgTime: 1490686222, MsgBody: text },
  ],
  [
    "an undelivered message: unread is -1",
    "C2C.CallbackAfterSendMsg",
    {
      From_Account: "lan",
      To_Account: "minh",
      MsgKey: "1_2_3",
      SendMsgResult: 80001,
      ErrorInfo: "blocked word",
      UnreadMsgNum: -1,
      MsgBody: text,
    },
  ],
  [
    "2016: a live group's message, without sequence, random, time and operator",
    "Group.CallbackAfterSendMsg",
    {
      CallbackCommand: "Group.CallbackAfterSendMsg",
      From_Account: "lan",
      GroupId: "34",
      MsgBody: [{ MsgContent: { Data: "{}", Desc: "", Ext: "" }, MsgType: "TIMCustomElem" }],
      Type: "AVChatRoom",
    },
  ],
  [
    "2016: the same, about to be sent",
    "Group.CallbackBeforeSendMsg",
    { From_Account: "lan", GroupId: "34", MsgBody: text, Type: "AVChatRoom" },
  ],
  [
    "2018: a live group's message, without random and operator",
    "Group.CallbackAfterSendMsg",
    {
      From_Account: "lan",
      GroupId: "34",
      MsgBody: text,
      MsgSeq: 925,
      MsgTime: 1535137638,
      Type: "AVChatRoom",
    },
  ],
  [
    "2019: a group's message with the older fields only, random above 2^31",
    "Group.CallbackAfterSendMsg",
    {
      CallbackCommand: "Group.CallbackAfterSendMsg",
      GroupId: "@TGS#2EXAMPLEEL",
      Type: "ChatRoom",
      From_Account: "lan",
      Operator_Account: "lan",
      Random: 4294967295,
      MsgSeq: 130,
      MsgTime: 1560000000,
      MsgBody: text,
    },
  ],
  [
    "2022: a REST message without a sender, a priority on no page, a group id of the app's own",
    "Group.CallbackAfterSendMsg",
    {
      CallbackCommand: "Group.CallbackAfterSendMsg",
      CloudCustomData: "",
      EventTime: 1650000000123,
      From_Account: "@TLS#NOT_FOUND",
      GroupId: "0d6b6c1e-3f0a-4c49-9f4e-2b7a51c0a111",
      MsgBody: [{ MsgContent: { Data: "{}", Desc: "", Ext: "", Sound: "" }, MsgType: "TIMCustomElem" }],
      MsgPriority: "Normal",
      MsgSeq: 7,
      MsgTime: 1650000000,
      OnlineOnlyFlag: 0,
      Operator_Account: "@TLS#NOT_FOUND",
      Random: 123,
      TopicId: "",
      Type: "Public",
    },
  ],
  [
    "a message of a live room",
    "Group.CallbackAfterSendMsg",
    { GroupId: "live_1", Type: "Live", From_Account: "lan", MsgSeq: 1, Random: 2, MsgBody: text },
  ],
  [
    "a time as a text",
    "Group.CallbackAfterRecallMsg",
    { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }], EventTime: "1670574414123" },
  ],
  [
    "a time as a number",
    "Group.CallbackAfterRecallMsg",
    { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }], EventTime: 1670574414123 },
  ],
  ["no time at all", "Group.CallbackAfterRecallMsg", { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }] }],
  [
    "a sequence number beyond 2^53",
    "Group.CallbackAfterRecallMsg",
    JSON.parse('{"GroupId":"g","MsgSeqList":[{"MsgSeq":18446744073709551615}]}'),
  ],
  [
    "the number of groups in three ways: as a number",
    "Group.CallbackBeforeCreateGroup",
    { Operator_Account: "lan", CreatedGroupNum: 4 },
  ],
  [
    "by type",
    "Group.CallbackBeforeCreateGroup",
    { Operator_Account: "lan", CreatedGroupNum: { Public: 4 }, InviteOption: "DisableInvite" },
  ],
  ["not at all", "Group.CallbackBeforeCreateGroup", { Operator_Account: "lan" }],
  [
    "a member by either name",
    "Group.CallbackAfterMemberFieldChanged",
    { GroupId: "g", Member_Account: "lan", Role: "Admin" },
  ],
  [
    "deleted topics as a list",
    "Group.CallbackAfterTopicDestroyed",
    { GroupId: "g", TopicIdList: ["t1", "t2"] },
  ],
  ["and as a text", "Group.CallbackAfterTopicDestroyed", { GroupId: "g", TopicIdList: "t1" }],
  [
    "extensions that were cleared",
    "Group.CallbackAfterGroupMsgExtension",
    { GroupId: "g", MsgSeq: 1, OperateType: 3, ExtensionList: [], Seq: 9 },
  ],
  [
    "a profile's values, text and number",
    "Profile.CallbackPortraitSet",
    {
      From_Account: "lan",
      ProfileItem: [
        { Tag: "a", Value: "x" },
        { Tag: "b", Value: 19920417 },
      ],
    },
  ],
  [
    "unfollowed accounts as texts",
    "Follow.CallbackAfterFollowDelete",
    { From_Account: "a", To_Account: ["b"] },
  ],
  [
    "a call's account as a number beyond 2^53",
    "Call.CallbackAfterStartCall",
    JSON.parse(
      '{"CallInfo":{"CallId":"c","MediaType":"Audio"},"UserList":[{"User_Account":144115231112345678}]}',
    ),
  ],
  [
    "a room closed by the system, as captured: no categories, no statistic, an id of its own",
    "Live.CallbackAfterDestroyRoom",
    {
      RoomId: "r",
      Operator_Account: "@TIM#SYSTEM",
      EventType: "DestroyBySystem",
      RoomInfo: { RoomId: "r", RoomName: "", Owner_Account: "lan", CoverURL: "", ViewCount: 0 },
    },
  ],
  [
    "an owner as a number beyond 2^53",
    "Live.CallbackAfterEndBattle",
    JSON.parse('{"BattleId":"b","FromRoomInfo":{"RoomId":"r","Score":1,"Owner_Account":144115231112345678}}'),
  ],
  [
    "a room that challenged, as a text",
    "Live.CallbackAfterStartBattle",
    { BattleId: "b", FromRoomInfo: "r" },
  ],
  [
    "a new room's time inside its profile",
    "Live.CallbackAfterCreateRoom",
    { Operator_Account: "lan", RoomInfo: { RoomId: "r", EventTime: 1703589922780 } },
  ],
  [
    "counts as text and list",
    "Live.CallbackAfterCreateRoomReachingThreshold",
    { CurRoomCount: "71", MaxRoomCount: [100] },
  ],
  [
    "the deletion of metadata under the name of its setting",
    "Live.CallbackAfterSetMetadata",
    { RoomId: "r", Keys: ["poll"] },
  ],
  [
    "a free seat",
    "Mic.CallbackAfterSeatInfoChanged",
    { RoomId: "r", SeatList: [{ Index: 0, IsTakenDisabled: true }] },
  ],
  [
    "a recording whose time is a text",
    "Live.CallbackAfterCloudRecordingChanged",
    {
      EventType: 304,
      EventInfo: { TaskId: "t", EventTs: "1763710530", RoomId: 410233, Payload: { FileList: "f.mp4" } },
    },
  ],
  [
    "checked content in its short form",
    "ContentCallback.ResultNotify",
    {
      SdkAppId: 1400000000,
      Scene: "UserInfo",
      From_Account: "lan",
      ContentType: "Text",
      TextContent: "cheap boats",
      CtxcbResult: 1,
      CtxcbRequestId: "c",
    },
  ],
  [
    "a batch of pushes, before there were push ids",
    "Push.OfflinePush",
    {
      Events: [
        { EventType: 2, EventTime: 1763702742, To_Account: "lan", GroupID: "g", MsgSeq: 1, ErrCode: 0 },
      ],
    },
  ],
  [
    "anything at all under a name of which no more is known",
    "Live.CallbackBeforeCallBackNotBlock",
    { x: [] },
  ],
];

for (const [why, command, body] of good)
  test(`${command} passes: ${why}`, () => assert.deepEqual(issues(command, body), []));

test("unknown fields are accepted on every level", () => {
  for (const { name, example } of catalogue.values()) {
    const tomorrow = JSON.parse(JSON.stringify(example), (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? { ...value, Tomorrow_Account: { x: [1, null] } }
        : value,
    );
    assert.deepEqual(issues(name, tomorrow), [], name);
  }
});

test("unknown message elements are accepted", () => {
  const MsgBody = [{ MsgType: "TIMTideElem", MsgContent: { Text: 5 } }, ...text];
  assert.deepEqual(issues("C2C.CallbackAfterSendMsg", { From_Account: "a", To_Account: "b", MsgBody }), []);
});

const recall = catalogue.get("Group.CallbackAfterRecallMsg")!.example;
const push = catalogue.get("Push.OfflinePush")!.example;
const message = catalogue.get("Group.CallbackAfterSendMsg")!.example;

const seats = catalogue.get("Mic.CallbackAfterSeatInfoChanged")!.example;
const receipts = catalogue.get("C2C.CallbackAfterMsgReadReceipt")!.example;

/** A documented field with another type: an event with drift. */
const deviating: [command: string, example: object, path: string, value: unknown, seen: string][] = [
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList[1].MsgSeq", "131", "string"],
  ["Group.CallbackAfterRecallMsg", recall, "TopicId", null, "null"],
  ["Group.CallbackAfterRecallMsg", recall, "TopicId", 7, "number"],
  ["Group.CallbackAfterRecallMsg", recall, "Operator_Account", [], "array"],
  ["Group.CallbackAfterRecallMsg", recall, "EventTime", {}, "object"],
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList[1].MsgId", {}, "object"],
  ["Group.CallbackAfterSendMsg", message, "MsgTime", 1.5, "fraction"],
  ["Group.CallbackAfterSendMsg", message, "CloudCustomData", null, "null"],
  ["Group.CallbackAfterSendMsg", message, "MsgBody", text[0], "object"],
  ["Group.CallbackAfterSendMsg", message, "MsgBody", null, "null"],
  ["Group.CallbackAfterSendMsg", message, "MsgBody[0]", 7, "number"],
  ["Group.CallbackAfterSendMsg", message, "MsgBody[0].MsgType", 7, "number"],
  ["Group.CallbackAfterSendMsg", message, "MsgBody[0].MsgContent", [], "array"],
  ["Group.CallbackAfterSendMsg", message, "MsgBody[0].MsgContent.Text", 7, "number"],
  ["Group.CallbackAfterSendMsg", message, "GroupAtInfo", {}, "object"],
  [
    "C2C.CallbackAfterMsgWithDraw",
    catalogue.get("C2C.CallbackAfterMsgWithDraw")!.example,
    "MsgKey",
    5,
    "number",
  ],
  ["C2C.CallbackAfterMsgReadReceipt", receipts, "C2CMsgInfo", {}, "object"],
  ["Push.OfflinePush", push, "Events[1].EventType", "2", "string"],
  ["Push.OfflinePush", push, "Events[1].ErrCode", null, "null"],
  ["Mic.CallbackAfterSeatInfoChanged", seats, "SeatList", null, "null"],
  ["Mic.CallbackAfterSeatInfoChanged", seats, "SeatList[0].Index", "0", "string"],
  ["Mic.CallbackAfterSeatInfoChanged", seats, "SeatList[0].IsTakenDisabled", 1, "number"],
  [
    "Live.CallbackAfterCreateRoom",
    catalogue.get("Live.CallbackAfterCreateRoom")!.example,
    "RoomInfo.Category",
    [null],
    "null",
  ],
  [
    "Room.CallbackAfterCreateRoom",
    catalogue.get("Room.CallbackAfterCreateRoom")!.example,
    "ScheduleInviteeList_Account",
    null,
    "null",
  ],
  ["State.StateChange", catalogue.get("State.StateChange")!.example, "KickedDevice", "iPad", "string"],
  ["State.StateChange", catalogue.get("State.StateChange")!.example, "Info.Action", null, "null"],
];

for (const [name, example, path, value, seen] of deviating)
  test(`${name}: ${path} = ${JSON.stringify(value)} is an event with drift`, () => {
    const body = withValue(example, path, value);
    assert.deepEqual(issues(name, body), []);
    const [drift, ...more] = driftOf(catalogue.get(name)!, body);
    assert.ok(drift?.path.startsWith(path.replace(/\[\d+\]/g, "[]")), drift?.path);
    assert.deepEqual([drift?.kind, drift?.seen, more], ["other type", seen, []]);
  });

/** An account, a group or a room may be a number in every command. */
for (const { name, example } of catalogue.values())
  test(`${name} accepts whole numbers as accounts, groups and rooms, without drift`, () => {
    const numbered = JSON.parse(JSON.stringify(example), (key, value) =>
      /(_Account|GroupI[dD]|RoomId|UserId)$/.test(key) && typeof value === "string"
        ? 144115200000000000
        : value,
    );
    assert.deepEqual(issues(name, numbered), []);
    assert.deepEqual(driftOf(catalogue.get(name)!, numbered), []);
  });

/** Misfits: a required field is missing, or its value is no identifier. */
const bad: [command: string, example: object, path: string, value: unknown, message: string][] = [
  [
    "Group.CallbackAfterRecallMsg",
    recall,
    "GroupId",
    5.5,
    "expected a text or a whole number, got a fraction",
  ],
  ["Group.CallbackAfterRecallMsg", recall, "GroupId", null, "is missing"],
  ["Group.CallbackAfterRecallMsg", recall, "GroupId", [], "expected a text or a whole number, got an array"],
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList", {}, "expected an array, got an object"],
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList", null, "is missing"],
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList[1]", [], "expected an object, got an array"],
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList[1]", null, "is missing"],
  ["Group.CallbackAfterRecallMsg", recall, "MsgSeqList[1].MsgSeq", null, "is missing"],
  [
    "Group.CallbackAfterRecallMsg",
    recall,
    "MsgSeqList[1].MsgSeq",
    true,
    "expected a text or a whole number, got a boolean",
  ],
  [
    "Group.CallbackAfterRecallMsg",
    recall,
    "MsgSeqList[1].MsgSeq",
    1.5,
    "expected a text or a whole number, got a fraction",
  ],
  [
    "Push.OfflinePush",
    push,
    "Events[0].To_Account",
    false,
    "expected a text or a whole number, got a boolean",
  ],
  ["Push.OfflinePush", push, "Events", [], "is empty"],
  ["Push.OfflinePush", push, "Events", "none", "expected an array, got a text"],
  ["C2C.CallbackAfterMsgReadReceipt", receipts, "C2CMsgInfo[1].MsgKey", null, "is missing"],
];

for (const [command, example, path, value, wrong] of bad)
  test(`${command}: ${path} = ${JSON.stringify(value)} is refused, naming the path`, () => {
    assert.deepEqual(issues(command, withValue(example, path, value)), [{ path, message: wrong }]);
  });

test("all mistakes are named at once, and no value is quoted", () => {
  const body = {
    GroupId: ["the group's secret"],
    MsgSeqList: [{ MsgSeq: { secret: 1 } }, {}],
    Operator_Account: [],
  };
  assert.deepEqual(issues("Group.CallbackAfterRecallMsg", body), [
    { path: "GroupId", message: "expected a text or a whole number, got an array" },
    { path: "MsgSeqList[0].MsgSeq", message: "expected a text or a whole number, got an object" },
    { path: "MsgSeqList[1].MsgSeq", message: "is missing" },
  ]);
});

test("the paths of issues are reported once each, without indexes, at most twenty", () => {
  const MsgSeqList = Array.from({ length: 50 }, () => ({}));
  assert.deepEqual(pathsOf(issues("Group.CallbackAfterRecallMsg", { MsgSeqList })), [
    "GroupId",
    "MsgSeqList[].MsgSeq",
  ]);
  const many = Array.from({ length: 50 }, (_, index) => ({ path: `Field${index}`, message: "is missing" }));
  assert.equal(pathsOf(many).length, 20);
});

test("a list of topics may be a text; a wrong item is named by its own path", () => {
  const topics = (TopicIdList: unknown) =>
    issues("Group.CallbackAfterTopicDestroyed", { GroupId: "g", TopicIdList });
  assert.deepEqual(topics(["t", 5]), []);
  assert.deepEqual(topics(["t", null]), [{ path: "TopicIdList[1]", message: "is missing" }]);
  assert.deepEqual(topics({}), [
    { path: "TopicIdList", message: "expected a text or a whole number, got an object" },
  ]);
});

test("no oddity of a message makes a body a misfit", () => {
  const relay = (MsgList: unknown) => ({ MsgType: "TIMRelayElem", MsgContent: { MsgList } });
  for (const MsgBody of [[], [null], [[]], [{}], [relay(7)], [relay([{ MsgBody: [{ MsgType: 1 }, 5] }])]])
    assert.deepEqual(issues("C2C.CallbackAfterSendMsg", { From_Account: "a", To_Account: "b", MsgBody }), []);
});
