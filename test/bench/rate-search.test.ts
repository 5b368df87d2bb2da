import assert from "node:assert/strict";
import { test } from "node:test";
import { highestHeld } from "./rate-search.ts";

async function searched(from: number, held: number, most: { climbs?: number; descents?: number } = {}) {
  const tried: number[] = [];
  const highest = await highestHeld(
    from,
    async (rate) => {
      tried.push(rate);
      return rate <= held;
    },
    { climbs: 10, descents: 10, ...most },
  );
  return { highest, tried };
}

test("the search climbs as long as rates hold", async () => {
  assert.deepEqual(await searched(100, 180), { highest: 150, tried: [100, 125, 150, 200] });
  assert.deepEqual(await searched(100, 180, { climbs: 1 }), { highest: 125, tried: [100, 125] });
  assert.deepEqual(await searched(100, 180, { climbs: 0 }), { highest: 100, tried: [100] });
  assert.equal((await searched(500, 10_000)).highest, 2_000);
});

test("it descends if the first rate does not hold", async () => {
  assert.deepEqual(await searched(100, 40), { highest: 35, tried: [100, 75, 50, 35] });
  assert.deepEqual(await searched(20, 1), { highest: 0, tried: [20, 10] });
  assert.deepEqual(await searched(100, 40, { descents: 1 }), { highest: 0, tried: [100, 75] });
});
