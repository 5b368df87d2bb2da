/** Reads the settings `FORWARD_RULES…` into rules, held names and problems. */
import { positionOfMistake } from "../callback/json-mistake.ts";
import { type Sentence, say } from "../sentence.ts";
import { got, isObject, type Json, parseJson } from "./json.ts";
import { elementsOf, type Path, repeatedKeys } from "./json-text.ts";
import { type Kind, keys, namePattern } from "./keys.ts";
import { kindIn, readRule } from "./read-rule.ts";
import type { RuleContext } from "./readers/reader.ts";
import { retryWarning } from "./readers/waits.ts";
import type { Rule } from "./rule.ts";
import { inside, type Mistake, pathAt, type SettingPath } from "./setting-path.ts";

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
