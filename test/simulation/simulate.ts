/**
 * Runs many simulations: `npm run simulate -- [--seeds 10000] [--from 1]`. A run that fails is shrunk, and printed with
 * the steps that are left.
 */
import { parseArgs } from "node:util";
import { shrink } from "./shrink.ts";
import { drawRun, simulate, type Tally } from "./simulation.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "1000" }, from: { type: "string", default: "1" } },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const print = console.log;
// The shards report errors that the simulation causes.
for (const report of ["log", "warn", "error"] as const) console[report] = () => {};

const startedAt = Date.now();
const sums: Record<string, number> = {};
for (let seed = from; seed < from + seeds; seed++) {
  const run = drawRun(seed);
  const { failure, tally } = await simulate(run);
  for (const [name, count] of Object.entries(tally) as [keyof Tally, number][])
    sums[name] = (sums[name] ?? 0) + count;
  if (failure === null) continue;
  process.exitCode = 1;
  const shrunk = await shrink(run);
  print(`seed ${seed} fails: ${failure.problems[0]}`);
  print(`shrunk: ${shrunk.failure.problems[0]}`);
  for (const step of shrunk.run.steps) print(`  ${JSON.stringify(step)}`);
}
print(`${seeds} runs in ${Math.round((Date.now() - startedAt) / 1_000)} s: ${JSON.stringify(sums)}`);
