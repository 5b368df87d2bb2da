/** `npm run rules`: checks rules before they are deployed, describes them, and tries them on an event. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import type { Issue } from "../callback/event.ts";
import { printable } from "../callback/text.ts";
import { readConfig } from "../config.ts";
import { describe } from "../rule/describe.ts";
import { type Json, parseJson } from "../rule/json.ts";
import { repeatedKeys } from "../rule/json-text.ts";
import { parseRules, type RuleBook } from "../rule/parse-rules.ts";
import { readRedaction } from "../rule/redaction.ts";
import { textsIn } from "../rule/secret.ts";
import { inside, pathAt } from "../rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../rule/trial.ts";
import { unknownCommands } from "../rule/unknown-commands.ts";
import { ruleVariables } from "../settings.ts";
import { program } from "./program.ts";
import { readSettings } from "./settings.ts";

const help = `Usage: npm run rules -- check [FILE]
       npm run rules -- test [FILE] --event FILE

check  names every mistake, also of REDACT, and describes each rule in words
test   says which rules match an event, and for each other rule which field does not

FILE is a JSON array of rules, a file such as .dev.vars, or a wrangler.toml. Without it the rules come from the
environment, then from .dev.vars, then from wrangler.toml.
The event is JSON: {"command": "Group.CallbackAfterSendMsg", "body": {…}}, or a body with its CallbackCommand.
Secrets that are not set here are taken to be right, and named.
Ends with exit code 1 if there is a mistake.`;

type Variables = Readonly<Record<string, unknown>>;

program(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, event: { type: "string" } },
  });
  const [verb, file, ...more] = positionals;
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (more.length > 0 || (verb === "check" ? values.event !== undefined : verb !== "test" || !values.event)) {
    throw new Error(help);
  }

  const variables = await variablesOf(file);
  const { book, unset } = readBook(variables);
  for (const problem of book.problems) console.error(printable(problem));
  if (unset.length > 0) console.error(`Not set here, and taken to be right: ${unset.join(", ")}`);
  if (values.event === undefined) {
    const { redaction, mistakes, warnings } = readRedaction(variables.REDACT ?? []);
    for (const problem of [...mistakes, ...warnings]) console.error(printable(problem));
    for (const rule of book.rules) {
      console.log(printable(`${rule.name}: ${describe(rule)}`));
      for (const on of unknownCommands(rule))
        console.error(printable(`${rule.name}: ${on} fits no command that is known`));
      for (const field of redaction?.maskedFields(rule) ?? [])
        console.error(printable(`${rule.name}: match sees ${field} as REDACT masks it`));
    }
    const wrong = book.mistakes.length + mistakes.length;
    console.log(`${counted(book.rules.length, "rule")}, ${counted(wrong, "mistake")}`);
    return wrong > 0 ? 1 : 0;
  }
  const event = readEvent(values.event);
  for (const { rule, failed } of runTrial(book, event)) {
    console.log(printable(`${rule}: ${failed ? `does not fit: ${failed.why}` : "fits"}`));
  }
  return book.mistakes.length > 0 ? 1 : 0;
});

/** The variables of this machine; the variables of `file` take precedence. */
async function variablesOf(file: string | undefined): Promise<Variables> {
  const settings = readSettings();
  if (file === undefined) {
    const here = Object.keys(settings).some((name) => ruleVariables.includes(name) && settings[name]);
    return here || !existsSync("wrangler.toml")
      ? settings
      : { ...settings, ...(await configured("wrangler.toml")) };
  }
  const text = readFileSync(file, "utf8");
  const otherSettings = Object.fromEntries(
    Object.entries(settings).filter(([name]) => !ruleVariables.includes(name)),
  );
  if (/^wrangler.*\.(toml|jsonc?)$/.test(basename(file)) || file.endsWith(".toml")) {
    return { ...otherSettings, ...(await configured(file)) };
  }
  return { ...otherSettings, ...(/^\s*\[/.test(text) ? { FORWARD_RULES: text } : parseEnv(text)) };
}

async function configured(path: string): Promise<Variables> {
  // Imported on demand: Wrangler takes seconds to load.
  const { unstable_readConfig } = await import("wrangler");
  return unstable_readConfig({ config: path }, { hideWarnings: true }).vars;
}

function readBook(variables: Variables): { book: RuleBook; unset: string[] } {
  const { ALLOW_PRIVATE_DESTINATIONS, RETENTION_HOURS } = variables;
  const { privateDestinations, retentionMs } = readConfig({ ALLOW_PRIVATE_DESTINATIONS, RETENTION_HOURS });
  const unset = new Set<string>();
  const book = parseRules(
    ruleVariables.map((name) => ({ name, value: variables[name] })),
    {
      secret(name, address) {
        const value = variables[name];
        if (textsIn(value).length > 0) return value;
        unset.add(`$${name}`);
        return address ? "https://stand-in.example.com" : standIn;
      },
      privateNetworks: privateDestinations,
      local: true,
      retentionMs,
    },
  );
  return { book, unset: [...unset] };
}

/** A valid value for every secret that is not an address. */
const standIn = `whsec_${Buffer.alloc(24).toString("base64")}`;

function readEvent(file: string) {
  const mistakes: Issue[] = [];
  const root = pathAt("event", (path, message) => mistakes.push({ path, message }));
  const { text, value } = readJson(file);
  const event = readTrialEvent(value, root, Date.now());
  for (const path of repeatedKeys(text)) inside(root, path).problem("is given twice");
  if (!event || mistakes.length > 0)
    throw new Error(mistakes.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return event;
}

function readJson(file: string): { text: string; value: Json } {
  try {
    const text = readFileSync(file, "utf8");
    return { text, value: parseJson(text) };
  } catch (error) {
    throw error instanceof SyntaxError ? new Error(`${file} is not JSON: ${error.message}`) : error;
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
