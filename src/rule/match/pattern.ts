/**
 * Event patterns, in the language of Amazon EventBridge: a JSON object in the shape of the event, with a list of values
 * or operators at every leaf. All fields must fit, one element of a field's list is enough; `$or` holds alternatives.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */

import {
  is,
  isDeeper,
  isObject,
  isScalar,
  type Json,
  type JsonObject,
  maxDepth,
  show,
  tooDeep,
} from "../json.ts";
import { complete, pathAt, type SettingPath } from "../setting-path.ts";
import { add, explain, type Failure, matcher, matches, sentence, type Term } from "./matcher.ts";
import { type Condition, equals, operators, readOperator } from "./operators.ts";

export interface Pattern {
  fits(event: JsonObject): boolean;
  /** The first field that does not fit; null if all do. */
  explain(event: JsonObject): Failure | null;
  /** What it demands, in words: `body.Type is "Community"`. */
  sentence: string;
}

/** Keep patterns small enough to compile. EventBridge has such bounds too: 2,048 characters hold no more fields. */
const maxCombinations = 1000;
const maxFields = 256;

/** Compiles a pattern; undefined if it is wrong. Every mistake is said at its place. */
export function compilePattern(value: Json, place: SettingPath): Pattern | undefined {
  if (isDeeper(value, maxDepth)) return place.problem(tooDeep);
  if (combinations(value) > maxCombinations) {
    return place.problem(`must not make more than ${maxCombinations} combinations by $or`);
  }
  if (fieldsIn(value) > maxFields) return place.problem(`must not ask for more than ${maxFields} fields`);
  const terms = readObject(value, [], place, new Map(), false);
  if (terms === undefined) return undefined;
  const root = matcher("", null, terms);
  return {
    fits: (event) => matches(root, event),
    explain: (event) => explain(root, event),
    sentence: sentence(root),
  };
}

/** How many patterns without `$or` would say the same. */
function combinations(value: Json): number {
  if (!isObject(value)) return 1;
  return Object.entries(value).reduce((product, [name, inner]) => {
    if (name !== "$or" || !Array.isArray(inner)) return product * combinations(inner);
    return product * (inner as readonly Json[]).reduce<number>((sum, one) => sum + combinations(one), 0);
  }, 1);
}

function fieldsIn(value: Json): number {
  if (!isObject(value)) return 1;
  const inner = Object.entries(value).flatMap(([name, one]) =>
    name === "$or" && Array.isArray(one) ? (one as readonly Json[]) : [one],
  );
  return inner.reduce<number>((sum, one) => sum + fieldsIn(one), 0);
}

/** The fields that one object asks for, alternatives apart, and where. */
type Fields = Map<string, SettingPath>;

function readObject(
  value: Json,
  path: readonly string[],
  place: SettingPath,
  fields: Fields,
  inOr: boolean,
): readonly Term[] | undefined {
  if (!isObject(value)) return place.problem(`must be an object${is(value)}`);
  const entries = Object.entries(value);
  if (entries.length === 0) return place.problem("must not be empty");
  const terms = entries.map(([name, inner]) =>
    name === "$or"
      ? readOr(inner, path, place.key(name))
      : readField(name, inner, path, place.key(name), fields, inOr),
  );
  return complete(terms)?.reduce<readonly Term[]>(add, []);
}

function readOr(value: Json, path: readonly string[], place: SettingPath): Term | undefined {
  if (!Array.isArray(value) || value.length < 2)
    return place.problem("must be a list of at least two objects");
  const alternatives = complete(
    value.map((item, index) => readObject(item, path, place.item(index), new Map(), true)),
  );
  return alternatives && { alternatives };
}

/** Names that EventBridge keeps free in `$or`, so that an operator in the wrong place is no field that never is there. */
export const reservedInOr: ReadonlySet<string> = new Set([
  ...Object.keys(operators),
  ...["exactly", "regex", "=", "<", "<=", ">", ">="],
  ...["not-wildcard", "not-equals-ignore-case", "ip-address-in-range", "ip-address-not-in-range"],
  ...["date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"],
]);

function readField(
  name: string,
  value: Json,
  path: readonly string[],
  place: SettingPath,
  fields: Fields,
  inOr: boolean,
): Term | undefined {
  if (inOr && reservedInOr.has(name))
    return place.problem("is an operator, not a field: $or takes objects of fields");
  // A dot in a name is a step, as in EventBridge.
  const steps = name.split(".");
  const here = [...path, ...steps];
  if (here.length > maxDepth) return place.problem(tooDeep);
  const isText = typeof value === "string";
  let child = Array.isArray(value)
    ? leaf(here, readList(value, place), fields, place)
    : isObject(value)
      ? inner(here, readObject(value, here, place, fields, inOr))
      : place.problem(`must be a list or an object: for one value write [${isText ? '"…"' : show(value)}]`);
  if (child === undefined) return undefined;
  for (let depth = steps.length - 1; depth > 0; depth--) {
    child = inner(here.slice(0, path.length + depth), [{ step: steps[depth]!, child }])!;
  }
  return { step: steps[0]!, child };
}

/** Only a dot in a name can make one field of two: a key given twice is found where rules are read. */
function leaf(
  steps: readonly string[],
  conditions: readonly Condition[] | undefined,
  fields: Fields,
  place: SettingPath,
) {
  const path = steps.join(".");
  const other = fields.get(path);
  if (other) return place.problem(`is the same field as ${other.shown}`);
  fields.set(path, place);
  return conditions && matcher(path, conditions);
}

function inner(path: readonly string[], terms: readonly Term[] | undefined) {
  return terms && matcher(path.join("."), null, terms);
}

function readList(list: readonly Json[], place: SettingPath): readonly Condition[] | undefined {
  if (list.length === 0) return place.problem("must not be an empty list");
  return complete(
    list.map((item, index) =>
      isScalar(item) ? equals(item) : readOperator(item, atElement(place.item(index))),
    ),
  );
}

/** What is wrong inside an element of a list is said at the element: its path is as deep as people look. */
function atElement(element: SettingPath): SettingPath {
  return pathAt("", (_, message, shown) => element.problem(shown === "" ? message : `${shown} ${message}`));
}
