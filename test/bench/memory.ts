/** The memory of the runtime over many mixed requests: `npm run endure` as a part of the bench. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../../src/cli/root.ts";
import type { Endured } from "../growth/endured.ts";
import { untold } from "../support/process-stats.ts";
import { describeMachine } from "./machine.ts";
import type { Measured } from "./part.ts";
import { watched } from "./processes.ts";
import { sampleOf } from "./sample.ts";
import type { Bench } from "./servers.ts";

/** As many as the goal names take longer than all other parts together: a run of them is recorded. */
export const goalRequests = 500_000;

const recorded = join(import.meta.dirname, "memory.json");

interface Run extends Endured {
  /** ISO date. */
  date: string;
  machine: string;
  requests: number;
}

export async function memory({ plan, say }: Bench): Promise<Measured> {
  if (untold) return { numbers: {}, sentences: [`Memory was skipped: ${untold}.`], tables: [] };
  const { requests, record } = plan.memory;
  say(`sending ${written(requests)} mixed requests`);
  const run: Run = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    requests,
    ...(await endure(requests)),
  };
  if (record) writeFileSync(recorded, `${JSON.stringify(run, null, 2)}\n`);
  const counting = requests < goalRequests ? lastRecorded() : run;
  const { heldMb, growthPct } = counting;
  return {
    numbers: { memoryMb: sampleOf([heldMb]), memoryGrowthPct: sampleOf([growthPct]) },
    sentences: [
      ...(counting === run
        ? []
        : [
            `The numbers of memory are those of ${counting.date}, of \`npm run bench -- --only memory --write\`: ${counting.machine}.`,
            sentenceOf(counting),
          ]),
      sentenceOf(run),
    ],
    tables: [],
  };
}

function lastRecorded(): Run {
  return JSON.parse(readFileSync(recorded, "utf8"));
}

async function endure(requests: number): Promise<Endured> {
  const args = ["--disable-warning=ExperimentalWarning", join(root, "test/growth/endure.ts")];
  const child = watched(
    spawn(process.execPath, [...args, "--json", "--requests", String(requests)], {
      stdio: ["ignore", "pipe", "pipe"],
    }),
    "SIGTERM",
  );
  const [output, errors] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
  const last = output.trimEnd().split("\n").at(-1)!;
  if (!last.startsWith("{")) throw new Error(`the run of mixed requests failed: ${last}\n${errors}`);
  return JSON.parse(last);
}

function sentenceOf({ requests, heldMb, mostMb, growthPct, problems }: Run): string {
  return (
    `Over ${written(requests)} mixed requests the runtime held ${Math.round(heldMb)} MB at most after a collection, and had ` +
    `${Math.round(mostMb)} MB at most before one; it grew by ${growthPct.toFixed(1)} %.` +
    problems.map((problem) => ` Problem: ${problem}.`).join("")
  );
}

function written(count: number): string {
  return count.toLocaleString("en");
}
