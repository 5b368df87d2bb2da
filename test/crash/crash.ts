/**
 * Kills the gateway in the middle of everything: `npm run crash -- [--rounds 200] [--from 1] [--brief]`. A round is
 * repeated by its seed: `--from SEED --rounds 1`. Brief rounds have fewer events and kills.
 */
import { test } from "node:test";
import { parseArgs } from "node:util";
import { inWords, noSums, type Sums } from "./balance.ts";
import { activityNames } from "./plan.ts";
import { commandOf, type Outcome, runRound } from "./run-round.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    brief: { type: "boolean", default: false },
  },
});
const [rounds, from] = [Number(values.rounds), Number(values.from)];

const startedAt = Date.now();
const outcomes: Outcome[] = [];
let failed = 0;
for (let seed = from; seed < from + rounds; seed++) {
  const began = Date.now();
  // Gateways and receivers end with the test that starts them.
  await test(`round ${seed}`, async () => {
    const outcome = await runRound(seed, values.brief).catch((error: Error) => error);
    const seconds = ((Date.now() - began) / 1_000).toFixed(1);
    if (outcome instanceof Error) {
      failed++;
      console.log(`${seed} fails after ${seconds} s: ${outcome.stack}`);
      return;
    }
    outcomes.push(outcome);
    const { plan, strikes, sums, problems } = outcome;
    const struck = `${strikes.filter(Boolean).length} of ${strikes.length} kills struck`;
    console.log(`${seed} ${plan.activity}: ${struck}, ${inWords(sums)}, ${seconds} s`);
    for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
    if (problems.length > 0) {
      failed++;
      console.log(`  ${problems.length} problems; again: ${commandOf(seed, values.brief)}`);
    }
  });
}

for (const name of activityNames) {
  const strikes = outcomes.filter(({ plan }) => plan.activity === name).flatMap(({ strikes }) => strikes);
  if (strikes.length > 0)
    console.log(`${name}: ${strikes.length} kills, ${strikes.filter(Boolean).length} struck`);
}
const total = (key: keyof Sums) => outcomes.reduce((sum, { sums }) => sum + sums[key], 0);
const sums = Object.fromEntries(Object.keys(noSums).map((key) => [key, total(key as keyof Sums)]));
const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0);
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
console.log(
  `${rounds} rounds, ${failed} failed, ${kills} kills in ${minutes} min: ${inWords(sums as unknown as Sums)}`,
);
process.exitCode = failed > 0 ? 1 : 0;
