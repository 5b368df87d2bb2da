/** Options that stand alone in prose or in a table: some program of the project takes each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import manifest from "../../package.json" with { type: "json" };
import { commands } from "../../src/cli/commands.ts";
import { root } from "../../src/cli/root.ts";

const withParts = (command: CommandUnknownOpts): CommandUnknownOpts[] => [
  command,
  ...command.commands.flatMap(withParts),
];

const scripts = Object.values(manifest.scripts).flatMap((script) =>
  script.split(" ").filter((word) => /^\w\S*\.ts$/.test(word)),
);

const known = new Set([
  "--help",
  // Of `wrangler kv key put`, and of its other commands about stored values.
  ...["--local", "--remote"],
  ...commands
    .flatMap(withParts)
    .flatMap(({ options }) => options.flatMap(({ long, short }) => [long, short])),
  ...scripts.flatMap((file) => readFileSync(join(root, file), "utf8").match(/--[a-z][\w-]*/g) ?? []),
]);

/** The mistake in a code span that is an option, `--since 2h` or `-- --quick`; null: there is none, or it is no option. */
export function loneOptionProblem(text: string): string | null {
  const [, name] = /^(?:-- )?(--[a-z][\w-]*)/.exec(text) ?? [];
  return name === undefined || known.has(name) ? null : `no program of the project takes ${name}`;
}
