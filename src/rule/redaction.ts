/** Reads the setting `REDACT`: the values of bodies that are masked before an event is kept, logged or sent. */
import { catalogue } from "../callback/catalogue.ts";
import type { Command } from "../callback/command.ts";
import type { Field } from "../callback/field.ts";
import { positionOfMistake } from "../callback/json-mistake.ts";
import { isMasked, type Masks, masksOf } from "../callback/mask.ts";
import { readFieldPath } from "./field-path.ts";
import { got, isObject } from "./json.ts";
import { repeatedKeys } from "./json-text.ts";
import { fitsWildcard } from "./match/wildcard.ts";
import { nearestOf } from "./nearest.ts";
import type { Rule } from "./rule.ts";
import { inside, pathAt, type SettingPath } from "./setting-path.ts";

/** One entry: the commands, and the paths in their bodies. */
interface Entry {
  on: readonly string[];
  paths: readonly string[];
}

export class Redaction {
  readonly #entries: readonly Entry[];
  readonly #masks = new Map<string, Masks | null>();

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** The masks of a command's body; null if nothing of it is masked. */
  masksOf(command: string): Masks | null {
    let masks = this.#masks.get(command);
    if (masks === undefined) {
      const paths = this.#entries.filter(({ on }) => fits(on, command)).flatMap(({ paths }) => paths);
      masks = paths.length === 0 ? null : masksOf(paths);
      // A caller may name any unknown command.
      if (catalogue.has(command)) this.#masks.set(command, masks);
    }
    return masks;
  }

  /**
   * The fields that a forward rule looks at and that are masked: it sees the masked copy.
   * @returns paths from the event on: `body.MsgBody.MsgContent.Text`
   */
  maskedFields({ kind, on, match, words }: Rule): string[] {
    const fields = [...(match?.fields ?? []), ...(words === null ? [] : [textField])];
    if (kind !== "forward" || fields.length === 0) return [];
    const commands = catalogue.keys().filter((command) => on === null || fits(on, command));
    const masks = commands.map((command) => this.masksOf(command)).filter((one) => one !== null);
    return fields.filter((field) => {
      const path = field.startsWith("body.") ? field.slice("body.".length) : null;
      return path !== null && masks.some((one) => isMasked(one, path));
    });
  }
}

/** The field that `words` looks at. */
const textField = "body.MsgBody.MsgContent.Text";

export interface ReadRedaction {
  /** Null: nothing is masked. */
  redaction: Redaction | null;
  /** Sentences. With a mistake, nothing may be accepted: a value to mask might be kept. */
  mistakes: string[];
  warnings: string[];
}

/** @param given the setting, as text or as the JSON value that the platform has parsed from it */
export function readRedaction(given: unknown): ReadRedaction {
  const mistakes: string[] = [];
  const warnings: string[] = [];
  const root = pathAt("REDACT", (_, message, shown) => mistakes.push(`${shown}: ${message}`));
  const warn = pathAt("REDACT", (_, message, shown) => warnings.push(`${shown}: ${message}`));
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
      path.problem(`is not JSON (see character ${given.indexOf(text) + positionOfMistake(text) + 1})`);
      return [];
    }
    for (const steps of repeatedKeys(text)) inside(path, steps).problem("is given twice");
  }
  if (Array.isArray(list)) return list;
  path.problem(`expected a list of objects with on and paths${got(list)}`);
  return [];
}

const entryKeys = ["on", "paths"];

function readEntry(entry: unknown, path: SettingPath, warn: SettingPath): Entry | undefined {
  if (!isObject(entry)) return path.problem(`expected an object with on and paths${got(entry)}`);
  for (const name of Object.keys(entry))
    if (!entryKeys.includes(name))
      path.key(name).problem(`is not a key: did you mean ${nearestOf(name, entryKeys)}?`);
  const on = readTexts(entry.on, path.key("on"));
  const paths = readTexts(entry.paths, path.key("paths"));
  for (const [index, command] of on.entries()) checkCommand(command, path.key("on").item(index));
  const commands = catalogue.values().filter(({ name }) => fits(on, name));
  const dotted = paths.map((one, index) =>
    readPath(one, commands, path.key("paths").item(index), warn.key("paths").item(index)),
  );
  return on.length > 0 && paths.length > 0 ? { on, paths: dotted } : undefined;
}

/** A text, or a list of at least one. */
function readTexts(value: unknown, path: SettingPath): string[] {
  if (value === undefined) path.problem("is missing");
  const texts = Array.isArray(value) ? value : [value];
  if (texts.length === 0) path.problem("is an empty list");
  return texts.filter((one, index) => {
    if (typeof one === "string" && one !== "") return true;
    if (value !== undefined) path.item(index).problem(`expected a text${got(one)}`);
    return false;
  });
}

function checkCommand(command: string, path: SettingPath): void {
  const known = catalogue.keys();
  if (known.some((one) => fits([command], one))) return;
  const nearest = nearestOf(command, known);
  path.problem(`fits no command that is known: did you mean ${nearest}? For unknown commands write *`);
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
    path.problem("expected steps such as MsgBody.MsgContent.Text, which lead through lists without places");
  else if (dotted === "CallbackCommand") path.problem("names the command, which cannot be masked");
  else if (!isDocumented(dotted, commands)) {
    const known = [...new Set(commands.flatMap(({ body }) => pathsIn(body)))];
    const nearest = nearestOf(dotted, known);
    warn.problem(`no command of its on is documented to have this field: did you mean ${nearest}?`);
  }
  return dotted;
}

/** True also where nothing is known: of some commands only the name is documented. */
function isDocumented(path: string, commands: readonly Command[]): boolean {
  const steps = path.split(".");
  return commands.length === 0 || commands.some(({ nameOnly, body }) => nameOnly || holds(body, steps));
}

/** Whether a path leads to a value that the field may hold. */
function holds(field: Field, steps: readonly string[]): boolean {
  if (steps.length === 0) return true;
  const { entries, item, options, contents, type } = field;
  const [step, ...rest] = steps as [string, ...string[]];
  if (options) return options.some((option) => holds(option, steps));
  if (contents) {
    if (step !== "MsgContent") return step === "MsgType" && rest.length === 0;
    return rest.length === 0 || Object.values(contents).some((content) => holds(content, rest));
  }
  if (entries) return Object.hasOwn(entries, step) && holds(entries[step]!, rest);
  if (item) return holds(item, steps);
  return type === "object" || type === "unknown" || type === "array";
}

/** The paths of all values that the field may hold. */
function pathsIn(field: Field): string[] {
  const { entries, item, options, contents } = field;
  if (options) return options.flatMap(pathsIn);
  if (contents) {
    const inner = Object.values(contents).flatMap(pathsIn);
    return ["MsgType", "MsgContent", ...inner.map((path) => `MsgContent.${path}`)];
  }
  if (item) return pathsIn(item);
  return Object.entries(entries ?? {}).flatMap(([name, entry]) => [
    name,
    ...pathsIn(entry).map((path) => `${name}.${path}`),
  ]);
}

function fits(on: readonly string[], command: string): boolean {
  return on.some((one) => fitsWildcard(one.split("*"), command));
}
