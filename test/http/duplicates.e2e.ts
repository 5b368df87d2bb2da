import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const gateway = await startGateway({
  SHARDS: 3,
  FORWARD_RULES: [{ name: "all", url: receiver.url }],
});

const recall = "Group.CallbackAfterRecallMsg";
const groupSend = "Group.CallbackAfterSendMsg";
const c2cSend = "C2C.CallbackAfterSendMsg";
const sentToGroup = catalogue.get(groupSend)!.example as Record<string, unknown>;
const sentToOne = catalogue.get(c2cSend)!.example as Record<string, unknown>;

let trials = 0;

interface Sent {
  command?: string;
  body: object | string;
  id?: string;
}

/**
 * Sends callbacks one after the other. Resolves with the number of events kept of them.
 * @param mark stands in every body, so that each test finds its own events
 */
async function keptOf(mark: string, sent: readonly Sent[], expected = 200): Promise<number> {
  for (const { command = recall, body, id } of sent) {
    const { status, text } = await gateway.send(command, body, { query: { RequestID: id } });
    assert.equal(status, expected, text);
  }
  return kept(mark);
}

async function kept(mark: string): Promise<number> {
  return (await gateway.allEvents({ text: mark })).length;
}

function newMark(): string {
  return `mark-${++trials}-`;
}

test("the same request again, with the same body, is kept and forwarded once", async () => {
  const mark = newMark();
  const body = { GroupId: mark, MsgSeqList: [] };
  assert.equal(
    await keptOf(mark, [
      { body, id: "r-1" },
      { body, id: "r-1" },
      { body, id: "r-1" },
    ]),
    1,
  );
  const last = newMark();
  await keptOf(last, [{ body: { GroupId: last, MsgSeqList: [] } }]);
  await receiver.request((one) => one.body.includes(last));
  assert.equal(receiver.received.filter((one) => one.body.includes(mark)).length, 1);
});

test("twenty equal requests at the same time are one event", async () => {
  const mark = newMark();
  const body = { GroupId: mark, MsgSeqList: [] };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => gateway.send(recall, body, { query: { RequestID: "r-2" } })),
  );
  assert.deepEqual(
    new Set(answers.map(({ status, text }) => `${status} ${text}`)),
    new Set(['200 {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}']),
  );
  assert.equal(await kept(mark), 1);
});

test("another body under the same RequestID is another event", async () => {
  const mark = newMark();
  const bodies = [1, 2].map((seq) => ({ GroupId: mark, MsgSeqList: [{ MsgSeq: seq }] }));
  assert.equal(
    await keptOf(
      mark,
      bodies.map((body) => ({ body, id: "r-3" })),
    ),
    2,
  );
});

test("the same body under another RequestID is another event unless it holds a time", async () => {
  const mark = newMark();
  const body = { GroupId: mark, MsgSeqList: [] };
  assert.equal(await keptOf(mark, [{ body, id: "r-4" }, { body, id: "r-5" }, { body }, { body }]), 4);

  const timed = newMark();
  const withTime = { GroupId: timed, MsgSeqList: [], EventTime: 1718000000000 };
  assert.equal(
    await keptOf(timed, [{ body: withTime, id: "r-6" }, { body: withTime, id: "r-7" }, { body: withTime }]),
    1,
  );
  assert.equal(await keptOf(timed, [{ body: { ...withTime, EventTime: 1718000000001 } }]), 2);
  assert.equal(await keptOf(timed, [{ body: JSON.stringify(withTime, null, 1) }]), 3);
});

test("an EventTime without a time does not make equal bodies duplicates", async () => {
  for (const none of ["null", '""', '" "', "0", "false", "[]", "{}", '"soon"']) {
    const mark = newMark();
    const body = `{"z":"${mark}","EventTime":${none}}`;
    const command = "Tea.CallbackAfterPour";
    assert.equal(
      await keptOf(mark, [
        { command, body },
        { command, body },
      ]),
      2,
      none,
    );
  }
  const mark = newMark();
  const body = `{"z":"${mark}","EventTime":null,"Events":[{"EventTime" : 1718000000000 }]}`;
  const sent = { command: "Tea.CallbackAfterPour", body };
  assert.equal(await keptOf(mark, [sent, sent]), 1);
});

test("an EventTime of seconds with a fraction, or with an exponent, is a time", async () => {
  for (const time of ["1718000000.25", '"1718000000.25"', "1.718e12", "1718E+9"]) {
    const mark = newMark();
    const sent = { command: "Tea.CallbackAfterPour", body: `{"z":"${mark}","EventTime":${time}}` };
    assert.equal(await keptOf(mark, [sent, sent]), 1, time);
  }
});

test("a nested EventTime counts, also in unknown commands", async () => {
  const mark = newMark();
  const body = { Events: [{ Mark: mark, EventTime: 1718000000 }] };
  const sent = { command: "Tea.CallbackAfterPour", body };
  assert.equal(await keptOf(mark, [sent, sent]), 1);
});

test("a group message is identified by GroupId, TopicId, MsgSeq and Random", async () => {
  const mark = newMark();
  const message = { ...sentToGroup, GroupId: mark };
  const sent = (changes: object) => ({ command: groupSend, body: { ...message, ...changes } });
  assert.equal(await keptOf(mark, [sent({}), sent({}), sent({ EventTime: 1, MsgBody: [], MsgTime: 2 })]), 1);
  assert.equal(await keptOf(mark, [sent({ MsgSeq: 1 })]), 2);
  assert.equal(await keptOf(mark, [sent({ Random: 1 })]), 3);
  assert.equal(await keptOf(mark, [sent({ TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Gear" })]), 4);
});

test("a one-to-one message is identified by both accounts and MsgKey, its recall separately", async () => {
  const mark = newMark();
  const message = { ...sentToOne, From_Account: mark };
  const sent = (changes: object, command = c2cSend) => ({
    command,
    body: { ...message, CallbackCommand: command, ...changes },
  });
  assert.equal(await keptOf(mark, [sent({}), sent({ EventTime: 1, UnreadMsgNum: 7 })]), 1);
  assert.equal(await keptOf(mark, [sent({ MsgKey: "1_2_3" })]), 2);
  assert.equal(await keptOf(mark, [sent({ From_Account: sentToOne.To_Account, To_Account: mark })]), 3);
  const withdrawn = sent({}, "C2C.CallbackAfterMsgWithDraw");
  assert.equal(await keptOf(mark, [withdrawn, withdrawn]), 4);
});

test("a friend added, deleted, added and deleted again is four events", async () => {
  const mark = newMark();
  const pair = { From_Account: mark, To_Account: "minh" };
  const added = {
    command: "Sns.CallbackFriendAdd",
    body: { PairList: [pair], ClientCmd: "friend_add", Admin_Account: "", ForceFlag: 0 },
  };
  const deleted = { command: "Sns.CallbackFriendDelete", body: { PairList: [pair] } };
  assert.equal(await keptOf(mark, [added, deleted, added, deleted]), 4);
});

test("numeric accounts beyond 2^53 are compared digit for digit", async () => {
  const mark = newMark();
  const sent = (account: string) => ({
    command: c2cSend,
    body: JSON.stringify({ ...sentToOne, From_Account: 0, To_Account: mark }).replace(
      '"From_Account":0',
      `"From_Account":${account}`,
    ),
  });
  assert.equal(await keptOf(mark, [sent("144115200000000001"), sent("144115200000000001")]), 1);
  assert.equal(await keptOf(mark, [sent("144115200000000003")]), 2);
  assert.equal(await keptOf(mark, [sent("7"), sent("7")]), 3);
});

test("quarantined events are never duplicates", async () => {
  const mark = newMark();
  const sent = { body: { GroupId: mark, MsgSeqList: 7, EventTime: 1718000000000 }, id: "r-8" };
  assert.equal(await keptOf(mark, [sent, sent], 400), 2);
});

test("an equal before-callback is decided and kept again", async () => {
  const mark = newMark();
  const body = { ...catalogue.get("Group.CallbackBeforeSendMsg")!.example, GroupId: mark, EventTime: 1 };
  const sent = { command: "Group.CallbackBeforeSendMsg", body, id: "r-9" };
  await keptOf(mark, [sent, sent]);
  await until("both are kept", async () => (await kept(mark)) === 2);
});

test("a duplicate is recognised after the shard was evicted", async () => {
  const mark = newMark();
  const timed = { body: { GroupId: mark, MsgSeqList: [], EventTime: 1718000000000 } };
  const untimed = { body: { GroupId: mark, MsgSeqList: [] }, id: "r-10" };
  assert.equal(await keptOf(mark, [timed, untimed]), 2);
  for (const shard of [0, 1, 2]) await gateway.evict(shard);
  assert.equal(await keptOf(mark, [timed, untimed]), 2);
});
