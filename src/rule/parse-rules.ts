/** The settings `FORWARD_RULES…` go in; rules, names that wait and problems come out. */
import type { Event, Issue } from "../callback/event.ts";
import { positionOfMistake } from "../callback/json.ts";
import {
  is,
  isDeeper,
  isObject,
  type Json,
  type JsonObject,
  maxDepth,
  parseJson,
  show,
  tooDeep,
} from "./json.ts";
import { elementsOf, type Path, repeatedKeys } from "./json-text.ts";
import { type Key, type Keys, type Kind, keys, namePattern, type Values } from "./keys.ts";
import type { Pattern } from "./match/pattern.ts";
import { fitsWildcard } from "./match/wildcard.ts";
import { type RuleContext, retryWarning } from "./readers.ts";
import type { Rule, Selection } from "./rule.ts";
import { complete, inside, pathAt, type SettingPath } from "./setting-path.ts";
import { viewOf } from "./view.ts";

export interface RuleBook {
  /** The rules that are right, in their order. */
  rules: Rule[];
  /** Names of forward rules that are wrong, and of those that share one: their events wait in the log. */
  heldNames: string[];
  /** What makes rules wrong, by path: `FORWARD_RULES[1].match.body.Type[0]`. */
  mistakes: Issue[];
  /** All of it and what is merely unwise, as sentences: `FORWARD_RULES[1].match.body.Type[0]: …`. */
  problems: string[];
}

export interface RuleSource {
  /** Of the variable, `FORWARD_RULES_2`. */
  name: string;
  /** Its text, or the JSON value that the platform made of it. */
  value: unknown;
}

/** A wrong rule never stops the others, and all its mistakes are named. */
export function parseRules(sources: readonly RuleSource[], context: RuleContext): RuleBook {
  const mistakes: Issue[] = [];
  /** Anybody may read problems; mistakes are for whoever wrote the rules. */
  const sentences: string[] = [];
  const at = (name: string) =>
    pathAt(name, (path, message, shown) => {
      mistakes.push({ path, message });
      sentences.push(`${shown}: ${message}`);
    });

  const entries = sources.flatMap(({ name, value }) => readSource(value, at(name)));
  const read = entries.map(({ value, place, repeated }) => {
    for (const path of repeated) inside(place, path).problem("is given twice");
    const rule = readRule(value, place, context);
    return { place, value, name: nameOf(value), rule: repeated.length > 0 ? undefined : rule };
  });
  const namesakes = Map.groupBy(read, ({ name }) => name);
  namesakes.delete(undefined);
  for (const [name, [first, ...others]] of namesakes) {
    for (const { place } of others) {
      place.key("name").problem(`"${name}" is also the name of ${first!.place.text}; both wait`);
    }
  }
  const isRight = ({ name, rule }: (typeof read)[number]) => rule && namesakes.get(name)?.length === 1;
  const right = read.filter(isRight);
  const waiting = read.filter((one) => !isRight(one) && one.name !== undefined && mayForward(one.value));
  return {
    rules: right.map(({ rule }) => rule!),
    heldNames: [...new Set(waiting.map(({ name }) => name!))],
    mistakes,
    problems: [
      ...sentences,
      ...right.flatMap(({ place, rule }) => {
        const warning = rule?.kind === "forward" ? retryWarning(rule.retryMs, context.retentionMs) : null;
        return warning === null ? [] : `${place.key("retry").text}: ${warning}`;
      }),
    ],
  };
}

/** One entry of a list of rules. */
interface Entry {
  value: Json;
  place: SettingPath;
  /** Where in it a key is given twice. */
  repeated: readonly Path[];
}

function readSource(value: unknown, place: SettingPath): Entry[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "string") {
    if (Array.isArray(value))
      return value.map((entry: Json, index) => ({ value: entry, place: place.item(index), repeated: [] }));
    place.problem(`must be a list of rules, is ${show(value)}`);
    return [];
  }
  const text = value.trim();
  if (text === "") return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // The engine's message quotes the text, which may hold secrets, and seldom tells the place.
    const mistake = positionOfMistake(text);
    const character = value.indexOf(text) + mistake + 1;
    const where = mistake < text.length ? `see character ${character}` : "it ends too early";
    place.problem(`is not JSON (${where}): none of its rules can be read, and no event waits for them`);
    return [];
  }
  if (!Array.isArray(list)) {
    place.problem(`must be a list of rules, is ${typeof list === "string" ? "a text" : show(list)}`);
    return [];
  }
  // One by one, so that what is wrong with one of them does not reach the others.
  return elementsOf(text).map((entry, index) => ({
    value: parseJson(entry),
    place: place.item(index),
    repeated: repeatedKeys(entry),
  }));
}

/** The name, if it can be read; without one nothing can wait. */
function nameOf(value: Json): string | undefined {
  const name = isObject(value) ? value.name : undefined;
  return typeof name === "string" && namePattern.test(name) ? name : undefined;
}

/** In doubt a wrong rule was meant to forward: waiting loses nothing. */
function mayForward(value: Json): boolean {
  return isObject(value) && ("url" in value || !("ask" in value || "answer" in value));
}

const kindOf: Readonly<Record<string, Kind>> = { url: "forward", ask: "ask", answer: "answer" };

function readRule(value: Json, place: SettingPath, context: RuleContext): Rule | undefined {
  if (!isObject(value)) return place.problem(`must be an object${is(value)}`);
  const kinds = Object.keys(kindOf).filter((name) => Object.hasOwn(value, name));
  const kind = kinds.length === 1 ? kindOf[kinds[0]!]! : undefined;
  if (kind === undefined) place.problem("must hold exactly one of url (to forward), ask and answer");
  const values = readValues(value, kind, place, context);
  return kind && values && finished(kind, values);
}

/** What the keys hold, defaults included; undefined if one of them is wrong. */
function readValues(
  value: JsonObject,
  kind: Kind | undefined,
  place: SettingPath,
  context: RuleContext,
): Values | undefined {
  const defaults = Object.entries<Key<unknown>>(keys).flatMap(([name, key]): [string, Json][] =>
    key.default === undefined || Object.hasOwn(value, name) || !key.kinds.some((one) => one === kind)
      ? []
      : [[name, key.default]],
  );
  const written = [...Object.entries(value), ...defaults];
  const entries = written.map(([name, one]): [string, unknown] | undefined => {
    const at = place.key(name);
    if (isDeeper(one, maxDepth)) return at.problem(tooDeep);
    const key: Key<unknown> | undefined = Object.hasOwn(keys, name) ? keys[name as keyof Keys] : undefined;
    if (key === undefined) return at.problem("is not a key of a rule");
    if (kind && !key.kinds.includes(kind)) {
      return at.problem(
        `is a key of rules with ${key.kinds.map(ownKey).join(" or ")}; this one has ${ownKey(kind)}`,
      );
    }
    const read = key.read(one, at, context);
    return read === undefined ? undefined : [name, read];
  });
  if (!Object.hasOwn(value, "name")) entries.push(place.key("name").problem("is missing"));
  const values = complete(entries);
  return clashes(value, kind, place) || values === undefined
    ? undefined
    : (Object.fromEntries(values) as Values);
}

function ownKey(kind: Kind): string {
  return Object.keys(kindOf).find((name) => kindOf[name] === kind)!;
}

/** Whether keys are there that do not go together, which is said at their places. */
function clashes(value: JsonObject, kind: Kind | undefined, place: SettingPath): boolean {
  if (kind !== "forward") return false;
  const raw = value.format === "raw";
  const token = Object.hasOwn(value, "callbackToken") && !raw;
  const batch = Object.hasOwn(value, "batch") && raw;
  if (token) place.key("callbackToken").problem('goes only with "format": "raw"');
  if (batch) place.key("batch").problem('does not go with "format": "raw"');
  return token || batch;
}

/** Of each kind, its own key is among the values. */
function finished(kind: Kind, values: Values): Rule {
  const selection = selectionOf(values.name!, values.enabled, values.on ?? null, values.match ?? null);
  const { secret: secrets = [], headers = {} } = values;
  switch (kind) {
    case "forward":
      return {
        ...selection,
        kind,
        ...values.url!,
        secrets,
        headers,
        timeoutMs: values.timeoutMs,
        retryMs: values.retry,
        order: values.order,
        concurrency: values.concurrency,
        ratePerSecond: values.ratePerSecond ?? null,
        format: values.format,
        callbackToken: values.callbackToken ?? null,
        batch: values.batch ?? null,
      };
    case "ask":
      return {
        ...selection,
        kind,
        asks: values.ask!.map(({ url }) => url),
        written: values.ask!.map(({ written }) => written),
        secrets,
        headers,
        deadlineMs: values.deadlineMs,
        otherwise: values.otherwise,
        shadow: values.shadow,
        combine: values.combine,
      };
    case "answer":
      return { ...selection, kind, answer: values.answer!, replace: values.replace ?? [] };
  }
}

function selectionOf(
  name: string,
  enabled: boolean,
  on: readonly string[] | null,
  match: Pattern | null,
): Selection {
  const wildcards = on?.map((command) => command.split("*"));
  const isOn = (event: Event) => wildcards?.some((wildcard) => fitsWildcard(wildcard, event.command)) ?? true;
  return {
    name,
    enabled,
    on,
    match,
    matches: (event) => isOn(event) && (match?.fits(viewOf(event)) ?? true),
    explain(event) {
      if (isOn(event)) return match?.explain(viewOf(event)) ?? null;
      return { field: "command", found: show(event.command), expected: on!.join(" or ") };
    },
  };
}
