import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventDetail } from "../../src/client/index.js";
import { conversationOf, type Message } from "../../src/dashboard/events/chat/messages.ts";

let clock = 1_800_000_000_000;
const event = (command: string, body: object | null, more: Partial<EventDetail> = {}): EventDetail => ({
  id: `evt_${++clock}`,
  command,
  phase: "after",
  known: true,
  valid: true,
  state: "delivered",
  app: "1400000000",
  conversation: "group:@TGS#1",
  receivedAt: new Date(clock).toISOString(),
  clientIp: null,
  platform: null,
  size: 100,
  issues: [],
  verdict: null,
  deliveries: [],
  ...(body && { body: body as Record<string, unknown> }),
  ...more,
});
const says = (text: string) => [{ MsgType: "TIMTextElem", MsgContent: { Text: text } }];
const messages = (events: EventDetail[]): Message[] =>
  conversationOf(events).map((line) =>
    line.kind === "message" ? line.message : assert.fail(line.event.command),
  );
const verdict = (code: number) => ({ rule: "no-links", code, ms: 1, how: "rule" as const, shadows: [] });

test("the question about a group message and its sending are one message", () => {
  const ask = event(
    "Group.CallbackBeforeSendMsg",
    { From_Account: "lan", Random: 7, MsgBody: says("hello") },
    { verdict: verdict(0) },
  );
  const sent = event("Group.CallbackAfterSendMsg", {
    From_Account: "lan",
    Random: 7,
    MsgSeq: 12,
    MsgBody: says("hello"),
  });
  const [message, ...others] = messages([ask, sent]);
  assert.deepEqual(others, []);
  assert.deepEqual(message!.events, [ask.id, sent.id]);
  assert.equal(message!.isSent, true);
  assert.deepEqual(message!.elements, [{ type: "TIMTextElem", text: "hello" }]);
});

test("the same random number of two senders is two messages", () => {
  const of = (From_Account: string) =>
    event("Group.CallbackBeforeSendMsg", { From_Account, Random: 7, MsgBody: says(From_Account) });
  assert.equal(messages([of("lan"), of("minh")]).length, 2);
});

test("a refused message was never sent, and names the rule", () => {
  const body = { From_Account: "lan", Random: 8, MsgBody: says("see http://spam.example.com") };
  const [message] = messages([event("Group.CallbackBeforeSendMsg", body, { verdict: verdict(1) })]);
  assert.equal(message!.isSent, false);
  assert.equal(message!.verdict?.rule, "no-links");
});

test("an edit replaces the text and keeps the former one; a recall names its account", () => {
  const [message] = messages([
    event("Group.CallbackAfterSendMsg", { From_Account: "lan", MsgSeq: 1, MsgBody: says("at eight") }),
    event("Group.CallbackAfterModifyMsg", { Operator_Account: "lan", MsgSeq: 1, MsgBody: says("at nine") }),
    event("Group.CallbackAfterRecallMsg", { Operator_Account: "minh", MsgSeqList: [{ MsgSeq: 1 }] }),
  ]);
  assert.equal(message!.elements?.[0]?.text, "at nine");
  assert.equal(message!.edits[0]?.elements?.[0]?.text, "at eight");
  assert.equal(message!.recalled?.by, "minh");
});

test("one recall takes back several messages, also one that is older than the list", () => {
  const recalled = messages([
    event("Group.CallbackAfterSendMsg", { From_Account: "lan", MsgSeq: 1, MsgBody: says("a") }),
    event("Group.CallbackAfterSendMsg", { From_Account: "lan", MsgSeq: 2, MsgBody: says("b") }),
    event("Group.CallbackAfterRecallMsg", {
      Operator_Account: "minh",
      MsgSeqList: [{ MsgSeq: 1 }, { MsgSeq: 2 }, { MsgSeq: 900 }],
    }),
  ]);
  assert.equal(recalled.length, 3);
  assert.ok(recalled.every((message) => message.recalled));
  assert.equal(recalled[2]!.elements, null);
});

test("one-to-one messages are known by their key: numbers repeat", () => {
  const sent = (MsgKey: string) =>
    event("C2C.CallbackAfterSendMsg", { From_Account: "lan", MsgKey, MsgSeq: 5, MsgBody: says(MsgKey) });
  const [first, second] = messages([
    sent("5_1_1"),
    sent("5_2_2"),
    event("C2C.CallbackAfterMsgWithDraw", { From_Account: "lan", MsgKey: "5_1_1" }),
    event("C2C.CallbackAfterMsgReadReceipt", { Operator_Account: "minh", C2CMsgInfo: [{ MsgKey: "5_2_2" }] }),
  ]);
  assert.ok(first!.recalled);
  assert.equal(second!.recalled, null);
  assert.equal(second!.reads, 1);
});

test("a receipt of a group tells how many members have read each message", () => {
  const [first, second] = messages([
    event("Group.CallbackAfterSendMsg", { From_Account: "lan", MsgSeq: 1, MsgBody: says("a") }),
    event("Group.CallbackAfterSendMsg", { From_Account: "lan", MsgSeq: 2, MsgBody: says("b") }),
    event("Group.CallbackAfterReadReceipt", {
      GroupMsgReceiptList: [
        { MsgSeq: 1, ReadNum: 4 },
        { MsgSeq: 2, ReadNum: 3 },
      ],
    }),
  ]);
  assert.deepEqual([first!.reads, second!.reads], [4, 3]);
});

test("what Tencent did not deliver says why", () => {
  const body = { From_Account: "lan", Random: 9, MsgBody: says("x"), ErrorCode: 10017, ErrorInfo: "muted" };
  assert.equal(messages([event("Group.CallbackSendMsgException", body)])[0]!.failure, "muted (10017)");
});

test("an event without a message, and one whose body is hidden, are lines of their own", () => {
  const lines = conversationOf([
    event("Group.CallbackAfterNewMemberJoin", { GroupId: "@TGS#1" }),
    event("Group.CallbackAfterSendMsg", null),
  ]);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ["event", "event"],
  );
});

test("bodies of any shape are shown without a failure", () => {
  const odd = [
    { MsgSeqList: "x", MsgBody: [null, { MsgType: 3 }, { MsgContent: { Text: 5 } }] },
    { MsgSeqList: [null, 1, {}], MsgSeq: 9n, MsgBody: {} },
    { GroupMsgReceiptList: [null], C2CMsgInfo: {}, MsgKey: "k" },
  ];
  for (const command of [
    "Group.CallbackAfterSendMsg",
    "Group.CallbackAfterRecallMsg",
    "Group.CallbackAfterReadReceipt",
  ])
    assert.ok(conversationOf(odd.map((body) => event(command, body))).length > 0);
});
