import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const gateway = await startGateway({ SHARDS: 3 });

const metrics = async () => (await gateway.metrics()).split("\n");

test("quarantined events are counted by command and path in /health, metrics and stats, over all shards", async () => {
  for (let id = 0; id < 9; id++) {
    const body = { GroupId: `@TGS#${id}`, MsgSeqList: [{ MsgSeq: 7 }, { MsgSeq: id < 3 ? null : {} }] };
    assert.equal((await gateway.send("Group.CallbackAfterRecallMsg", body)).status, 400);
  }
  assert.equal((await gateway.send("Group.CallbackAfterGroupFull", { EventTime: 1 })).status, 400);

  await gateway.problem(/GroupFull/);
  const problems = await gateway.problems();
  assert.deepEqual(problems, [
    "Group.CallbackAfterRecallMsg: 9 events are quarantined because of MsgSeqList[].MsgSeq",
    "Group.CallbackAfterGroupFull: 1 event is quarantined because of GroupId",
  ]);

  const lines = await metrics();
  for (const line of [
    'tim_relay_events_quarantined_total{command="Group.CallbackAfterRecallMsg"} 9',
    'tim_relay_events_quarantined_total{command="Group.CallbackAfterGroupFull"} 1',
    'tim_relay_quarantined_events{command="Group.CallbackAfterRecallMsg",path="MsgSeqList[].MsgSeq"} 9',
    'tim_relay_quarantined_events{command="Group.CallbackAfterGroupFull",path="GroupId"} 1',
  ])
    assert.ok(
      lines.includes(line),
      `${line}\n${lines.filter((one) => one.includes("quarantined")).join("\n")}`,
    );

  const { minutes } = await gateway.stats({ minutes: 2 });
  const counted = minutes.reduce(
    (sum, { quarantined }) => sum + (quarantined["Group.CallbackAfterRecallMsg"] ?? 0),
    0,
  );
  assert.equal(counted, 9);
});

test("verdicts are counted by their source", async () => {
  const message = catalogue.get("C2C.CallbackBeforeSendMsg")!.example;
  for (let count = 0; count < 3; count++) await gateway.accept("C2C.CallbackBeforeSendMsg", message);
  await until("three verdicts are counted", async () =>
    (await metrics()).includes('tim_relay_verdicts_total{how="default"} 3'),
  );
});
