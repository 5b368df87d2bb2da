/** A thread of `simulate.ts`: it is sent a seed, and answers how its run went. */
import { parentPort, workerData } from "node:worker_threads";
import { type Shrunk, shrink } from "./shrink.ts";
import { drawRun, type Failure, simulate } from "./simulation.ts";

export interface Answer {
  seed: number;
  failure: Failure | null;
  shrunk?: Shrunk;
  tally: Readonly<Record<string, number>>;
}

// The shards report errors that the simulation causes.
for (const report of ["log", "warn", "error"] as const) console[report] = () => {};

const { shrinks } = workerData as { shrinks: boolean };

async function answerTo(seed: number): Promise<Answer> {
  const run = drawRun(seed);
  const { failure, tally } = await simulate(run);
  const answer = { seed, failure, tally: { ...tally } };
  return failure && shrinks ? { ...answer, shrunk: await shrink(run) } : answer;
}

parentPort!.on("message", async (seed: number) => parentPort!.postMessage(await answerTo(seed)));
