/**
 * Runs the tests: `node test/run.ts [unit|e2e] [FILE…] [--watch] [--name PATTERN]`, without a tier both.
 *
 * Files named `*.test.ts` are the unit tier: they stay within one process, and run all together in this one. Files
 * named `*.e2e.ts` start programs or the runtime, and have a process each.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import { bundle } from "../src/cli/bundle.ts";
import { settingNames } from "../src/settings.ts";
import { times } from "./support/repetition.ts";

const endings = { unit: ".test.ts", e2e: ".e2e.ts" } as const;
type Tier = keyof typeof endings;

/** A file of the whole e2e tier that takes longer has come to a stop: it fails, and the others are still told. */
const longestFileMs = 15 * 60_000 * times;

/** Files that take longest come first, so that none of them runs alone at the end. */
const longest = [
  "cli/matrix",
  "shard/relay",
  "cli/start",
  "soak/soak",
  "crash/crash",
  "bench/",
  "cli/doctor",
  "http/missing-shard",
  "faults/relay-losses",
  "simulation/simulation",
  "cli/",
  "dashboard/",
  "shard/invariants",
  "delivery/transports",
  "faults/",
  "chaos/",
];

// The developer's own gateway may be set up in the environment. Every process of a test takes the environment from here.
for (const name of Object.keys(process.env))
  if (settingNames.includes(name) || /^(PORT|HOST|DATA_DIR|CLOUDFLARE_ENV|TIM_RELAY_.*)$/.test(name))
    delete process.env[name];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { watch: { type: "boolean", default: false }, name: { type: "string" } },
});
const [first, ...others] = positionals;
const tier = first === "unit" || first === "e2e" ? first : null;
const given = (tier === null ? positionals : others).map((file) => resolve(file));

if (tier === null) {
  const passed = await Promise.all([tierPasses("unit"), tierPasses("e2e")]);
  process.exitCode = passed.every(Boolean) ? 0 : 1;
} else await runTier(tier);

/** Runs a tier as a process of its own, with the same options. Both run at once; the unit tier's report comes whole. */
async function tierPasses(tier: Tier): Promise<boolean> {
  if (filesOf(tier).length === 0) return true;
  const args = [...process.execArgv, import.meta.filename, tier, ...process.argv.slice(2)];
  const stdout = tier === "unit" && !values.watch ? "pipe" : "inherit";
  const child = spawn(process.execPath, args, { stdio: ["inherit", stdout, "inherit"] });
  const [report, [code]] = await Promise.all([child.stdout && text(child.stdout), once(child, "exit")]);
  if (report) process.stdout.write(report);
  return code === 0;
}

async function runTier(tier: Tier): Promise<void> {
  // Otherwise the first files of a run would each make the build.
  if (tier === "e2e") await bundle(AbortSignal.timeout(120_000));
  const stream = run({
    files: filesOf(tier),
    watch: values.watch,
    ...(values.name !== undefined && { testNamePatterns: [values.name] }),
    // The unit tier shares one process, which loads every module once; but watching takes a process for each file.
    isolation: tier === "unit" && !values.watch && !values.name ? "none" : "process",
    // A file of the e2e tier mostly waits.
    concurrency: tier === "unit" ? true : 2 * availableParallelism(),
    ...(tier === "e2e" && given.length === 0 && !values.watch && { timeout: longestFileMs }),
  });
  stream.on("test:fail", () => {
    process.exitCode = 1;
  });
  stream.compose(new spec()).pipe(process.stdout);
}

function filesOf(tier: Tier): string[] {
  const all = given.length > 0 ? given : globSync(join(import.meta.dirname, `**/*${endings[tier]}`));
  const rank = (file: string) => {
    const index = longest.findIndex((start) => file.startsWith(join(import.meta.dirname, start)));
    return index === -1 ? longest.length : index;
  };
  return all
    .filter((file) => file.endsWith(endings[tier]))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
