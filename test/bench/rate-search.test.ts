import assert from "node:assert/strict";
import { test } from "node:test";
import { highestHeld } from "./rate-search.ts";

async function searched(from: number, most: number, climbs = 10) {
  const tried: number[] = [];
  const highest = await highestHeld(
    from,
    async (rate) => {
      tried.push(rate);
      return rate <= most;
    },
    climbs,
  );
  return { highest, tried };
}

test("the search climbs as long as rates hold", async () => {
  assert.deepEqual(await searched(100, 180), { highest: 150, tried: [100, 125, 150, 200] });
  assert.deepEqual(await searched(100, 180, 1), { highest: 125, tried: [100, 125] });
  assert.deepEqual(await searched(100, 180, 0), { highest: 100, tried: [100] });
  assert.equal((await searched(500, 10_000)).highest, 2_000);
});

test("it descends if the first rate does not hold", async () => {
  assert.deepEqual(await searched(100, 40), { highest: 35, tried: [100, 75, 50, 35] });
  assert.deepEqual(await searched(20, 1), { highest: 0, tried: [20, 10] });
});
