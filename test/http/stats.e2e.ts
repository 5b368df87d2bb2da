import assert from "node:assert/strict";
import { test } from "node:test";
import type { Query } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { untilNoneIsWritten } from "./written-rows.ts";

const receiver = await startReceiver();
const gateway = await startGateway({
  SHARDS: 2,
  FORWARD_RULES: [
    { name: "well", url: receiver.url },
    { name: "badly", url: "http://127.0.0.1:9/", retry: [] },
  ],
});

const group = (id: number) => ({ GroupId: `@TGS#${id}`, MsgSeqList: [{ MsgSeq: 7 }] });
const send = (id: number) => gateway.send("Group.CallbackAfterRecallMsg", group(id));

/** The stats, with the sums of a counter over all minutes. */
async function stats(query: Query = {}) {
  const body = await gateway.stats(query);
  const sum = (name: "received" | "delivered" | "failed" | "dead" | "verdicts") =>
    body.minutes.reduce((total, minute) => total + minute[name], 0);
  const rejected = (reason: string) =>
    body.minutes.reduce((total, minute) => total + (minute.rejected[reason] ?? 0), 0);
  return { body, sum, rejected };
}

const ended = (count: number) =>
  until(`${count} are delivered and ${count} dead`, async () => {
    const { sum } = await stats();
    return sum("delivered") === count && sum("dead") === count;
  });

test("counts received, rejected, delivered and dead events over all shards", async () => {
  for (let id = 0; id < 8; id++) assert.equal((await send(id)).status, 200);
  assert.equal((await gateway.send("Group.CallbackAfterRecallMsg", "[]")).status, 400);
  assert.equal(
    (await gateway.send("Group.CallbackAfterRecallMsg", group(1), { query: { SdkAppid: "7" } })).status,
    403,
  );

  await ended(8);
  const { body, sum, rejected } = await stats();
  assert.deepEqual([sum("received"), sum("failed"), rejected("json"), rejected("app")], [8, 8, 1, 1]);
  const { p50, p99 } = body.latency;
  assert.ok(p50 !== null && p99 !== null && p50 >= 1 && p99 >= p50 && p99 < 10_000);
});

test("lists each of the last minutes, oldest first", async () => {
  for (const [query, count] of [
    [{}, 60],
    [{ minutes: 3 }, 3],
    [{ minutes: 1_440 }, 1_440],
  ] as const) {
    const { minutes } = (await stats(query)).body;
    // Shards may look at their clocks on either side of a minute's end.
    assert.ok(
      minutes.length === count || minutes.length === count + 1,
      `${minutes.length} minutes of ${count}`,
    );
    const times = minutes.map(({ at }) => Date.parse(at));
    assert.ok(times.every((time, index) => index === 0 || time === times[index - 1]! + 60_000));
    assert.match(minutes[0]!.at, /T\d\d:\d\d:00\.000Z$/);
    assert.ok(Date.now() - times.at(-1)! < 120_000);
  }
});

test("refuses minutes that are not a whole number in range", async () => {
  for (const query of ["0", "-1", "1.5", "1441", "many", ""]) {
    const { status, body } = await gateway.api(`/api/stats?minutes=${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_minutes"], query);
  }
});

test("counts the billed operations: requests, rows, alarms", async () => {
  const before = (await stats()).body;
  for (let id = 100; id < 104; id++) await send(id);
  await ended(12);
  const after = (await stats()).body;
  // Four callbacks, and as many questions as we asked.
  assert.ok(after.requests >= before.requests + 5);
  assert.ok(after.shardRequests >= before.shardRequests + 4);
  assert.ok(after.rowsWritten > before.rowsWritten);
  assert.ok(after.rowsRead >= before.rowsRead);
  assert.ok(after.alarms >= 0);
  assert.ok(after.activeMs > before.activeMs);
});

test("a request for stats writes no row", async () => {
  await untilNoneIsWritten(async () => (await gateway.stats()).rowsWritten);
});

test("an evicted shard reads its counters from its segments", async () => {
  const before = await stats();
  assert.equal(before.sum("dead"), 12);
  // Enough for both shards: each has a segment that records the counts before it.
  for (let id = 200; id < 216; id++) await send(id);
  for (const shard of [0, 1]) await gateway.evict(shard);
  const after = await stats();
  assert.ok(after.sum("received") >= before.sum("received"));
  assert.ok(after.sum("dead") >= before.sum("dead"));
  assert.ok(after.body.rowsWritten >= before.body.rowsWritten);
});

test("the times of answers and of verdicts are told, for each minute too", async () => {
  const before = (await stats()).body;
  assert.ok(before.answering.p50! >= 1 && before.answering.p99! < 10_000);
  assert.deepEqual(before.deciding, { p50: null, p99: null });
  await gateway.accept("Group.CallbackBeforeSendMsg", { GroupId: "g", From_Account: "lan" });
  // The counts travel with the event, which is kept after the answer.
  const after = await until("a verdict is counted", async () => {
    const { body } = await stats();
    return body.deciding.p50 !== null && body;
  });
  assert.ok(after.deciding.p50! >= 1 && after.deciding.p99! < 10_000);
  const decided = after.minutes.filter(({ deciding }) => deciding.p50 !== null);
  assert.deepEqual(
    decided.map(({ verdicts }) => verdicts),
    [1],
  );
  assert.ok(after.minutes.some(({ answering }) => answering.p50 !== null));
});

test("is 401 without the token", async () => {
  assert.equal((await gateway.request("/api/stats", { token: "not-the-token" })).status, 401);
});
