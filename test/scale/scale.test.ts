import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Chance } from "../support/chance.ts";
import { bills, usageAt } from "./bills.ts";
import { fillingRate, mostShards, plannedRate, shardsFor, storedRate } from "./capacity.ts";
import { chinesePart, inChinese } from "./chinese.ts";
import type { Counted } from "./count.ts";
import { assumed, simulate } from "./gateway-model.ts";
import { limits } from "./limits.ts";
import { parts } from "./page.ts";
import { withParts } from "./parts.ts";
import { runShard, type Setup } from "./shard-model.ts";
import { arrivals, ratesOf, shardRates } from "./traffic.ts";

const counted: Counted = JSON.parse(readFileSync(join(import.meta.dirname, "counted.json"), "utf8"));
const pageAt = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

const setup: Setup = {
  times: { append: 0.4, post: 0.5, ...assumed },
  shards: 1,
  destinations: 1,
  concurrency: 1_000,
};
const atRate = (perSecond: number, seconds: number, changed: Partial<Setup> = {}) => {
  const times = arrivals(perSecond, seconds, new Chance(7));
  return { events: times.length, ...runShard(times, seconds, { ...setup, ...changed }) };
};

test("the tables of docs/scaling.md are those of a run: npm run scale -- --write", () => {
  const written = parts(counted);
  const page = pageAt("docs/scaling.md");
  assert.equal(withParts(page, written), page);
  const chinese = pageAt("docs/zh-CN/scaling.md");
  assert.equal(withParts(chinese, inChinese(written)), chinese);
});

test("the bills of docs/deploying.md are those of the counted operations: npm run scale -- --write", () => {
  const written = { bills: bills(counted) };
  const page = pageAt("docs/deploying.md");
  assert.equal(withParts(page, written), page);
  const chinese = pageAt("docs/zh-CN/deploying.md");
  assert.equal(withParts(chinese, inChinese(written)), chinese);
});

test("the usage at a rate lies between those that were counted, and is theirs at their rates", () => {
  const [one, ten] = counted.usage;
  const rows = (perSecond: number) => usageAt(counted.usage, perSecond).rowsWritten;
  assert.ok(Math.abs(rows(10) - ten!.usage.rowsWritten) < 1e-9);
  assert.ok(rows(3) < one!.usage.rowsWritten && rows(3) > ten!.usage.rowsWritten);
  assert.equal(rows(0.1), one!.usage.rowsWritten);
  assert.equal(rows(5_000), counted.usage.at(-1)!.usage.rowsWritten);
  assert.equal(usageAt(counted.usage, 0.01).objectSeconds, 10);
});

test("a number or name in the tables that has no Chinese is refused", () => {
  assert.equal(chinesePart("| 1,296 million | 7 days |"), "| 12.96 亿 | 7 天 |");
  assert.throws(() => chinesePart("| 7 weeks |"), /no Chinese of “7 weeks”/);
});

test("the same seed simulates the same, and another one differs", () => {
  const run = (seed: number) => simulate({ perSecond: 200, shards: 4 }, counted, 2, seed);
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1).answer, run(2).answer);
});

test("a lone event is answered after the platform's own time, with a row for it and one for its delivery", () => {
  const { answers, deliveries, rows } = runShard([0], 10, setup);
  const answered = assumed.roundTrip + setup.times.append + assumed.confirm;
  assert.deepEqual(answers, [answered]);
  assert.deepEqual(
    deliveries.map((ms) => ms.toFixed(3)),
    [(answered - assumed.roundTrip / 2 + setup.times.post + assumed.answer).toFixed(3)],
  );
  assert.equal(Math.floor(rows), 2);
});

test("a shard that has time for its events answers all of them, and its thread works as long as they take", () => {
  const { events, answers, deliveries, busy } = atRate(200, 20);
  assert.ok(answers.length > events - 50 && deliveries.length > events - 50);
  assert.ok(
    Math.abs(busy - (0.2 * (setup.times.append + setup.times.post) * events) / 4_000) < 0.01,
    `${busy}`,
  );
});

test("beyond its limit of requests a shard answers ever later, though its thread has time", () => {
  const { answers, busy } = atRate(2 * limits.objectRequests.value, 5);
  assert.ok(busy < 1, `${busy}`);
  assert.ok(answers.length / 5 <= limits.objectRequests.value);
  assert.ok(answers.at(-1)! > 2_000, `${answers.at(-1)} ms`);
});

test("a slow destination delays its deliveries alone", () => {
  const { answers, deliveries, events } = atRate(200, 10, { concurrency: 5 });
  assert.ok(answers.length > events - 50);
  assert.ok(deliveries.length <= (10 * 5 * 1_000) / assumed.answer);
});

test("conversations have as many events as they may, and together all of them", () => {
  for (const perSecond of [100, 1_000, 100_000]) {
    const rates = ratesOf({ perSecond, conversations: 10_000 });
    const sum = rates.reduce((total, rate) => total + rate, 0);
    assert.ok(Math.abs(sum / perSecond - 1) < 1e-6, `${sum}`);
    assert.ok(Math.max(...rates) <= limits.groupMessages.value);
    assert.ok(rates[0]! >= rates[1]! && rates[1]! >= rates[9_999]!);
  }
  assert.throws(() => ratesOf({ perSecond: 100, conversations: 2 }), /more events than/);
});

test("many conversations are spread evenly, and one is on one shard", () => {
  const even = shardRates({ perSecond: 100_000, conversations: 100_000 }, 64);
  assert.ok(Math.max(...even) < (1.3 * 100_000) / 64);
  const one = shardRates({ perSecond: 10, conversations: 1 }, 64);
  assert.deepEqual([...one].filter((rate) => rate > 0).length, 1);
});

test("shards are planned for what is less: the rate, or the room", () => {
  const shards = shardsFor(counted, 1_000, 7);
  assert.equal(shards, Math.ceil(1_000 / storedRate(counted, 7)));
  assert.ok(storedRate(counted, 7) < fillingRate(counted) && fillingRate(counted) < plannedRate(counted, 1));
  assert.equal(mostShards, 256);
});

test("a part without a place in the page is named", () => {
  assert.throws(() => withParts("# Page\n", { shard: "" }), /no place for shard/);
});
