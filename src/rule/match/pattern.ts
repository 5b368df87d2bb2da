/**
 * Event patterns in the language of Amazon EventBridge. A pattern is a JSON object in the shape of the event, with a
 * list of values or operators at every leaf. All fields must match, for each field one element of its list; `$or` holds
 * alternatives.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */

import { type Sentence, say } from "../../sentence.ts";
import {
  got,
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
import { matches } from "./evaluate.ts";
import { explain, type Failure, sentence } from "./explain.ts";
import { add, fieldsOf, matcher, type Term } from "./matcher.ts";
import { type Condition, equals } from "./operator.ts";
import { operators, readOperator } from "./operators.ts";

export interface Pattern {
  matches(event: JsonObject): boolean;
  /** The first field that does not match; null if all do. */
  explain(event: JsonObject): Failure | null;
  /** The paths of the fields that it makes demands on: `body.Type`. */
  fields: readonly string[];
  /** The pattern as a sentence: `body.Type is "Community"`. */
  sentence: Sentence;
  /** Its JSON text, from which another isolate compiles it. */
  written: string;
}

/** Bounds that keep compilation cheap. EventBridge has such bounds too: its patterns have at most 2,048 characters. */
const maxCombinations = 1000;
const maxFields = 256;

/** Compiles a pattern. Undefined if it is wrong; every mistake has then been reported through `path`. */
export function compilePattern(value: Json, path: SettingPath): Pattern | undefined {
  if (isDeeper(value, maxDepth)) return path.problem(tooDeep);
  if (combinations(value) > maxCombinations) {
    return path.problem(say`makes more than ${maxCombinations} combinations by $or`);
  }
  if (fieldsIn(value) > maxFields) return path.problem(say`asks for more than ${maxFields} fields`);
  const terms = readObject(value, [], path, new Map(), false);
  if (terms === undefined) return undefined;
  const root = matcher("", null, terms);
  return {
    matches: (event) => matches(root, event),
    explain: (event) => explain(root, event),
    fields: [...new Set(fieldsOf(root))],
    sentence: sentence(root),
    written: JSON.stringify(value),
  };
}

/** The number of patterns without `$or` that together are equivalent. */
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

/** The fields that one object of the pattern asks for, with the path that asks. Alternatives have maps of their own. */
type Fields = Map<string, SettingPath>;

function readObject(
  value: Json,
  parents: readonly string[],
  path: SettingPath,
  fields: Fields,
  inOr: boolean,
): readonly Term[] | undefined {
  if (!isObject(value)) return path.problem(say`expected an object, ${got(value)}`);
  const entries = Object.entries(value);
  if (entries.length === 0) return path.problem(say`is empty`);
  const terms = entries.map(([name, inner]) =>
    name === "$or"
      ? readOr(inner, parents, path.key(name))
      : readField(name, inner, parents, path.key(name), fields, inOr),
  );
  return complete(terms)?.reduce<readonly Term[]>(add, []);
}

function readOr(value: Json, parents: readonly string[], path: SettingPath): Term | undefined {
  if (!Array.isArray(value) || value.length < 2)
    return path.problem(say`expected a list of at least two objects`);
  const alternatives = complete(
    value.map((item, index) => readObject(item, parents, path.item(index), new Map(), true)),
  );
  return alternatives && { alternatives };
}

/** Names that EventBridge reserves in `$or`, so that a misplaced operator is not taken for a field that never exists. */
export const reservedInOr: ReadonlySet<string> = new Set([
  ...Object.keys(operators),
  ...["exactly", "regex", "=", "<", "<=", ">", ">="],
  ...["not-wildcard", "not-equals-ignore-case", "ip-address-in-range", "ip-address-not-in-range"],
  ...["date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"],
]);

function readField(
  name: string,
  value: Json,
  parents: readonly string[],
  path: SettingPath,
  fields: Fields,
  inOr: boolean,
): Term | undefined {
  if (inOr && reservedInOr.has(name))
    return path.problem(say`is an operator, not a field: $or takes objects of fields`);
  // As in EventBridge, a dot in a name is a step.
  const steps = name.split(".");
  const here = [...parents, ...steps];
  if (here.length > maxDepth) return path.problem(tooDeep);
  const isText = typeof value === "string";
  let child = Array.isArray(value)
    ? leaf(here, readList(value, path), fields, path)
    : isObject(value)
      ? inner(here, readObject(value, here, path, fields, inOr))
      : path.problem(
          say`expected a list or an object: for one value write [${isText ? '"…"' : show(value)}]`,
        );
  if (child === undefined) return undefined;
  for (let depth = steps.length - 1; depth > 0; depth--) {
    child = inner(here.slice(0, parents.length + depth), [{ step: steps[depth]!, child }])!;
  }
  return { step: steps[0]!, child };
}

/** Two names are the same field only if one has a dot: a key given twice is found when the rules are read. */
function leaf(
  steps: readonly string[],
  conditions: readonly Condition[] | undefined,
  fields: Fields,
  path: SettingPath,
) {
  const field = steps.join(".");
  const other = fields.get(field);
  if (other) return path.problem(say`is the same field as ${other.shown}`);
  fields.set(field, path);
  return conditions && matcher(field, conditions);
}

function inner(steps: readonly string[], terms: readonly Term[] | undefined) {
  return terms && matcher(steps.join("."), null, terms);
}

function readList(list: readonly Json[], path: SettingPath): readonly Condition[] | undefined {
  if (list.length === 0) return path.problem(say`is an empty list`);
  return complete(
    list.map((item, index) =>
      isScalar(item) ? equals(item) : readOperator(item, atElement(path.item(index))),
    ),
  );
}

/** Reports mistakes inside an element of a list at the element itself, to keep their paths short. */
function atElement(element: SettingPath): SettingPath {
  return pathAt("", (_, message, shown) =>
    element.problem(shown === "" ? message : say`${shown}: ${message}`),
  );
}
