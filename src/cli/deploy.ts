/** `npm run deploy`: checks the settings to deploy, says where each comes from, and hands them to wrangler. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { printable } from "../callback/text.ts";
import { ruleVariables } from "../settings.ts";
import { checkRules } from "./check-rules.ts";
import { type Deployment, readDeployment, requiring } from "./deployment.ts";
import { onStop, program } from "./program.ts";
import { root } from "./root.ts";
import { userFileName } from "./user-file.ts";
import { wrangler } from "./wrangler.ts";
import { generatedConfig } from "./wrangler-config.ts";

const help = `Usage: npm run deploy -- [options of wrangler deploy]

Checks the variables, rules and redaction of tim-relay.jsonc and wrangler.toml, and deploys them with the Worker. With a
mistake nothing is deployed. Variables that neither file has stay as they are on Cloudflare.

  --dry-run          goes through to wrangler: builds and shows everything, and uploads nothing
  --env NAME         deploys environments.NAME of tim-relay.jsonc, or env.NAME of wrangler.toml, as a Worker of its own
  --var NAME:VALUE   goes before both files
  --no-keep-vars     removes the variables that neither file has
  --config FILE      is read instead of wrangler.toml

All other options of wrangler deploy work too.`;

program(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help);
    return 0;
  }
  const { configPath, environment, keepVars, args } = options;
  if (!existsSync(configPath)) throw new Error(`there is no ${configPath}`);
  const { stopping } = onStop();
  const deployment = readDeployment(configPath, options);
  const checked = checkRules(deployment.rules);
  const mistakes = [...deployment.mistakes, ...checked.mistakes];
  const secrets = [...new Set([...deployment.required, ...checked.unset])];
  for (const line of [...origins(deployment), ...checked.described]) console.log(printable(line));
  if (secrets.length > 0) console.log(`needs the secrets: ${secrets.join(", ")}`);
  for (const problem of [...mistakes, ...checked.warnings]) console.error(printable(problem));
  if (mistakes.length > 0) {
    console.error(
      `${mistakes.length} ${mistakes.length === 1 ? "mistake" : "mistakes"}: nothing was deployed`,
    );
    return 1;
  }

  const generated = generatedConfig(configPath, "deploy");
  const config = requiring(deployment.config, environment, secrets);
  generated.write(keepVars === null ? config : { ...config, keep_vars: keepVars });
  try {
    const child = wrangler(["deploy", `--config=${generated.path}`, ...args], {
      output: "inherit",
      input: "inherit",
    });
    stopping.addEventListener("abort", () => child.kill("SIGTERM"));
    const [code] = await once(child, "exit");
    return code ?? 1;
  } finally {
    generated.remove();
  }
});

interface DeployOptions {
  help: boolean;
  configPath: string;
  environment: string | null;
  /** Null: as the configuration says. */
  keepVars: boolean | null;
  given: Record<string, string>;
  /** The arguments that go through to wrangler. */
  args: string[];
}

/** Reads the options that matter here. All but `--config` go through. */
function readOptions(args: string[]): DeployOptions {
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: {
      help: { type: "boolean", short: "h" },
      config: { type: "string", short: "c" },
      env: { type: "string", short: "e" },
      var: { type: "string", multiple: true },
    },
  });
  const read: DeployOptions = {
    help: false,
    configPath: join(root, "wrangler.toml"),
    environment: process.env.CLOUDFLARE_ENV || null,
    keepVars: null,
    given: {},
    args: [...args],
  };
  let last = "";
  for (const token of tokens) {
    if (token.kind === "option-terminator") break;
    if (token.kind === "option") last = token.name;
    // `--var A:1 B:2` sets both.
    const value = token.kind === "option" || last === "var" ? (token.value ?? "") : null;
    if (value === null) continue;
    if (last === "help") read.help = true;
    else if (last === "env") read.environment = value || null;
    else if (last === "keep-vars") read.keepVars = value !== "false";
    else if (last === "no-keep-vars") read.keepVars = false;
    else if (last === "var") {
      const colon = value.indexOf(":");
      if (colon === -1) throw new Error(`--var: expected NAME:VALUE, got ${value}`);
      read.given[value.slice(0, colon)] = value.slice(colon + 1);
    } else if (last === "config" && token.kind === "option") {
      read.configPath = resolve(root, value);
      read.args.splice(token.index, token.inlineValue ? 1 : 2);
    }
  }
  return read;
}

/** Says which files were read, and where each variable comes from. */
function origins({ files, variables }: Deployment): string[] {
  const byPlace = Map.groupBy(variables, ([, { place }]) => place);
  const isUnused = (name: string, value: unknown) => ruleVariables.includes(name) && value === "[]";
  const empty = [...variables].filter(([name, { value }]) => isUnused(name, value)).map(([name]) => name);
  return [
    `read ${files.join(", ")}`,
    ...[...byPlace].map(([place, all]) => {
      const names = all.filter(([name, { value }]) => !isUnused(name, value)).map(([name]) => name);
      return `from ${place}: ${names.join(", ") || "no variables"}`;
    }),
    ...(empty.length > 0
      ? [`without rules, so that none of an earlier deploy stays: ${empty.join(", ")}`]
      : []),
    ...(files.includes(userFileName)
      ? []
      : [`there is no ${userFileName}: other variables stay as they are`]),
  ];
}
