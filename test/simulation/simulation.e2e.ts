import assert from "node:assert/strict";
import { test } from "node:test";
import "./quiet.ts";
import { givenSeed, times } from "../support/repetition.ts";
import { found } from "./found.ts";
import { drawRun, simulate } from "./simulation.ts";

const runs = 40 * times;
const from = givenSeed ?? 1;

test("property: the books balance after random schedules of crashes, faults and steering", async (context) => {
  const sums: Record<string, number> = {};
  for (let seed = from; seed < from + runs; seed++) {
    const { failure, tally } = await simulate(drawRun(seed));
    assert.deepEqual(failure, null, `seed ${seed}, see npm run simulate -- --seeds 1 --from ${seed}`);
    for (const [name, count] of Object.entries(tally)) sums[name] = (sums[name] ?? 0) + count;
  }
  context.diagnostic(`${runs} runs: ${JSON.stringify(sums)}`);
  // A simulation in which little happens would prove little.
  const { acknowledged = 0, deliveries = 0, deadLetters = 0, expired = 0, deaths = 0 } = sums;
  assert.ok(
    acknowledged > 20 * runs &&
      deliveries > 60 * runs &&
      deadLetters > runs &&
      expired > runs / 10 &&
      deaths > 2 * runs,
    JSON.stringify(sums),
  );
});

test("a seed gives the same run each time", async () => {
  for (const seed of [3, 7, 12])
    assert.deepEqual(await simulate(drawRun(seed)), await simulate(drawRun(seed)));
});

for (const [name, run] of found)
  test(`the books balance after ${name}`, async () => {
    assert.deepEqual((await simulate(run)).failure, null);
  });
