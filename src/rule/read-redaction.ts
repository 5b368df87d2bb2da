/** Reads the setting `REDACT`. */
import { catalogue } from "../callback/catalogue.ts";
import type { Command } from "../callback/command.ts";
import { leadsInto, pathsIn } from "../callback/field-paths.ts";
import { positionOfMistake } from "../callback/json-mistake.ts";
import { type Sentence, say } from "../sentence.ts";
import { readFieldPath } from "./field-path.ts";
import { got, isObject } from "./json.ts";
import { repeatedKeys } from "./json-text.ts";
import { nearestOf } from "./nearest.ts";
import { fitting } from "./on.ts";
import { type MaskedPaths, Redaction } from "./redaction.ts";
import { inside, pathAt, type SettingPath } from "./setting-path.ts";

export interface ReadRedaction {
  /** Null: nothing is masked. */
  redaction: Redaction | null;
  /** Sentences. With a mistake, nothing may be accepted: a value to mask might be kept. */
  mistakes: Sentence[];
  warnings: Sentence[];
}

/** @param given the setting, as text or as the JSON value that the platform has parsed from it */
export function readRedaction(given: unknown): ReadRedaction {
  const mistakes: Sentence[] = [];
  const warnings: Sentence[] = [];
  const root = pathAt("REDACT", (_, message, shown) => mistakes.push(say`${shown}: ${message}`));
  const warn = pathAt("REDACT", (_, message, shown) => warnings.push(say`${shown}: ${message}`));
  const list = readList(given, root);
  const entries = list.map((entry, index) => readEntry(entry, root.item(index), warn.item(index)));
  const right = entries.filter((entry) => entry !== undefined);
  return { redaction: right.length === 0 ? null : new Redaction(right), mistakes, warnings };
}

function readList(given: unknown, path: SettingPath): unknown[] {
  let list = given;
  if (typeof given === "string") {
    const text = given.trim();
    try {
      list = text === "" ? [] : JSON.parse(text);
    } catch {
      path.problem(say`is not JSON (see character ${given.indexOf(text) + positionOfMistake(text) + 1})`);
      return [];
    }
    for (const steps of repeatedKeys(text)) inside(path, steps).problem(say`is given twice`);
  }
  if (Array.isArray(list)) return list;
  path.problem(say`expected a list of objects with on and paths, ${got(list)}`);
  return [];
}

const entryKeys = ["on", "paths"];

function readEntry(entry: unknown, path: SettingPath, warn: SettingPath): MaskedPaths | undefined {
  if (!isObject(entry)) return path.problem(say`expected an object with on and paths, ${got(entry)}`);
  for (const name of Object.keys(entry))
    if (!entryKeys.includes(name))
      path.key(name).problem(say`is not a key: did you mean ${nearestOf(name, entryKeys)}?`);
  const on = readTexts(entry.on, path.key("on"));
  const paths = readTexts(entry.paths, path.key("paths"));
  for (const [index, command] of on.entries()) checkCommand(command, path.key("on").item(index));
  const fits = fitting(on);
  const commands = catalogue.values().filter(({ name }) => fits(name));
  const dotted = paths.map((one, index) =>
    readPath(one, commands, path.key("paths").item(index), warn.key("paths").item(index)),
  );
  return on.length > 0 && paths.length > 0 ? { fits, paths: dotted } : undefined;
}

/** A text, or a list of at least one. */
function readTexts(value: unknown, path: SettingPath): string[] {
  if (value === undefined) path.problem(say`is missing`);
  const texts = Array.isArray(value) ? value : [value];
  if (texts.length === 0) path.problem(say`is an empty list`);
  return texts.filter((one, index) => {
    if (typeof one === "string" && one !== "") return true;
    if (value !== undefined) path.item(index).problem(say`expected a text, ${got(one)}`);
    return false;
  });
}

function checkCommand(command: string, path: SettingPath): void {
  const known = catalogue.keys();
  if (known.some(fitting([command]))) return;
  const nearest = nearestOf(command, known);
  path.problem(say`fits no command that is known: did you mean ${nearest}? For unknown commands write *`);
}

/** Returns its steps joined by dots: a dot in a name is a step too. */
function readPath(
  written: string,
  commands: readonly Command[],
  path: SettingPath,
  warn: SettingPath,
): string {
  const read = readFieldPath(written.startsWith("[") ? `body${written}` : `body.${written}`);
  const steps = typeof read === "string" ? [0] : read.steps;
  const dotted = steps.join(".");
  if (steps.some((step) => typeof step === "number"))
    path.problem(
      say`expected steps such as MsgBody.MsgContent.Text, which lead through lists without places`,
    );
  else if (dotted === "CallbackCommand") path.problem(say`names the command, which cannot be masked`);
  else if (!isDocumented(dotted, commands)) {
    const known = [...new Set(commands.flatMap(({ body }) => pathsIn(body)))];
    const nearest = nearestOf(dotted, known);
    warn.problem(say`no command of its on is documented to have this field: did you mean ${nearest}?`);
  }
  return dotted;
}

/** True also where nothing is known: of some commands only the name is documented. */
function isDocumented(path: string, commands: readonly Command[]): boolean {
  const steps = path.split(".");
  return commands.length === 0 || commands.some(({ nameOnly, body }) => nameOnly || leadsInto(body, steps));
}
