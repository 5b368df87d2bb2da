/**
 * Event patterns: a JSON object in the shape of the event, with a list of values or operators at every leaf. All
 * fields must fit, one element of a field's list is enough; `$or` holds alternatives.
 *
 * Arrays in the event mean "one of these". Fields that fit must come from the same element of every array they share:
 * no event fits because one message has the right type and another one the right text.
 */

import { isObject, isScalar, type Json, type JsonObject, type Scalar, show } from "./json.ts";
import { type Condition, equals, operators, readOperator } from "./operators.ts";
import { type Place, placeAt } from "./place.ts";

export interface Pattern {
  fits(event: JsonObject): boolean;
  /** The first field that does not fit; null if all do. */
  explain(event: JsonObject): Failure | null;
}

/** Why an event does not fit. */
export interface Failure {
  /** Path of the field, steps joined by dots. */
  field: string;
  /** What the event holds there, as people read it. */
  found: string;
  expected: string;
}

/** EventBridge's bound for the combinations that `$or` makes. */
const mostAlternatives = 1000;

/** Compiles a pattern; undefined if it is wrong. Every mistake is said at its place. */
export function compilePattern(value: Json, place: Place): Pattern | undefined {
  let wrong = false;
  const watched = watch(place, () => {
    wrong = true;
  });
  const alternatives = readObject(value, [], watched, false, [new Map()]);
  if (wrong) return undefined;
  const trees = alternatives.map(treeOf);
  return {
    fits: (event) => trees.some((tree) => fit(tree, event) !== misfit),
    explain: (event) => explain(trees, event),
  };
}

/** The same place, which also tells that something was wrong. */
function watch(place: Place, alarm: () => void): Place {
  return {
    path: place.path,
    problem(message) {
      alarm();
      return place.problem(message);
    },
    key: (name) => watch(place.key(name), alarm),
    item: (index) => watch(place.item(index), alarm),
  };
}

/** One way for an event to fit: conditions by path. A path is what EventBridge sees, steps joined by dots. */
type Alternative = ReadonlyMap<string, readonly Condition[]>;

/** Every given alternative, extended by the fields of the object. */
function readObject(
  value: Json,
  path: readonly string[],
  place: Place,
  inOr: boolean,
  alternatives: readonly Alternative[],
): readonly Alternative[] {
  if (!isObject(value)) {
    place.problem(`must be an object, is ${show(value)}`);
    return alternatives;
  }
  const names = Object.keys(value);
  if (names.length === 0) place.problem("must not be empty");

  let result = alternatives;
  for (const name of names) {
    const at = place.key(name);
    const inner = value[name]!;
    if (name === "$or") {
      result = readOr(inner, path, at, result);
    } else if (inOr && Object.hasOwn(operators, name)) {
      at.problem("is an operator, which $or does not take as a field");
    } else if (Array.isArray(inner)) {
      const conditions = readList(inner, at);
      const key = [...path, name].join(".");
      result = result.map((alternative) => new Map([...alternative, [key, conditions]]));
    } else if (isObject(inner)) {
      result = readObject(inner, [...path, name], at, inOr, result);
    } else {
      at.problem(
        `must be a list or an object, is ${show(inner)}: a single value is written [${show(inner)}]`,
      );
    }
  }
  return result;
}

function readOr(
  value: Json,
  path: readonly string[],
  place: Place,
  alternatives: readonly Alternative[],
): readonly Alternative[] {
  if (!Array.isArray(value) || value.length < 2) {
    place.problem("must be a list of at least two objects");
    return alternatives;
  }
  const result: Alternative[] = [];
  for (const [index, item] of value.entries()) {
    result.push(...readObject(item, path, place.item(index), true, alternatives));
    if (result.length > mostAlternatives) {
      place.problem(`makes more than ${mostAlternatives} combinations`);
      return alternatives;
    }
  }
  return result;
}

function readList(list: readonly Json[], place: Place): readonly Condition[] {
  if (list.length === 0) place.problem("must not be an empty list");
  return list.flatMap(
    (item, index) => (isScalar(item) ? equals(item) : readOperator(item, inside(place.item(index)))) ?? [],
  );
}

/** What is wrong inside an element of a list is said at the element: its path is as deep as people look. */
function inside(element: Place): Place {
  return placeAt("", (path, message) => element.problem(path === "" ? message : `${path} ${message}`));
}

/** A pattern's paths as a tree, to walk along the event. */
interface Tree {
  path: string;
  conditions: readonly Condition[] | null;
  children: Map<string, Tree>;
}

function treeOf(alternative: Alternative): Tree {
  const root: Tree = { path: "", conditions: null, children: new Map() };
  for (const [path, conditions] of alternative) {
    let tree = root;
    for (const step of path.split(".")) {
      let child = tree.children.get(step);
      if (child === undefined) {
        child = {
          path: tree === root ? step : `${tree.path}.${step}`,
          conditions: null,
          children: new Map(),
        };
        tree.children.set(step, child);
      }
      tree = child;
    }
    tree.conditions = conditions;
  }
  return root;
}

/**
 * How a part of the event fits a part of the pattern: not, only by what is absent, or by something that is there.
 * The difference matters in arrays: one element that is there is enough, but absent means absent from all of them.
 */
const misfit = 0;
const absent = 1;
const present = 2;
type Fit = typeof misfit | typeof absent | typeof present;

function fit(tree: Tree, value: Json | undefined): Fit {
  const items = flat(value);
  const own = tree.conditions === null ? absent : fitLeaf(tree.conditions, items.filter(isScalar));
  if (own === misfit || tree.children.size === 0) return own;
  return both(own, fitObjects(tree, items.filter(isObject)));
}

function fitLeaf(conditions: readonly Condition[], values: readonly Scalar[]): Fit {
  if (values.some((value) => conditions.some((condition) => condition.fits(value)))) return present;
  return values.length === 0 && conditions.some((condition) => condition.absent) ? absent : misfit;
}

function fitObjects(tree: Tree, objects: readonly JsonObject[]): Fit {
  if (objects.length === 0) return fitObject(tree, {});
  let all: Fit = absent;
  for (const object of objects) {
    const one = fitObject(tree, object);
    if (one === present) return present;
    if (one === misfit) all = misfit;
  }
  return all;
}

function fitObject(tree: Tree, object: JsonObject): Fit {
  const fields = undotted(object);
  let all: Fit = absent;
  for (const [name, child] of tree.children) {
    all = both(all, fit(child, Object.hasOwn(fields, name) ? fields[name] : undefined));
    if (all === misfit) return misfit;
  }
  return all;
}

function both(a: Fit, b: Fit): Fit {
  if (a === misfit || b === misfit) return misfit;
  return a === present || b === present ? present : absent;
}

/** The values that a field has: an array's elements, arrays in arrays included. */
function flat(value: Json | undefined): readonly (Scalar | JsonObject)[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [value as Scalar | JsonObject];
  if (!value.some(Array.isArray)) return value;
  const items: (Scalar | JsonObject)[] = [];
  const rest: Json[] = [...value].reverse();
  while (rest.length > 0) {
    const next = rest.pop()!;
    if (Array.isArray(next)) for (let index = next.length - 1; index >= 0; index--) rest.push(next[index]!);
    else items.push(next as Scalar | JsonObject);
  }
  return items;
}

/** EventBridge does not tell `{"a.b": 1}` from `{"a": {"b": 1}}`. */
function undotted(object: JsonObject): JsonObject {
  const names = Object.keys(object);
  if (!names.some((name) => name.includes("."))) return object;
  let result: JsonObject = {};
  for (const name of names) {
    const nested = name.split(".").reduceRight<Json>((inner, step) => ({ [step]: inner }), object[name]!);
    result = merged(result, nested as JsonObject);
  }
  return result;
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const other = Object.hasOwn(a, name) ? a[name] : undefined;
    if (other === undefined) result[name] = value;
    else if (isObject(other) && isObject(value)) result[name] = merged(other, value);
    else result[name] = [other, value];
  }
  return result;
}

function explain(trees: readonly Tree[], event: JsonObject): Failure | null {
  const failures = new Map<string, Failure>();
  for (const tree of trees) {
    const failure = failureOf(tree, event);
    if (failure === null) return null;
    failures.set(failure.field, failure);
  }
  const all = [...failures.values()];
  return {
    field: all.map(({ field }) => field).join(" or "),
    found: all.map(({ found }) => found).join(" or "),
    expected: all.map(({ expected }) => expected).join(" or "),
  };
}

function failureOf(tree: Tree, value: Json | undefined): Failure | null {
  if (fit(tree, value) !== misfit) return null;
  const items = flat(value);
  const values = items.filter(isScalar);
  if (tree.conditions !== null && fitLeaf(tree.conditions, values) === misfit) {
    return {
      field: tree.path,
      found:
        values.length === 0
          ? "absent"
          : values
              .slice(0, 5)
              .map((item) => show(item))
              .join(", "),
      expected: tree.conditions.map(({ phrase }) => phrase).join(" or "),
    };
  }
  const objects = items.filter(isObject);
  const failures = (objects.length === 0 ? [{}] : objects).map((object) => failureInObject(tree, object));
  return failures.find((failure) => failure !== null) ?? null;
}

function failureInObject(tree: Tree, object: JsonObject): Failure | null {
  const fields = undotted(object);
  for (const [name, child] of tree.children) {
    const failure = failureOf(child, Object.hasOwn(fields, name) ? fields[name] : undefined);
    if (failure !== null) return failure;
  }
  return null;
}
