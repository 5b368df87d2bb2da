/** `npm run rules`: checks rules before they are deployed, describes them, and tries them on an event. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Event, Issue } from "../callback/event.ts";
import { printable } from "../callback/text.ts";
import { type Json, parseJson } from "../rule/json.ts";
import { repeatedKeys } from "../rule/json-text.ts";
import { inside, pathAt } from "../rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../rule/trial.ts";
import { type Checked, checkRules } from "./check-rules.ts";
import { program } from "./program.ts";
import { ruleSetsHere, ruleSetsIn } from "./rule-sets.ts";

const help = `Usage: npm run rules -- check [FILE]
       npm run rules -- test [FILE] --event FILE

check  names every mistake, also of REDACT and other variables, and describes each rule in words
test   says which rules match an event, and for each other rule which field does not

FILE is a JSON array of rules, or a file such as tim-relay.jsonc, .dev.vars or wrangler.toml. Nothing else is read then.
Without it come the rules that a deploy would take, from tim-relay.jsonc and wrangler.toml, and those of local runs,
from the environment, then from .dev.vars, then from tim-relay.jsonc. A line before them says where they stand.
The event is JSON: {"command": "Group.CallbackAfterSendMsg", "body": {…}}, or a body with its CallbackCommand.
Secrets that are not set here are taken to be right, and named.
Ends with exit code 1 if there is a mistake.`;

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

  const event = values.event === undefined ? null : readEvent(values.event);
  const sets = file === undefined ? ruleSetsHere() : ruleSetsIn(file);
  const checked = sets.map((set) => {
    if (file === undefined || sets.length > 1) console.log(printable(`${set.from}:`));
    const one = checkRules(set);
    if (event === null) report(one);
    else tryOn(event, one);
    return one;
  });
  const wrong = sum(checked, ({ mistakes }) => mistakes.length);
  if (event === null) {
    console.log(
      `${counted(
        sum(checked, ({ book }) => book.rules.length),
        "rule",
      )}, ${counted(wrong, "mistake")}`,
    );
    return wrong > 0 ? 1 : 0;
  }
  return sum(checked, ({ book }) => book.mistakes.length) > 0 ? 1 : 0;
});

function report({ mistakes, warnings, unset, described }: Checked): void {
  for (const problem of mistakes) console.error(printable(problem));
  tellUnset(unset);
  for (const warning of warnings) console.error(printable(warning));
  for (const rule of described) console.log(printable(rule));
}

function tryOn(event: Event, { book, ruleProblems, unset }: Checked): void {
  for (const problem of ruleProblems) console.error(printable(problem));
  tellUnset(unset);
  for (const { rule, failed } of runTrial(book, event))
    console.log(printable(`${rule}: ${failed ? `does not fit: ${failed.why}` : "fits"}`));
}

function tellUnset(names: readonly string[]): void {
  if (names.length > 0)
    console.error(`Not set here, and taken to be right: ${names.map((name) => `$${name}`).join(", ")}`);
}

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

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
