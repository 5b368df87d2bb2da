/** Uses of wrangler, by its own definitions, and parts of its configuration, by its own reader. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { experimental_getWranglerCommands, unstable_readConfig } from "wrangler";
import { readDeployment, requiring } from "../../src/cli/deployment.ts";
import { root } from "../../src/cli/root.ts";
import { readWranglerConfig } from "../../src/cli/wrangler-config.ts";

interface Argument {
  alias?: string | readonly string[];
  type?: string;
  choices?: readonly unknown[];
}

interface Definition {
  type: string;
  args?: Readonly<Record<string, Argument>>;
  positionalArgs?: readonly string[];
}

interface Node {
  definition?: Definition;
  subtree: ReadonlyMap<string, Node>;
}

const { registry, globalFlags } = experimental_getWranglerCommands() as unknown as {
  registry: Node;
  globalFlags: Readonly<Record<string, Argument>>;
};

/** Options that `npm run deploy` takes beside those of `wrangler deploy`. */
export const deployArguments: Readonly<Record<string, Argument>> = { "no-keep-vars": { type: "boolean" } };

/** The mistake in these arguments of `wrangler`, or null. */
export function wranglerProblem(
  args: readonly string[],
  more: Readonly<Record<string, Argument>> = {},
): string | null {
  let node = registry;
  let at = 0;
  for (let next = node.subtree.get(args[at] ?? ""); next; next = node.subtree.get(args[at] ?? "")) {
    node = next;
    at++;
  }
  const { definition } = node;
  if (definition?.type !== "command") return `${args.slice(0, at + 1).join(" ")} is no command of wrangler`;
  const known = byName({ ...globalFlags, ...definition.args, ...more });
  const positional: string[] = [];
  for (; at < args.length; at++) {
    const word = args[at]!;
    if (!word.startsWith("-")) {
      positional.push(word);
      continue;
    }
    const [name, inline] = word.split("=") as [string, string?];
    const argument = known.get(name);
    if (!argument) return `wrangler has no option ${name} here`;
    if (argument.type === "boolean") continue;
    const value = inline ?? args[++at];
    if (value === undefined) return `${name} takes a value`;
    if (argument.type === "number" && !Number.isFinite(Number(value)))
      return `${name}: expected a number, got ${value}`;
    if (argument.choices && !argument.choices.includes(value))
      return `${name}: expected ${argument.choices.join(", ")}`;
  }
  const most = definition.positionalArgs ?? [];
  const isList = most.some((name) => (definition.args?.[name] as { array?: boolean })?.array);
  return positional.length > most.length && !isList
    ? `${positional[most.length]} is one argument too many`
    : null;
}

function byName(args: Readonly<Record<string, Argument>>): Map<string, Argument> {
  return new Map(
    Object.entries(args).flatMap(([name, argument]) =>
      [name, ...[argument.alias ?? []].flat()].flatMap((one): [string, Argument][] => [
        [one.length === 1 ? `-${one}` : `--${one}`, argument],
        [`--no-${one}`, { type: "boolean" }],
      ]),
    ),
  );
}

/** The mistakes and warnings of wrangler about a part of its configuration, beside the project's own. */
export function configurationProblems(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-samples-"));
  const warn = console.warn;
  const said: string[] = [];
  try {
    const part = parse(text);
    // A whole configuration is of another Worker.
    const whole = "name" in part ? part : { ...readWranglerConfig(join(root, "wrangler.toml")), ...part };
    const path = join(folder, "wrangler.json");
    const deployed = join(folder, "deployed.json");
    writeFileSync(path, JSON.stringify(whole));
    console.warn = (...words: unknown[]) => said.push(words.join(" "));
    for (const env of [null, ...Object.keys(part.env ?? {})]) {
      // An environment gets by `npm run deploy` the parts that wrangler does not hand down.
      const { config, required } = readDeployment(path, { environment: env });
      writeFileSync(deployed, JSON.stringify(env === null ? config : requiring(config, env, required)));
      unstable_readConfig({ config: deployed, ...(env !== null && { env }) }, {});
    }
    return said;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    console.warn = warn;
    rmSync(folder, { recursive: true });
  }
}
