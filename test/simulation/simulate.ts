/** `npm run simulate`: many simulated runs. A run that fails is shrunk, and printed as `found.ts` holds it. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { readOptions } from "../support/options.ts";
import type { Answer } from "./simulate-worker.ts";

const help = `Usage: npm run simulate [-- options]

Runs simulated shards through crashes, faults and steering, each run as its seed draws it.

  --seeds N  how many runs (1000)
  --from N   the first seed (1)
  --jobs N   threads (1)
  --first    ends at the first failure, and does not shrink it

Exits with 1 if a run fails, and prints the steps that are left of it.`;

const { seeds, from, jobs, first } = readOptions(help, { seeds: 1000, from: 1, jobs: 1, first: false });

/** How often progress is shown on a terminal. Milliseconds. */
const progressEveryMs = 5_000;

const startedAt = Date.now();
const sums: Record<string, number> = {};
let next = from;
let ended = 0;
let failed = 0;

function seconds(): number {
  return Math.round((Date.now() - startedAt) / 1_000);
}

function note({ seed, failure, shrunk, tally }: Answer): void {
  ended++;
  for (const [name, count] of Object.entries(tally)) sums[name] = (sums[name] ?? 0) + count;
  if (failure === null) return;
  failed++;
  process.exitCode = 1;
  console.log(`seed ${seed} fails${failure.step === null ? "" : ` after step ${failure.step}`}:`);
  for (const problem of failure.problems.slice(0, 5)) console.log(`  ${problem}`);
  if (!shrunk) return;
  console.log(`shrunk: ${shrunk.failure.problems[0]}`);
  console.log(`  ["${shrunk.failure.problems[0]}", { seed: ${seed}, ways: "every", steps: [`);
  for (const step of shrunk.run.steps) console.log(`    ${JSON.stringify(step)},`);
  console.log("  ] }],");
}

/** One thread, which takes seed after seed. */
function work(): Promise<void> {
  const worker = new Worker(fileURLToPath(new URL("./simulate-worker.ts", import.meta.url).href), {
    workerData: { shrinks: !first },
  });
  let seed = from;
  return new Promise((resolve) => {
    const go = () => {
      if (next >= from + seeds || (first && failed > 0)) void worker.terminate();
      else {
        seed = next++;
        worker.postMessage(seed);
      }
    };
    worker.on("message", (answer: Answer) => {
      note(answer);
      go();
    });
    worker.on("error", (error: unknown) => {
      note({ seed, failure: { step: null, problems: [String((error as Error).stack)] }, tally: {} });
      resolve(work());
    });
    worker.on("exit", () => resolve());
    go();
  });
}

const progress = setInterval(() => {
  if (process.stdout.isTTY) console.log(`${ended} of ${seeds} runs, ${failed} failed, ${seconds()} s`);
}, progressEveryMs);
await Promise.all(Array.from({ length: jobs }, work));
clearInterval(progress);
console.log(`${ended} runs, ${failed} failed, in ${seconds()} s: ${JSON.stringify(sums)}`);
