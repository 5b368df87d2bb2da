/** The estimate of a day's cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cloudflare } from "../../src/http/prices.ts";
import { startGoodAndBad } from "./good-and-bad.ts";
import { untilNoneIsWritten } from "./written-rows.ts";

const startedAt = performance.now();
const { gateway, accept, startAgain } = await startGoodAndBad({ LOG_SAMPLE: "0.5" });

interface Cost {
  since: string;
  dollars: number;
  items: { item: string; amount: number; dollars: number }[];
}

async function cost() {
  const { since, dollars, items }: Cost = await gateway.get("/api/cost");
  return { since, dollars, items, amount: (name: string) => items.find(({ item }) => item === name)!.amount };
}

test("the cost of the last day is estimated from what was counted", async () => {
  await accept(0, 10);
  await gateway.destinationIs("good", { delivered: 10 });
  await gateway.destinationIs("bad", { failed: 10 });
  const [stats, { since, dollars, items, amount }] = [await gateway.stats({ minutes: 1_440 }), await cost()];
  assert.ok(Math.abs(Date.parse(since) - Date.now() + 86_400_000) < 60_000);
  assert.deepEqual(
    items.map(({ item }) => item),
    ["requests", "shardRequests", "gbSeconds", "rowsWritten", "rowsRead", "logEvents", "gbStored"],
  );
  // The questions themselves are counted, too.
  assert.ok(amount("requests") >= stats.requests && amount("requests") < stats.requests + 10);
  assert.ok(amount("rowsWritten") >= stats.rowsWritten && stats.rowsWritten > 0);
  // 10 received, 10 delivered, 10 failed.
  assert.equal(amount("logEvents"), 15);
  assert.ok(amount("gbStored") > 0 && amount("gbStored") < 0.1);
  const rows = items.find(({ item }) => item === "rowsWritten")!;
  assert.equal(rows.dollars, (rows.amount / 1e6) * cloudflare.perMillion.rowsWritten);
  const sum = items.reduce((all, one) => all + one.dollars, 0);
  assert.ok(dollars > 0 && Math.abs(dollars - sum) < 1e-12);
});

test("time in memory grows with the time in which events come, ten seconds at most beyond it", async () => {
  const seconds = async () => (await cost()).amount("gbSeconds") / cloudflare.objectGb;
  const before = await seconds();
  // Each of two shards has begun, and its first row stands for ten seconds.
  const running = (performance.now() - startedAt) / 1_000;
  assert.ok(before >= 20 && before < 2 * (running + 20), `${before} s`);
  const started = performance.now();
  await accept(10, 30);
  await gateway.destinationIs("good", { delivered: 30 });
  const grown = (await seconds()) - before;
  const elapsed = (performance.now() - started) / 1_000;
  assert.ok(grown > 0 && grown < 2 * (elapsed + 15), `${grown} s in ${elapsed} s`);
});

test("asking for the cost writes no row", async () => {
  await untilNoneIsWritten(async () => (await cost()).amount("rowsWritten"));
});

test("after a restart the counts are those of the rows", async () => {
  const before = await cost();
  await accept(30, 40);
  await gateway.destinationIs("good", { delivered: 40 });
  await startAgain();
  assert.ok((await cost()).amount("rowsWritten") > before.amount("rowsWritten"));
});
