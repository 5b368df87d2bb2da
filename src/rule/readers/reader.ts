/**
 * Readers: the kinds of values that rules are made of. A reader checks one value and describes it in JSON Schema.
 *
 * Rules have readers of their own instead of valibot schemas. A reader resolves `$NAME` while it reads, and takes
 * numbers beyond 2^53 as exact decimals. It reports all mistakes by path, without quoting a text that may be a secret.
 */

import { type Sentence, say } from "../../sentence.ts";
import type { BindingKind } from "../bindings.ts";
import { got, gotOther, isObject, type Json, type JsonObject, show } from "../json.ts";
import type { Secrets } from "../secret.ts";
import { complete, type SettingPath } from "../setting-path.ts";
import type { KeyValueStore } from "../words/kv-list.ts";
import type { DestinationPolicy } from "./destination-policy.ts";

/** The settings that rules depend on. */
export interface RuleContext extends DestinationPolicy, Secrets {
  /** The retention of events, milliseconds. */
  retentionMs: number;
  /** The reason why the environment has no binding of that name and kind, as a sentence; null if it has one. */
  bindingProblem(name: string, kind: BindingKind): Sentence | null;
  /** A KV namespace of the environment. Absent: none can be read here, and their lists have no words. */
  kvNamespace?(name: string): KeyValueStore | null;
}

/** For values in which no secret is named. */
export const contextWithoutSecrets: RuleContext = {
  secret: () => undefined,
  privateNetworks: false,
  local: false,
  retentionMs: Number.POSITIVE_INFINITY,
  bindingProblem: () => null,
};

export interface Reader<Value> {
  /** JSON Schema 2020-12 of the value as it is written in a rule. */
  schema: JsonObject;
  /** The finished value. Undefined if the value is wrong; every mistake has then been reported through `path`. */
  read(value: Json, path: SettingPath, context: RuleContext): Value | undefined;
}

export const flag: Reader<boolean> = {
  schema: { type: "boolean" },
  read: (value, path) =>
    typeof value === "boolean" ? value : path.problem(say`expected true or false, ${got(value)}`),
};

export const wholeNumber = (minimum: number, maximum: number): Reader<number> => ({
  schema: { type: "integer", minimum, maximum },
  read: (value, path) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum
      ? value
      : path.problem(say`expected a whole number from ${minimum} to ${maximum}, ${got(value)}`),
});

export const positiveNumber = (maximum: number): Reader<number> => ({
  schema: { type: "number", exclusiveMinimum: 0, maximum },
  read: (value, path) =>
    typeof value === "number" && value > 0 && value <= maximum
      ? value
      : path.problem(say`expected a number above 0 and up to ${maximum}, ${got(value)}`),
});

export const choice = <const Choice extends string>(...choices: readonly Choice[]): Reader<Choice> => ({
  schema: { enum: choices },
  read: (value, path) =>
    choices.find((one) => one === value) ??
    path.problem(say`expected ${choices.map((one) => show(one)).join(" or ")}, ${gotOther(value)}`),
});

/** A text that matches the expression as a whole. */
export const matching = (expression: RegExp, description: Sentence): Reader<string> => ({
  schema: { type: "string", pattern: expression.source },
  read: (value, path) =>
    typeof value === "string" && expression.test(value)
      ? value
      : path.problem(say`expected ${description}, ${gotOther(value)}`),
});

export const plainText: Reader<string> = {
  schema: { type: "string" },
  read: (value, path) =>
    typeof value === "string" ? value : path.problem(say`expected a text, ${got(value)}`),
};

export const anyObject: Reader<JsonObject> = {
  schema: { type: "object" },
  read: (value, path) => (isObject(value) ? value : path.problem(say`expected an object, ${got(value)}`)),
};

/** One value, or a list of at least one. */
export const oneOrSeveral = <Value>({ schema, read }: Reader<Value>): Reader<readonly Value[]> => ({
  schema: { anyOf: [schema, { type: "array", items: schema, minItems: 1 }] },
  read(value, path, context) {
    if (!Array.isArray(value)) return complete([read(value, path, context)]);
    if (value.length === 0) return path.problem(say`is an empty list`);
    return complete(value.map((item, index) => read(item, path.item(index), context)));
  },
});

/** A list, which may be empty. */
export const listOf = <Value>({ schema, read }: Reader<Value>): Reader<readonly Value[]> => ({
  schema: { type: "array", items: schema },
  read: (value, path, context) =>
    Array.isArray(value)
      ? complete(value.map((item, index) => read(item, path.item(index), context)))
      : path.problem(say`expected a list, ${got(value)}`),
});

/**
 * An object that may have these fields and no further ones.
 * @param description names the object in a sentence: `an answer`
 */
export const record = <Value>(
  description: Sentence,
  fields: Readonly<Record<string, Reader<Value>>>,
): Reader<Record<string, Value>> => ({
  schema: {
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
    additionalProperties: false,
  },
  read(value, path, context) {
    if (!isObject(value)) return path.problem(say`expected an object, ${got(value)}`);
    const entries = Object.entries(value).map(([name, field]): [string, Value] | undefined => {
      const at = path.key(name);
      if (!Object.hasOwn(fields, name)) {
        return at.problem(say`is not a field of ${description}: expected ${Object.keys(fields).join(", ")}`);
      }
      const one = fields[name]!.read(field, at, context);
      return one === undefined ? undefined : [name, one];
    });
    const right = complete(entries);
    return right && Object.fromEntries(right);
  },
});

/** A regular expression's letters in either case: JSON Schema's patterns have no flag for that. */
export function inAnyCase(pattern: string): string {
  return pattern.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
