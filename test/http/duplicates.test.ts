import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { startReceiver } from "./receiver.ts";
import { eventually, startWorker, usual } from "./worker.ts";

const receiver = await startReceiver();
const worker = await startWorker({
  ...usual,
  SHARDS: 3,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [{ name: "all", url: receiver.url }],
});

const recall = "Group.CallbackAfterRecallMsg";
const groupSend = "Group.CallbackAfterSendMsg";
const c2cSend = "C2C.CallbackAfterSendMsg";
const sentToGroup = catalogue.get(groupSend)!.example as Record<string, unknown>;
const sentToOne = catalogue.get(c2cSend)!.example as Record<string, unknown>;

let trials = 0;

interface Told {
  command?: string;
  body: object | string;
  id?: string;
}

/**
 * Tells the Worker, one after the other; says how many events came of it. The mark stands in every body, so that each
 * trial finds its own.
 */
async function keptOf(mark: string, told: readonly Told[], expected = 200): Promise<number> {
  for (const { command = recall, body, id } of told) {
    const { status, text } = await worker.send(command, body, { query: { RequestID: id } });
    assert.equal(status, expected, text);
  }
  return kept(mark);
}

async function kept(mark: string): Promise<number> {
  const { body } = await worker.api(`/api/events?text=${mark}&limit=200`);
  return body.events.length;
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

test("twenty at once are one", async () => {
  const mark = newMark();
  const body = { GroupId: mark, MsgSeqList: [] };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => worker.send(recall, body, { query: { RequestID: "r-2" } })),
  );
  assert.deepEqual(
    new Set(answers.map(({ status, text }) => `${status} ${text}`)),
    new Set(['200 {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}']),
  );
  assert.equal(await kept(mark), 1);
});

test("another body under the same request id is news", async () => {
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

test("another request with the same body is news, unless the body holds a time", async () => {
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

test("what holds no time under its name is no time: both are kept", async () => {
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
  const told = { command: "Tea.CallbackAfterPour", body };
  assert.equal(await keptOf(mark, [told, told]), 1);
});

test("a time inside counts, also in commands that nobody knows", async () => {
  const mark = newMark();
  const body = { Events: [{ Mark: mark, EventTime: 1718000000 }] };
  const told = { command: "Tea.CallbackAfterPour", body };
  assert.equal(await keptOf(mark, [told, told]), 1);
});

test("a group message is known by its group, topic, number and random", async () => {
  const mark = newMark();
  const message = { ...sentToGroup, GroupId: mark };
  const told = (changes: object) => ({ command: groupSend, body: { ...message, ...changes } });
  assert.equal(await keptOf(mark, [told({}), told({}), told({ EventTime: 1, MsgBody: [], MsgTime: 2 })]), 1);
  assert.equal(await keptOf(mark, [told({ MsgSeq: 1 })]), 2);
  assert.equal(await keptOf(mark, [told({ Random: 1 })]), 3);
  assert.equal(await keptOf(mark, [told({ TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Gear" })]), 4);
});

test("a one-to-one message is known by its two accounts and its key, its recall by itself", async () => {
  const mark = newMark();
  const message = { ...sentToOne, From_Account: mark };
  const told = (changes: object, command = c2cSend) => ({
    command,
    body: { ...message, CallbackCommand: command, ...changes },
  });
  assert.equal(await keptOf(mark, [told({}), told({ EventTime: 1, UnreadMsgNum: 7 })]), 1);
  assert.equal(await keptOf(mark, [told({ MsgKey: "1_2_3" })]), 2);
  assert.equal(await keptOf(mark, [told({ From_Account: sentToOne.To_Account, To_Account: mark })]), 3);
  const withdrawn = told({}, "C2C.CallbackAfterMsgWithDraw");
  assert.equal(await keptOf(mark, [withdrawn, withdrawn]), 4);
});

test("a friend added, deleted and added again is news each time", async () => {
  const mark = newMark();
  const pair = { From_Account: mark, To_Account: "minh" };
  const added = {
    command: "Sns.CallbackFriendAdd",
    body: { PairList: [pair], ClientCmd: "friend_add", Admin_Account: "", ForceFlag: 0 },
  };
  const deleted = { command: "Sns.CallbackFriendDelete", body: { PairList: [pair] } };
  assert.equal(await keptOf(mark, [added, deleted, added, deleted]), 4);
});

test("accounts that are numbers make two messages, however little they differ, and one message one", async () => {
  const mark = newMark();
  const told = (account: string) => ({
    command: c2cSend,
    body: JSON.stringify({ ...sentToOne, From_Account: 0, To_Account: mark }).replace(
      '"From_Account":0',
      `"From_Account":${account}`,
    ),
  });
  assert.equal(await keptOf(mark, [told("144115200000000001"), told("144115200000000001")]), 1);
  assert.equal(await keptOf(mark, [told("144115200000000003")]), 2);
  assert.equal(await keptOf(mark, [told("7"), told("7")]), 3);
});

test("invalid events are compared with nothing", async () => {
  const mark = newMark();
  const told = { body: { GroupId: mark, MsgSeqList: 7, EventTime: 1718000000000 }, id: "r-8" };
  assert.equal(await keptOf(mark, [told, told], 400), 2);
});

test("before-callbacks are decided, and kept, each time", async () => {
  const mark = newMark();
  const body = { ...catalogue.get("Group.CallbackBeforeSendMsg")!.example, GroupId: mark, EventTime: 1 };
  const told = { command: "Group.CallbackBeforeSendMsg", body, id: "r-9" };
  await keptOf(mark, [told, told]);
  await eventually(async () => (await kept(mark)) === 2);
});

test("who comes again after the object was ended is still known", async () => {
  const mark = newMark();
  const timed = { body: { GroupId: mark, MsgSeqList: [], EventTime: 1718000000000 } };
  const untimed = { body: { GroupId: mark, MsgSeqList: [] }, id: "r-10" };
  assert.equal(await keptOf(mark, [timed, untimed]), 2);
  for (const shard of [0, 1, 2]) await worker.evict(shard);
  assert.equal(await keptOf(mark, [timed, untimed]), 2);
});
