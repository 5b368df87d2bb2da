/** A thread of `simulate.ts`: it is sent a seed, and answers how its run went. */
import "./quiet.ts";
import { parentPort, workerData } from "node:worker_threads";
import { type Shrunk, shrink } from "./shrink.ts";
import { drawRun, type Failure, simulate } from "./simulation.ts";

export interface Answer {
  seed: number;
  failure: Failure | null;
  shrunk?: Shrunk;
  tally: Readonly<Record<string, number>>;
}

const { shrinks } = workerData as { shrinks: boolean };

async function answerTo(seed: number): Promise<Answer> {
  const run = drawRun(seed);
  const { failure, tally } = await simulate(run);
  const answer = { seed, failure, tally: { ...tally } };
  return failure && shrinks ? { ...answer, shrunk: await shrink(run) } : answer;
}

parentPort!.on("message", async (seed: number) => parentPort!.postMessage(await answerTo(seed)));
