/**
 * SIGKILL in the middle of each activity: nothing acknowledged is lost, and the books balance. The long form is
 * `npm run crash`; see `crash.ts`.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inWords } from "./balance.ts";
import { activityNames } from "./plan.ts";
import { commandOf, runRound } from "./run-round.ts";

/** Rounds of an activity until a kill has struck it. */
const mostRounds = 4;

describe("SIGKILL loses nothing", { concurrency: 4 }, () => {
  for (const [index, name] of activityNames.entries())
    test(name, { timeout: 300_000 }, async (t) => {
      let struck = 0;
      for (let round = 0; round < mostRounds && struck === 0; round++) {
        const seed = 1 + index + round * activityNames.length;
        const { strikes, sums, problems } = await runRound(seed, true);
        struck += strikes.filter(Boolean).length;
        t.diagnostic(`seed ${seed}: ${strikes.length} kills, ${struck} struck, ${inWords(sums)}`);
        assert.deepEqual(problems, [], `repeat it with ${commandOf(seed, true)}`);
      }
      assert.ok(struck > 0, "no kill has struck");
    });
});
