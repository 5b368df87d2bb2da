/** The counts of a destination by the minute. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { startGoodAndBad } from "./good-and-bad.ts";
import { untilNoneIsWritten } from "./written-rows.ts";

const { gateway, accept, startAgain } = await startGoodAndBad();

interface Minute {
  at: string;
  delivered: number;
  failed: number;
  latency: { p50: number | null; p99: number | null };
}

const minutesOf = (name: string, minutes = 60): Promise<Minute[]> =>
  gateway.get(`/api/destinations/${name}/minutes`, { minutes });
const sumOf = (minutes: readonly Minute[], of: "delivered" | "failed") =>
  minutes.reduce((sum, minute) => sum + minute[of], 0);

test("a destination's minutes count deliveries, failures and latencies over all shards", async () => {
  await accept(0, 10);
  await until("both have ended", async () => {
    const [took, refused] = [await minutesOf("good"), await minutesOf("bad")];
    return sumOf(took, "delivered") === 10 && sumOf(refused, "failed") === 10;
  });
  const [took, refused] = [await minutesOf("good"), await minutesOf("bad")];
  assert.deepEqual([sumOf(took, "failed"), sumOf(refused, "delivered")], [0, 0]);
  const { latency } = took.findLast(({ delivered }) => delivered > 0)!;
  assert.ok(latency.p50! >= 1 && latency.p99! >= latency.p50! && latency.p99! < 10_000);
  assert.ok(refused.every(({ latency }) => latency.p50 === null));
  const times = took.map(({ at }) => Date.parse(at));
  assert.ok(
    took.length >= 60 && times.every((at, index) => index === 0 || at === times[index - 1]! + 60_000),
  );
  assert.ok((await minutesOf("good", 2)).length <= 3);
});

test("a destination that is not known has no minutes", async () => {
  assert.equal((await gateway.api("/api/destinations/nobody/minutes")).status, 404);
  assert.equal((await gateway.api("/api/destinations/good/minutes?minutes=0")).status, 400);
});

test("asking for minutes writes no row", async () => {
  await untilNoneIsWritten(async () => {
    await minutesOf("good");
    return (await gateway.stats()).rowsWritten;
  });
});

test("after a restart the counts are those of the rows", async () => {
  await startAgain();
  assert.equal(sumOf(await minutesOf("good"), "delivered"), 10);
});
