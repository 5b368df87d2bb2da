import assert from "node:assert/strict";
import { test } from "node:test";
import { adminToken, eventually, startWorker, usual } from "./worker.ts";

const worker = await startWorker({ ...usual, SHARDS: 3, CALLBACK_TOKEN: "" });

async function metrics(): Promise<string[]> {
  const response = await fetch(`${worker.url}/metrics`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  return (await response.text()).split("\n");
}

test("quarantined events are loud: by command and path in /health, metrics and stats, over all shards", async () => {
  for (let id = 0; id < 9; id++) {
    const body = { GroupId: `@TGS#${id}`, MsgSeqList: [{ MsgSeq: 7 }, { MsgSeq: id < 3 ? null : {} }] };
    assert.equal((await worker.send("Group.CallbackAfterRecallMsg", body)).status, 400);
  }
  assert.equal((await worker.send("Group.CallbackAfterGroupFull", { EventTime: 1 })).status, 400);

  const problems = await eventually(async () => {
    const { body } = await worker.api("/health");
    return body.problems.length >= 3 && (body.problems as string[]);
  });
  assert.deepEqual(problems.slice(1), [
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

  const { minutes } = (await worker.api("/api/stats?minutes=2")).body;
  const counted = minutes.reduce(
    (sum: number, { quarantined }: { quarantined: Record<string, number> }) =>
      sum + (quarantined["Group.CallbackAfterRecallMsg"] ?? 0),
    0,
  );
  assert.equal(counted, 9);
});

test("verdicts are counted by how they came about", async () => {
  const message = (await worker.api("/api/commands")).body.commands.find(
    ({ command }: { command: string }) => command === "C2C.CallbackBeforeSendMsg",
  ).example;
  for (let count = 0; count < 3; count++)
    assert.equal((await worker.send("C2C.CallbackBeforeSendMsg", message)).status, 200);
  await eventually(async () => (await metrics()).includes('tim_relay_verdicts_total{how="default"} 3'));
});
