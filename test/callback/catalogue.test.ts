import assert from "node:assert/strict";
import { test } from "node:test";

import { canonicalName, catalogue } from "../../src/callback/catalogue.ts";
import { type Command, command, phaseByName } from "../../src/callback/command.ts";
import { group } from "../../src/callback/conversation.ts";
import { body, text } from "../../src/callback/field.ts";
import { issuesOf } from "../../src/callback/issue.ts";
import type { Body } from "../../src/callback/json.ts";
import { jsonSchemaOf } from "../../src/callback/json-schema.ts";
import { misfitsOf } from "../../src/callback/misfit.ts";
import { requiredIn } from "./json-schema-check.ts";
import { without, withValue } from "./path.ts";

/** Family → the names of its commands, each with the conversation of its example. */
const known: Record<string, Record<string, string | null>> = {
  State: { "State.StateChange": "account:lan" },
  Profile: { "Profile.CallbackPortraitSet": "account:minh" },
  Sns: {
    "Sns.CallbackPrevFriendAdd": "account:lan",
    "Sns.CallbackPrevFriendResponse": "account:minh",
    "Sns.CallbackFriendAdd": "c2c:lan,minh",
    "Sns.CallbackFriendDelete": "c2c:lan,minh",
    "Sns.CallbackBlackListAdd": "account:siti",
    "Sns.CallbackBlackListDelete": "account:siti",
  },
  Follow: {
    "Follow.CallbackAfterFollowAdd": "account:lan",
    "Follow.CallbackAfterFollowDelete": "account:lan",
  },
  C2C: {
    "C2C.CallbackBeforeSendMsg": "c2c:lan,minh",
    "C2C.CallbackAfterSendMsg": "c2c:lan,minh",
    "C2C.CallbackAfterMsgReport": "c2c:lan,minh",
    "C2C.CallbackAfterMsgWithDraw": "c2c:lan,minh",
    "C2C.CallbackAfterC2CMsgExtension": "c2c:lan,minh",
    "C2C.CallbackAfterMsgReadReceipt": "c2c:lan,minh",
    "C2C.CallbackAfterModifyMsg": "c2c:lan,minh",
    "C2C.CallbackAfterMsgReadAll": "account:minh",
  },
  Group: {
    "Group.CallbackBeforeCreateGroup": "account:lan",
    "Group.CallbackAfterCreateGroup": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackBeforeApplyJoinGroup": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackBeforeInviteJoinGroup": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterNewMemberJoin": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterMemberExit": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackBeforeSendMsg": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterSendMsg": "group:@TGS#_@TGS#cEXAMPLE62CJ",
    "Group.CallbackAfterGroupFull": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterGroupDestroyed": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterGroupInfoChanged": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterRecallMsg": "group:@TGS#_@TGS#cEXAMPLE62CJ",
    "Group.CallbackOnMemberStateChange": "group:@TGS#aEXAMPLELIVE",
    "Group.CallbackSendMsgException": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackBeforeCreateTopic": "account:lan",
    "Group.CallbackAfterCreateTopic": "group:@TGS#_@TGS#cEXAMPLE62CJ",
    "Group.CallbackAfterTopicDestroyed": "group:@TGS#_@TGS#cEXAMPLE62CJ",
    "Group.CallbackAfterTopicInfoChanged": "group:@TGS#_@TGS#cEXAMPLE62CJ",
    "Group.CallbackAfterMemberFieldChanged": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterGroupAttrChanged": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterReadReceipt": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterChangeGroupOwner": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackOnDailyGroupQuotaAlarm": null,
    "Group.CallbackAfterGroupMsgExtension": "group:@TGS#2EXAMPLEEL",
    "Group.CallbackAfterModifyMsg": "group:@TGS#_@TGS#cEXAMPLE62CJ",
  },
  OfficialAccount: {
    "OfficialAccount.CallbackBeforeCreateOfficialAccount": "account:administrator",
    "OfficialAccount.CallbackAfterCreateOfficialAccount": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterOfficialAccountInfoChanged": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterOfficialAccountDestroyed": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackBeforeAddSubscriber": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterAddSubscriber": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterOfficialAccountFull": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterDeleteSubscriber": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackBeforeSendMsg": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterSendMsg": "official:@TOA#_harbour_news",
    "OfficialAccount.CallbackAfterMsgWithDraw": "official:@TOA#_harbour_news",
  },
  Bot: {
    "Bot.OnC2CMessage": "c2c:@RBT#ferryman,lan",
    "Bot.OnGroupMessage": "group:@TGS#2EXAMPLEEL",
    "Chatbot.OnC2CSignalMessage": "c2c:@RBT#ferryman,lan",
  },
  Moderation: { "ContentCallback.ResultNotify": "group:@TGS#2EXAMPLEEL" },
  Push: { "Push.OfflinePush": null, "Push.AllMemberPush": null },
  Call: {
    "Call.CallbackAfterStartCall": "call:5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
    "Call.CallbackAfterEndCall": "call:5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
    "Call.CallbackAfterMemberChanged": "call:5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
    "Call.CallbackAfterRecordChanged": "call:5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
  },
  Live: {
    "Live.CallbackAfterCreateRoom": "group:live_lan_0412",
    "Live.CallbackAfterDestroyRoom": "group:live_lan_0412",
    "Live.CallbackAfterUpdateRoomInfo": "group:live_lan_0412",
    "Live.CallbackAfterSetMetadata": "group:live_lan_0412",
    "Live.CallbackAfterDelMetadata": "group:live_lan_0412",
    "Live.CallbackAfterCreateRoomReachingThreshold": null,
    "Live.CallbackAfterMemberStateChanged": "group:live_lan_0412",
    "Live.CallbackAfterChangeOwner": "group:live_lan_0412",
    "Live.CallbackAfterModifyAdmin": "group:live_lan_0412",
    "Mic.CallbackAfterSeatInfoChanged": "group:live_lan_0412",
    "Live.CallbackAfterCreateBattle": "group:live_lan_0412",
    "Live.CallbackAfterStartBattle": "group:live_lan_0412",
    "Live.CallbackAfterEndBattle": "group:live_lan_0412",
    "Live.CallbackBeforeSendGift": "group:live_lan_0412",
    "Live.CallbackBeforeCallBackNotBlock": null,
    "Live.CallbackAfterCloudRecordingChanged": "group:live_lan_0412",
  },
  Room: {
    "Room.CallbackAfterCreateRoom": "group:room_pier_3",
    "Room.CallbackAfterDestroyRoom": "group:room_pier_3",
    "Room.CallbackAfterUpdateRoomInfo": "group:room_pier_3",
    "Room.CallbackAfterMemberEnter": "group:room_pier_3",
    "Room.CallbackAfterMemberLeave": "group:room_pier_3",
  },
  Operations: { "Alert.RequestOverLimit": null },
};

const before = [
  "C2C.CallbackBeforeSendMsg",
  "Group.CallbackBeforeApplyJoinGroup",
  "Group.CallbackBeforeCreateGroup",
  "Group.CallbackBeforeCreateTopic",
  "Group.CallbackBeforeInviteJoinGroup",
  "Group.CallbackBeforeSendMsg",
  "Live.CallbackBeforeCallBackNotBlock",
  "Live.CallbackBeforeSendGift",
  "OfficialAccount.CallbackBeforeAddSubscriber",
  "OfficialAccount.CallbackBeforeCreateOfficialAccount",
  "OfficialAccount.CallbackBeforeSendMsg",
  "Sns.CallbackPrevFriendAdd",
  "Sns.CallbackPrevFriendResponse",
];

const commands = [...catalogue.values()];

test("a body in the shape of Tencent's tables belongs to the same conversation as one in that of its samples", () => {
  const conversationOf = (name: string, body: object) => catalogue.get(name)!.conversation(body as Body);
  const start = "Call.CallbackAfterStartCall";
  const { CallInfo, ...others } = catalogue.get(start)!.example as { CallInfo: object };
  assert.equal(conversationOf(start, { ...CallInfo, ...others }), known.Call?.[start]);
  for (const name of ["Live.CallbackAfterStartBattle", "Live.CallbackAfterEndBattle"]) {
    const { example } = catalogue.get(name)!;
    assert.equal(conversationOf(name, { ...example, FromRoomInfo: "live_lan_0412" }), known.Live?.[name]);
  }
});

test("all 86 commands are in their families", () => {
  const families = Object.groupBy(commands, ({ family }) => family);
  const names = Object.fromEntries(
    Object.entries(families).map(([family, members]) => [family, members.map(({ name }) => name).sort()]),
  );
  const expected = Object.fromEntries(
    Object.entries(known).map(([family, members]) => [family, Object.keys(members).sort()]),
  );
  assert.deepEqual(names, expected);
  assert.equal(commands.length, 86);
});

test("13 of the commands are before-callbacks", () => {
  const asking = commands.filter(({ phase }) => phase === "before").map(({ name }) => name);
  assert.deepEqual(asking.sort(), before);
});

test("the phase of an unknown command follows from its last part", () => {
  assert.equal(phaseByName("Harbour.CallbackBeforeLeave"), "before");
  assert.equal(phaseByName("Harbour.CallbackPrevLeave"), "before");
  assert.equal(phaseByName("Harbour.CallbackAfterLeave"), "after");
  assert.equal(phaseByName("CallbackBefore.Leave"), "after");
  assert.equal(phaseByName("CallbackBeforeLeave"), "before");
});

test("misprinted names are mapped to their commands, and no other names are", () => {
  assert.equal(canonicalName("Live.CallbackMemberStateChanged"), "Live.CallbackAfterMemberStateChanged");
  assert.equal(
    canonicalName("Follow.CallbackAfterCloudRecordingChanged"),
    "Live.CallbackAfterCloudRecordingChanged",
  );
  assert.equal(canonicalName("Call.CallbackAfterCloudRecordingChanged"), "Call.CallbackAfterRecordChanged");
  for (const name of [...catalogue.keys(), "toString", "__proto__", "Harbour.New"])
    assert.equal(canonicalName(name), name);
});

for (const definition of commands) {
  const { name, summary, docs, body, example, conversation, family } = definition;
  test(`${name} is described, and its example is valid`, () => {
    assert.equal(catalogue.get(name), definition);
    assert.match(summary, /^[A-Z].*\.$/);
    assert.ok(docs.zh ?? docs.intl, "documented on one site at least");
    for (const page of [docs.zh, docs.intl]) if (page !== null) assert.match(page, /^(269|647|1047)\/\d+$/);
    assert.deepEqual(misfitsOf(definition, example), []);
    assert.deepEqual(issuesOf(body, example), []);
    assert.equal(conversation(example), known[family]?.[name]);
    const repeats = !["Push", "Moderation"].includes(family);
    assert.equal(example.CallbackCommand, repeats ? name : undefined);
  });

  test(`${name} is a misfit without any one of its required fields`, () => {
    for (const path of namingIn(definition)) {
      const missing = [{ path, message: "is missing" }];
      assert.deepEqual(misfitsOf(definition, without(example, path)), missing);
      assert.deepEqual(misfitsOf(definition, withValue(example, path, null)), missing);
    }
  });
}

/** The paths of the example's required fields; a message has none. */
function namingIn({ name, body, example }: Command): string[] {
  return requiredIn(jsonSchemaOf(name, body), example).filter((path) => !path.includes("MsgBody["));
}

test("exactly the identifying fields are required", () => {
  const required = (name: string) => namingIn(catalogue.get(name)!).sort();
  assert.deepEqual(required("Group.CallbackAfterRecallMsg"), [
    "GroupId",
    "MsgSeqList",
    "MsgSeqList[0].MsgSeq",
    "MsgSeqList[1].MsgSeq",
  ]);
  assert.deepEqual(required("C2C.CallbackAfterMsgWithDraw"), ["From_Account", "MsgKey", "To_Account"]);
  assert.deepEqual(required("State.StateChange"), ["Info", "Info.To_Account"]);
  assert.deepEqual(required("Sns.CallbackBlackListAdd"), [
    "PairList",
    "PairList[0].From_Account",
    "PairList[0].To_Account",
  ]);
  assert.deepEqual(required("Group.CallbackOnDailyGroupQuotaAlarm"), []);
});

test("only commands of sending and recalling have an identity of their own", () => {
  const identities = commands
    .filter(({ identity }) => identity !== undefined)
    .map(({ name, identity, example }) => [name, identity?.(example)]);
  assert.deepEqual(Object.fromEntries(identities), {
    "C2C.CallbackAfterSendMsg": ["lan", "minh", "4711_3021984477_1763700050"],
    "C2C.CallbackAfterMsgWithDraw": ["lan", "minh", "4711_3021984477_1763700050"],
    "Group.CallbackAfterSendMsg": [
      "@TGS#_@TGS#cEXAMPLE62CJ",
      130,
      2904417751,
      "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
    ],
  });
});

test("a body that lacks a part of its identity has no identity", () => {
  const lacking = { "C2C.CallbackAfterSendMsg": "MsgKey", "Group.CallbackAfterSendMsg": "Random" };
  for (const [name, field] of Object.entries(lacking)) {
    const { identity, example } = catalogue.get(name)!;
    assert.equal(identity?.(without(example, field)), null);
    assert.equal(identity?.({ ...example, [field]: "" }), null);
  }
});

test("no topic and an empty topic are the same identity, another topic is not", () => {
  const { identity, example } = catalogue.get("Group.CallbackAfterSendMsg")!;
  const none = identity?.(without(example, "TopicId"));
  assert.deepEqual(identity?.({ ...example, TopicId: "" }), none);
  assert.notDeepEqual(identity?.(example), none);
});

test("a definition without an answer gets the ignored answer, and its example repeats its name", () => {
  const { phase, answer, example } = command({
    name: "Harbour.CallbackAfterLeave",
    documentation: {
      summary: "A boat left.",
      docs: { zh: null, intl: null },
      example: { Boat: "Nine" },
    },
    body: body({ Boat: text("The boat.") }),
    conversation: group,
  });
  assert.equal(phase, "after");
  assert.equal(answer.refusal, null);
  assert.deepEqual(example, { CallbackCommand: "Harbour.CallbackAfterLeave", Boat: "Nine" });
});
