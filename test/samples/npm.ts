/** Uses of npm: the script is in `package.json`, and takes these options. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { root } from "../../src/cli/root.ts";
import { programProblem } from "./tim-relay.ts";

const scripts: Readonly<Record<string, string>> = manifest.scripts;

/** Commands of npm itself that documents use, with the form of their arguments. */
const own: Readonly<Record<string, RegExp>> = {
  ci: /^$/,
  pack: /^$/,
  install: new RegExp(`^\\./tim-relay-${manifest.version.replaceAll(".", "\\.")}\\.tgz$`),
};

/** Scripts that npm runs without `run`. */
const short = ["start", "test"];

/** The mistake in these arguments of `npm`, or null. */
export function npmProblem(args: readonly string[]): string | null {
  const [command = "", ...others] = args;
  if (command in own) {
    const given = others.join(" ");
    return own[command]!.test(given) ? null : `npm ${command}: expected ${own[command]}, got "${given}"`;
  }
  const isRun = command === "run";
  if (!isRun && !short.includes(command))
    return `npm ${command} is not known here: add it to test/samples/npm.ts`;
  const [name = "", ...after] = isRun ? others : args;
  const script = scripts[name];
  if (script === undefined) return `package.json has no script ${name}`;
  const silent = after[0] === "--silent" ? after.slice(1) : after;
  if (silent.length > 0 && silent[0] !== "--") return `${silent[0]}: options of a script come after "--"`;
  return scriptProblem(script, silent.slice(1));
}

function scriptProblem(script: string, args: readonly string[]): string | null {
  const [, used] = /^node src\/cli\/tim-relay\.js ?(.*)$/.exec(script) ?? [];
  if (used !== undefined) return programProblem([...used.split(" ").filter(Boolean), ...args]);
  const file = script.split(" ").find((word) => /^\w\S*\.ts$/.test(word));
  if (file === undefined) return args.length === 0 ? null : `"${script}" takes no options here`;
  return optionProblem(readFileSync(join(root, file), "utf8"), args);
}

/**
 * The mistake in options of a program that tells of them in its source: by its help, or by the comment at its beginning.
 * `--seeds N` takes a number, `--only PART` a text, `--json` nothing.
 */
export function optionProblem(source: string, args: readonly string[]): string | null {
  const help =
    /^const help = `([\s\S]*?)`;$/m.exec(source)?.[1] ?? /^\/\*\*[\s\S]*?\*\//.exec(source)?.[0] ?? "";
  const known = new Map(
    [...help.matchAll(/(--[a-z][\w-]*)(?: ([A-Z][A-Z:]*)\b)?/g)].map(([, name, kind]) => [name!, kind]),
  );
  for (let at = 0; at < args.length; at++) {
    const [name, inline] = args[at]!.split("=") as [string, string?];
    if (!name.startsWith("--")) continue;
    if (!known.has(name) && source.includes(`argv.includes("${name}")`)) continue;
    // Of wrangler: `samples.e2e.ts` looks at them.
    if (!known.has(name) && help.includes("All other options of wrangler")) continue;
    if (!known.has(name))
      return `${name} is no option of it: there are ${[...known.keys()].join(", ") || "none"}`;
    const kind = known.get(name);
    if (kind === undefined) continue;
    const value = inline ?? args[++at];
    if (value === undefined) return `${name} takes ${kind}`;
    if (kind === "N" && !Number.isFinite(Number(value))) return `${name}: expected a number, got ${value}`;
  }
  return null;
}
