/** `npm run crash`: kills the gateway in the middle of everything, round after round. */
import { test } from "node:test";
import { readOptions } from "../support/options.ts";
import { inWords, noSums, type Sums } from "./balance.ts";
import { activityNames } from "./plan.ts";
import { commandOf, type Outcome, runRound } from "./run-round.ts";

const help = `Usage: npm run crash [-- options]

Runs rounds: a gateway under load is killed at moments that the seed of the round draws. In the end its books must
balance.

  --seeds N  how many rounds (200)
  --from N   the seed of the first round (1)
  --brief    fewer events and kills in a round

Exits with 1 if the books of a round do not balance, and prints the command that repeats the round.`;

const { seeds, from, brief } = readOptions(help, { seeds: 200, from: 1, brief: false });

const startedAt = Date.now();
const outcomes: Outcome[] = [];
let failed = 0;
for (let seed = from; seed < from + seeds; seed++) {
  const began = Date.now();
  // Gateways and receivers end with the test that starts them.
  await test(`round ${seed}`, async () => {
    const outcome = await runRound(seed, brief).catch((error: Error) => error);
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
      console.log(`  ${problems.length} problems; again: ${commandOf(seed, brief)}`);
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
  `${seeds} rounds, ${failed} failed, ${kills} kills in ${minutes} min: ${inWords(sums as unknown as Sums)}`,
);
process.exitCode = failed > 0 ? 1 : 0;
