/** An operator of event patterns, and how its argument is read. */

import { either, type Sentence, say } from "../../sentence.ts";
import { got, isObject, type Json, type JsonObject, type Scalar, show } from "../json.ts";
import { complete, type SettingPath } from "../setting-path.ts";
import { compareNumbers, Decimal } from "./decimal.ts";

/** The demand of one element of a pattern's list on a field. */
export interface Condition {
  /** The rest of a sentence that begins with "the field is": `anything but "x"`. */
  readonly phrase: Sentence;
  fits(value: Scalar): boolean;
  /** The condition fits a field that is not in the event at all. */
  readonly absent?: true;
}

export interface Operator {
  readonly meaning: string;
  /** JSON Schema of the argument. */
  readonly schema: JsonObject;
  /** A valid argument. */
  readonly example: Json;
  /** The condition of an argument; undefined if the argument is wrong, which has then been reported through `path`. */
  read(argument: Json, path: SettingPath): Condition | undefined;
}

/** A value that stands in a pattern's list without an operator. */
export function equals(expected: Scalar): Condition {
  return {
    phrase: say`${show(expected)}`,
    fits: isNumber(expected)
      ? (value) => isNumber(value) && compareNumbers(value, expected) === 0
      : (value) => value === expected,
  };
}

/** Fits a value that none of the conditions fits. `argument` is one value that `read` reads, or a list of such values. */
export function noneOf(
  argument: Json,
  path: SettingPath,
  read: (one: Json, path: SettingPath) => Condition | undefined,
): Condition | undefined {
  if (Array.isArray(argument) && argument.length === 0) return path.problem(say`is an empty list`);
  const conditions = complete(
    Array.isArray(argument)
      ? argument.map((item, index) => read(item, path.item(index)))
      : [read(argument, path)],
  );
  return (
    conditions && {
      phrase: say`anything but ${either(conditions.map(({ phrase }) => phrase))}`,
      fits: (value) => !conditions.some((condition) => condition.fits(value)),
    }
  );
}

/** The only key of an object, which must be one of `known`, with its definition, argument and path. */
export function onlyEntry<Value>(
  object: JsonObject,
  path: SettingPath,
  known: Readonly<Record<string, Value>>,
) {
  const names = Object.keys(object);
  const [name] = names;
  const choice = say`one of ${Object.keys(known).join(", ")}`;
  if (name === undefined) return path.problem(say`expected an operator: ${choice}`);
  if (names.length > 1) return path.problem(say`expected one operator, got ${names.length}`);
  if (!Object.hasOwn(known, name))
    return path.key(name).problem(say`is not an operator here: expected ${choice}`);
  return { value: known[name]!, argument: object[name]!, path: path.key(name) };
}

export function withText(
  argument: Json,
  path: SettingPath,
  read: (text: string) => Condition | undefined,
): Condition | undefined {
  return typeof argument === "string" ? read(argument) : path.problem(say`expected a text, ${got(argument)}`);
}

/** A condition on texts whose argument is a text, or `{"equals-ignore-case": "…"}` for any case. */
export function readAffix(
  argument: Json,
  path: SettingPath,
  phrase: (text: string) => Sentence,
  fits: { exactly: TextTest; inAnyCase: TextTest },
): Condition | undefined {
  const entry = isObject(argument)
    ? onlyEntry(argument, path, { "equals-ignore-case": fits.inAnyCase })
    : { value: fits.exactly, argument, path };
  return (
    entry &&
    withText(entry.argument, entry.path, (affix) => ({
      phrase: entry.value === fits.inAnyCase ? say`${phrase(show(affix))} in any case` : phrase(show(affix)),
      fits: (value) => typeof value === "string" && entry.value(value, affix),
    }))
  );
}

type TextTest = (text: string, affix: string) => boolean;

export function isNumber(value: Json | undefined): value is number | Decimal {
  return typeof value === "number" || value instanceof Decimal;
}
