/** Reads the settings `FORWARD_RULES…` into rules, held names and problems. */
import { positionOfMistake } from "../callback/json-mistake.ts";
import { type Sentence, say } from "../sentence.ts";
import { fitsAddress } from "./address-fit.ts";
import { batchOf } from "./batches.ts";
import { got, isDeeper, isObject, type Json, type JsonObject, maxDepth, parseJson, tooDeep } from "./json.ts";
import { elementsOf, type Path, repeatedKeys } from "./json-text.ts";
import { type Key, type Keys, type Kind, keys, namePattern, type Values } from "./keys.ts";
import { countable } from "./limit.ts";
import type { RuleContext } from "./readers/reader.ts";
import { retryWarning } from "./readers/waits.ts";
import type { Rule } from "./rule.ts";
import { selectionOf } from "./selection.ts";
import { complete, inside, type Mistake, pathAt, type SettingPath } from "./setting-path.ts";
import { KvList } from "./words/kv-list.ts";

/** An element of the settings' lists, as it stands there. */
export interface ListedRule {
  /** Null: it has no valid name. */
  name: string | null;
  /** Null: it has not exactly one of `url`, `ask` and `answer`. */
  kind: Kind | null;
  /** Null: it is wrong. */
  rule: Rule | null;
  /** Its mistakes and warnings as public sentences. */
  problems: Sentence[];
  /** As it stands there, literal secrets included. */
  written: Json;
  /** Of a wrong rule whose receiver comes by itself: those by which it is known. */
  secrets: readonly string[];
}

export interface RuleBook {
  /** Every element in its order, wrong ones too. */
  listed: ListedRule[];
  /** The valid rules, in their order. */
  rules: Rule[];
  /** Names of forward rules that are wrong or share their name: their events wait in the journal. */
  heldNames: string[];
  /** The mistakes that make rules wrong, by full path: `FORWARD_RULES[1].match.body.Type[0]`. */
  mistakes: Mistake[];
  /** All mistakes and warnings as public sentences: `FORWARD_RULES[1].match.body.Type[0]: …`. */
  problems: Sentence[];
}

export interface RuleSource {
  /** The name of the variable: `FORWARD_RULES_2`. */
  name: string;
  /** Its text, or the JSON value that the platform has parsed from it. */
  value: unknown;
}

/** Reads all rules. A wrong rule never stops the other rules, and every mistake is named. */
export function parseRules(sources: readonly RuleSource[], context: RuleContext): RuleBook {
  const mistakes: Mistake[] = [];
  /** Problems are public; mistakes, with their full paths, are for the author of the rules. */
  const sentences: Sentence[] = [];
  const at = (name: string) =>
    pathAt(name, (text, message, shown) => {
      mistakes.push({ path: text, message });
      sentences.push(say`${shown}: ${message}`);
    });

  const entries = sources.flatMap(({ name, value }) => readSource(value, at(name)));
  const read = entries.map(({ value, path, repeated }) => {
    const before = sentences.length;
    for (const steps of repeated) inside(path, steps).problem(say`is given twice`);
    const rule = readRule(value, path, context);
    const problems = sentences.slice(before);
    return { path, value, problems, name: nameOf(value), rule: repeated.length > 0 ? undefined : rule };
  });
  const namesakes = Map.groupBy(read, ({ name }) => name);
  namesakes.delete(undefined);
  for (const [name, all] of namesakes) {
    const [first, ...later] = all;
    const before = sentences.length;
    for (const { path } of later) {
      path.key("name").problem(say`"${name}" is also the name of ${first!.path.text}; both wait`);
    }
    for (const { problems } of all) problems.push(...sentences.slice(before));
  }
  const isUnique = ({ name }: (typeof read)[number]) => namesakes.get(name)?.length === 1;
  const isValid = (one: (typeof read)[number]) => one.rule && isUnique(one);
  const valid = read.filter(isValid);
  for (const { path, rule, problems } of valid) {
    const warning = rule?.kind === "forward" ? retryWarning(rule.retryMs, context.retentionMs) : null;
    if (warning !== null) problems.push(say`${path.key("retry").text}: ${warning}`);
  }
  const held = read.filter((one) => !isValid(one) && one.name !== undefined && mayForward(one.value));
  return {
    listed: read.map((one) => ({
      name: one.name ?? null,
      kind: kindIn(one.value) ?? null,
      rule: (isValid(one) && one.rule) || null,
      problems: one.problems,
      written: one.value,
      secrets: isUnique(one) && !isValid(one) ? receiverSecrets(one.value, context) : [],
    })),
    rules: valid.map(({ rule }) => rule!),
    heldNames: [...new Set(held.map(({ name }) => name!))],
    mistakes,
    problems: [...sentences, ...valid.flatMap(({ problems }) => problems)],
  };
}

/** One element of a list of rules. */
interface Entry {
  value: Json;
  path: SettingPath;
  /** The paths inside it at which a key is given twice. */
  repeated: readonly Path[];
}

function readSource(value: unknown, path: SettingPath): Entry[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "string") {
    if (Array.isArray(value))
      return value.map((entry: Json, index) => ({ value: entry, path: path.item(index), repeated: [] }));
    path.problem(say`expected a list of rules, ${got(value)}`);
    return [];
  }
  const text = value.trim();
  if (text === "") return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // The engine's message quotes the text, which may hold secrets, and seldom gives a position.
    const position = positionOfMistake(text);
    const character = value.indexOf(text) + position + 1;
    const where = position < text.length ? say`see character ${character}` : say`it ends too early`;
    path.problem(say`is not JSON (${where}): none of its rules can be read, and no event waits for them`);
    return [];
  }
  if (!Array.isArray(list)) {
    path.problem(say`expected a list of rules, ${got(list)}`);
    return [];
  }
  // Each rule is parsed by itself: exact numbers or a key given twice in one rule do not affect the other rules.
  return elementsOf(text).map((entry, index) => ({
    value: parseJson(entry),
    path: path.item(index),
    repeated: repeatedKeys(entry),
  }));
}

/** The rule's name, if it is a valid one. Without a name no events can be held for the rule. */
function nameOf(value: Json): string | undefined {
  const name = isObject(value) ? value.name : undefined;
  return typeof name === "string" && namePattern.test(name) ? name : undefined;
}

/** Whether a wrong rule may have been meant to forward. In doubt yes: holding its events loses nothing. */
function mayForward(value: Json): boolean {
  return isObject(value) && ("url" in value || !("ask" in value || "answer" in value));
}

/** The secrets of a wrong rule, as far as they can be read: its receiver must hear that the rule is wrong. */
function receiverSecrets(value: Json, context: RuleContext): readonly string[] {
  const { url = null, ask = null, secret = null } = isObject(value) ? value : {};
  const comes = [url, ask].flat().some((one) => typeof one === "string" && /^(listener|poll):/.test(one));
  const unsaid = pathAt("secret", () => {});
  return (comes && secret !== null && keys.secret.read(secret, unsaid, context)) || [];
}

const kindOf: Readonly<Record<string, Kind>> = { url: "forward", ask: "ask", answer: "answer" };

function readRule(value: Json, path: SettingPath, context: RuleContext): Rule | undefined {
  if (!isObject(value)) return path.problem(say`expected an object, ${got(value)}`);
  const kind = kindIn(value);
  if (kind === undefined) path.problem(say`expected exactly one of url (to forward), ask and answer`);
  const values = readValues(value, kind, path, context);
  return kind && values && finished(kind, values);
}

/** The kind of the one key that decides it; undefined if there are several, or none. */
function kindIn(value: Json): Kind | undefined {
  if (!isObject(value)) return undefined;
  const kinds = Object.keys(kindOf).filter((name) => Object.hasOwn(value, name));
  return kinds.length === 1 ? kindOf[kinds[0]!] : undefined;
}

/** The finished values of all keys, defaults included; undefined if one of them is wrong. */
function readValues(
  value: JsonObject,
  kind: Kind | undefined,
  path: SettingPath,
  context: RuleContext,
): Values | undefined {
  const defaults = Object.entries<Key<unknown>>(keys).flatMap(([name, key]): [string, Json][] =>
    key.default === undefined || Object.hasOwn(value, name) || !key.kinds.some((one) => one === kind)
      ? []
      : [[name, key.default]],
  );
  const written = [...Object.entries(value), ...defaults];
  const entries = written.map(([name, one]): [string, unknown] | undefined => {
    const at = path.key(name);
    if (isDeeper(one, maxDepth)) return at.problem(tooDeep);
    const key: Key<unknown> | undefined = Object.hasOwn(keys, name) ? keys[name as keyof Keys] : undefined;
    if (key === undefined) return at.problem(say`is not a key of a rule`);
    if (kind && !key.kinds.includes(kind)) {
      return at.problem(
        say`is a key of rules with ${key.kinds.map(ownKey).join(" or ")}; this one has ${ownKey(kind)}`,
      );
    }
    const read = key.read(one, at, context);
    return read === undefined ? undefined : [name, read];
  });
  if (!Object.hasOwn(value, "name")) entries.push(path.key("name").problem(say`is missing`));
  const read = complete(entries);
  const values = read && (Object.fromEntries(read) as Values);
  const fits = values === undefined || fitsAddress(values, path);
  return reportClashes(value, kind, path) || !fits ? undefined : values;
}

function ownKey(kind: Kind): string {
  return Object.keys(kindOf).find((name) => kindOf[name] === kind)!;
}

/** Reports keys that do not go together, and returns whether there are any. */
function reportClashes(value: JsonObject, kind: Kind | undefined, path: SettingPath): boolean {
  if (kind !== "forward" && kind !== "ask") return false;
  const raw = value.format === "raw";
  const token = Object.hasOwn(value, "callbackToken") && !raw;
  const forwards = kind === "forward";
  const batch = forwards && Object.hasOwn(value, "batch") && raw;
  const template = forwards && Object.hasOwn(value, "template") && (raw || value.format === "cloudevents");
  if (token) path.key("callbackToken").problem(say`goes only with "format": "raw"`);
  if (batch) path.key("batch").problem(say`does not go with "format": "raw"`);
  if (template) path.key("template").problem(say`does not go with "format": "${value.format}"`);
  return token || batch || template;
}

/** The rule of these values; `readRule` has checked that the key of its kind is among them. */
function finished(kind: Kind, values: Values): Rule {
  const { enabled, on = null, match = null, sample, words = null, replace = [] } = values;
  const limit = values.limit ?? null;
  const kvLists = replace instanceof KvList ? [replace] : [];
  const chosen = countable(selectionOf(on, match, sample, words, kvLists), limit);
  const selection = { name: values.name!, enabled, ...chosen };
  const { secret: secrets = [], headers = {} } = values;
  switch (kind) {
    case "forward":
      return {
        ...selection,
        kind,
        address: values.url!,
        secrets,
        headers,
        timeoutMs: values.timeoutMs,
        retryMs: values.retry,
        order: values.order,
        concurrency: values.concurrency,
        ratePerSecond: values.ratePerSecond ?? null,
        format: values.format,
        callbackToken: values.callbackToken ?? null,
        template: values.template ?? null,
        succeeds: values.succeeds ?? null,
        batch: batchOf(values.url!.kind, values.batch),
      };
    case "ask":
      return {
        ...selection,
        kind,
        asks: values.ask!,
        secrets,
        headers,
        format: values.format,
        callbackToken: values.callbackToken ?? null,
        limit,
        deadlineMs: values.deadlineMs,
        otherwise: values.otherwise,
        shadow: values.shadow,
        combine: values.combine,
      };
    case "answer":
      return { ...selection, kind, limit, answer: values.answer!, replace };
  }
}
