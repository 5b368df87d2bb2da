import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, startWorker, usual } from "./worker.ts";

const receiver = await startReceiver();
const worker = await startWorker({
  ...usual,
  SHARDS: 2,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    { name: "well", url: receiver.url },
    { name: "badly", url: "http://127.0.0.1:9/", retry: [] },
  ],
});

const group = (id: number) => ({ GroupId: `@TGS#${id}`, MsgSeqList: [{ MsgSeq: 7 }] });
const send = (id: number) => worker.send("Group.CallbackAfterRecallMsg", group(id));

interface Minute {
  at: string;
  received: number;
  rejected: Record<string, number>;
  delivered: number;
  failed: number;
  dead: number;
  verdicts: number;
}

async function stats(query = "") {
  const { status, body } = await worker.api(`/api/stats${query}`);
  assert.equal(status, 200);
  const sum = (name: "received" | "delivered" | "failed" | "dead" | "verdicts") =>
    body.minutes.reduce((total: number, minute: Minute) => total + minute[name], 0);
  const rejected = (reason: string) =>
    body.minutes.reduce((total: number, minute: Minute) => total + (minute.rejected[reason] ?? 0), 0);
  return { body, sum, rejected };
}

test("counts what was received, rejected, delivered and given up, over all shards", async () => {
  for (let id = 0; id < 8; id++) assert.equal((await send(id)).status, 200);
  assert.equal((await worker.send("Group.CallbackAfterRecallMsg", "[]")).status, 400);
  assert.equal(
    (await worker.send("Group.CallbackAfterRecallMsg", group(1), { query: { SdkAppid: "7" } })).status,
    403,
  );

  await eventually(async () => {
    const { sum } = await stats();
    return sum("delivered") === 8 && sum("dead") === 8;
  });
  const { body, sum, rejected } = await stats();
  assert.deepEqual([sum("received"), sum("failed"), rejected("json"), rejected("app")], [8, 8, 1, 1]);
  assert.ok(body.latency.p50 >= 1 && body.latency.p99 >= body.latency.p50 && body.latency.p99 < 10_000);
});

test("tells each of the last minutes, oldest first", async () => {
  for (const [query, count] of [
    ["", 60],
    ["?minutes=3", 3],
    ["?minutes=1440", 1_440],
  ] as const) {
    const { minutes } = (await stats(query)).body;
    // Shards may look at their clocks on either side of a minute's end.
    assert.ok(
      minutes.length === count || minutes.length === count + 1,
      `${minutes.length} minutes of ${count}`,
    );
    const times = minutes.map(({ at }: Minute) => Date.parse(at));
    assert.ok(
      times.every((time: number, index: number) => index === 0 || time === times[index - 1] + 60_000),
    );
    assert.match(minutes[0].at, /T\d\d:\d\d:00\.000Z$/);
    assert.ok(Date.now() - times.at(-1) < 120_000);
  }
});

test("refuses a number of minutes that is none", async () => {
  for (const query of ["0", "-1", "1.5", "1441", "many", ""]) {
    const { status, body } = await worker.api(`/api/stats?minutes=${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_minutes"], query);
  }
});

test("counts what is billed: requests, rows, alarms", async () => {
  const before = (await stats()).body;
  for (let id = 100; id < 104; id++) await send(id);
  await eventually(async () => {
    const { sum } = await stats();
    return sum("delivered") === 12 && sum("dead") === 12;
  });
  const after = (await stats()).body;
  // Four callbacks, and as many questions as we asked.
  assert.ok(after.requests >= before.requests + 5);
  assert.ok(after.shardRequests >= before.shardRequests + 4);
  assert.ok(after.rowsWritten > before.rowsWritten);
  assert.ok(after.rowsRead >= before.rowsRead);
  assert.ok(after.alarms >= 0);
});

test("asking writes no row", async () => {
  // What is left to be told gets its row within a second; then nothing changes any more, however often one asks.
  let rows = Number.NaN;
  let unchanged = 0;
  await eventually(async () => {
    const { rowsWritten } = (await stats()).body;
    unchanged = rowsWritten === rows ? unchanged + 1 : 0;
    rows = rowsWritten;
    return unchanged === 60;
  });
});

test("a shard that starts again knows what its segments have told", async () => {
  const before = await stats();
  assert.equal(before.sum("dead"), 12);
  // Enough for both shards: each has a segment that tells what was counted before it.
  for (let id = 200; id < 216; id++) await send(id);
  for (const shard of [0, 1]) await worker.evict(shard);
  const after = await stats();
  assert.ok(after.sum("received") >= before.sum("received"));
  assert.ok(after.sum("dead") >= before.sum("dead"));
  assert.ok(after.body.rowsWritten >= before.body.rowsWritten);
});

test("only the administrator is told", async () => {
  const response = await fetch(`${worker.url}/api/stats`, {
    headers: { authorization: `Bearer not-${adminToken}` },
  });
  assert.equal(response.status, 401);
});
