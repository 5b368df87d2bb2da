/**
 * Simulates with a mistake in the code: `node broken.ts NUMBER SEEDS`, the seeds first, then the runs that are kept.
 * Says each run that it begins, and at the end the first that fails, with its first problem, or null.
 */
import "../simulation/quiet.ts";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { root } from "../../src/cli/root.ts";
import type { Run } from "../simulation/simulation.ts";
import type { Found, Said } from "./find.ts";
import { mutated } from "./mutated.ts";
import { mutations } from "./mutations.ts";

const [number, seeds] = process.argv.slice(2).map(Number) as [number, number];
const mutation = mutations[number]!;
const broken = pathToFileURL(`${root}/src/${mutation.file}`).href;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    return url === broken ? { ...loaded, source: mutated(mutation, String(loaded.source)) } : loaded;
  },
});

const say = (said: Said, then?: () => void) => process.stdout.write(`${JSON.stringify(said)}\n`, then);
const end = (found: Found | null) => say({ found }, () => process.exit());
let running = "";
// A mistake may end in an error that no code catches: that shows it too.
process.on("uncaughtException", (error) => end({ run: running, problem: `uncaught: ${error}` }));

const { drawRun, simulate } = await import("../simulation/simulation.ts");
const { found: kept } = await import("../simulation/found.ts");

function* runs(): Iterable<readonly [name: string, run: Run]> {
  for (let seed = 1; seed <= seeds; seed++) yield [`seed ${seed}`, drawRun(seed)];
  for (const [name, run] of kept) yield [`the kept run of ${name}`, run];
}

let found: Found | null = null;
for (const [name, run] of runs()) {
  running = name;
  say({ begins: name });
  const [problem] = (await simulate(run)).failure?.problems ?? [];
  if (problem === undefined) continue;
  found = { run: name, problem };
  break;
}
end(found);
