/**
 * Simulates with a mistake in the code: `node broken.ts NUMBER SEEDS`. Some seeds come first, then the runs that are kept,
 * then the other seeds. Says each run that it begins, and at the end the first that fails, with its first problem, or null.
 */
import "../simulation/quiet.ts";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { root } from "../../src/cli/root.ts";
import type { Run } from "../simulation/simulation.ts";
import { mutated } from "./mutated.ts";
import { mutations } from "./mutations.ts";
import { say } from "./said.ts";

/** Most mistakes show within so many seeds. */
const firstSeeds = 60;

const [number, seeds] = process.argv.slice(2).map(Number) as [number, number];
const mutation = mutations[number]!;
const broken = pathToFileURL(`${root}/src/${mutation.file}`).href;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    return url === broken ? { ...loaded, source: mutated(mutation, String(loaded.source)) } : loaded;
  },
});

let running = "";
// A mistake may end in an error that no code catches: that shows it too.
process.on("uncaughtException", (error) => {
  if (running === "") throw error;
  say({ found: { run: running, problem: `uncaught: ${error}` } });
  process.exit();
});

const { drawRun, simulate } = await import("../simulation/simulation.ts");
const { found: kept } = await import("../simulation/found.ts");
const patience = new Worker(join(import.meta.dirname, "patience.ts"));
// A run that waits for ever ends the process with a code of its own: nothing but this thread would keep it.
patience.unref();

function* drawn(from: number, to: number): Iterable<readonly [name: string, run: Run]> {
  for (let seed = from; seed <= to; seed++) yield [`seed ${seed}`, drawRun(seed)];
}

function* runs(): Iterable<readonly [name: string, run: Run]> {
  yield* drawn(1, Math.min(seeds, firstSeeds));
  for (const [name, run] of kept) yield [`the kept run of ${name}`, run];
  yield* drawn(firstSeeds + 1, seeds);
}

async function firstFound() {
  for (const [name, run] of runs()) {
    running = name;
    say({ begins: name });
    patience.postMessage(name);
    const [problem] = (await simulate(run)).failure?.problems ?? [];
    if (problem !== undefined) return { run: name, problem };
  }
  return null;
}

say({ found: await firstFound() });
process.exit();
