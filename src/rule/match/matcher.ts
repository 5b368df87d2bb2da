/**
 * What a pattern demands of an event, compiled: a tree along the event's fields. Arrays in the event mean "one of
 * these", and fields that fit must come from the same element of every array they share: no event fits because one
 * message has the right type and another one the right text.
 */
import { isObject, isScalar, type Json, type JsonObject, maxDepth, type Scalar, show } from "../json.ts";
import type { Condition } from "./operators.ts";

/** What is demanded of one place in the event. */
export interface Matcher {
  /** Steps to the place, joined by dots. */
  readonly path: string;
  /** One of these must fit a value that stands here. Null: no value is asked for. */
  readonly conditions: readonly Condition[] | null;
  /** All of these must hold of an object that stands here. No two of them share a step. */
  readonly terms: readonly Term[];
  /** Whether it can hold where nothing of it is in the event. */
  readonly fitsAbsence: boolean;
}

export type Term =
  | { readonly step: string; readonly child: Matcher }
  | { readonly alternatives: readonly (readonly Term[])[] };

export function matcher(
  path: string,
  conditions: readonly Condition[] | null,
  terms: readonly Term[] = [],
): Matcher {
  const absentable =
    (conditions === null || conditions.some((condition) => condition.absent)) && terms.every(termFitsAbsence);
  return { path, conditions, terms, fitsAbsence: absentable };
}

function termFitsAbsence(term: Term): boolean {
  if ("step" in term) return term.child.fitsAbsence;
  return term.alternatives.some((terms) => terms.every(termFitsAbsence));
}

/**
 * All terms and one more. Where it shares a step with others, they are combined: their fields must be looked up
 * together, or they might come from different elements. A field that is asked for twice follows the later demand, as in
 * EventBridge.
 */
export function add(terms: readonly Term[], term: Term): readonly Term[] {
  const steps = stepsOf(term);
  const related = terms.filter((other) => [...stepsOf(other)].some((step) => steps.has(step)));
  if (related.length === 0) return [...terms, term];
  const rest = terms.filter((other) => !related.includes(other));

  const [only] = related;
  if (related.length === 1 && "step" in only! && "step" in term) {
    return [...rest, { step: term.step, child: conjoin(only.child, term.child) }];
  }
  const combined = [...related, term].reduce<readonly (readonly Term[])[]>(
    (alternatives, one) => alternatives.flatMap((all) => choices(one).map((more) => more.reduce(add, all))),
    [[]],
  );
  return [...rest, { alternatives: combined }];
}

function conjoin(a: Matcher, b: Matcher): Matcher {
  return matcher(a.path, b.conditions ?? a.conditions, b.terms.reduce(add, a.terms));
}

function choices(term: Term): readonly (readonly Term[])[] {
  return "step" in term ? [[term]] : term.alternatives;
}

function stepsOf(term: Term): ReadonlySet<string> {
  return new Set(
    "step" in term ? [term.step] : term.alternatives.flat().flatMap((inner) => [...stepsOf(inner)]),
  );
}

/**
 * How a formula fits: not at all, only because nothing of it is there, or by something that is there. The difference
 * counts in arrays: of what is there one element is enough, but what is absent must be absent from all.
 */
type Fit = 0 | 1 | 2;
const misfit: Fit = 0;
const absent: Fit = 1;
const present: Fit = 2;

/** What is known of one event: combined alternatives share formulas, and a long text is searched once. */
type Known = Map<Matcher, Map<Json | undefined, Fit>>;

export function matches(root: Matcher, event: JsonObject): boolean {
  return fit(root, event, new Map()) !== misfit;
}

function fit(wanted: Matcher, value: Json | undefined, known: Known): Fit {
  let results = known.get(wanted);
  if (results === undefined) {
    results = new Map();
    known.set(wanted, results);
  }
  let result = results.get(value);
  if (result === undefined) {
    result = fitValue(wanted, value, known);
    results.set(value, result);
  }
  return result;
}

function fitValue(wanted: Matcher, value: Json | undefined, known: Known): Fit {
  const items = flat(value);
  const { conditions, terms } = wanted;
  if (conditions === null ? fitObject(terms, items, known) : fitHere(conditions, terms, value, items, known))
    return present;
  return isAbsent(wanted, items) ? absent : misfit;
}

/** Whether one of the objects holds what the terms demand. */
function fitObject(terms: readonly Term[], items: readonly Item[], known: Known): boolean {
  return items.some((item) => isObject(item) && fitTerms(terms, item, known) === present);
}

/** Whether what is asked of this place and of the fields below it is there together, by at least one thing. */
function fitHere(
  conditions: readonly Condition[],
  terms: readonly Term[],
  value: Json | undefined,
  items: readonly Item[],
  known: Known,
): boolean {
  const isWanted = (item: Item) => isScalar(item) && fitsOne(conditions, item);
  if (terms.length === 0) return items.some(isWanted);
  if (conditions.some((condition) => condition.absent) && !items.some(isScalar))
    return fitObject(terms, items, known);

  const spans = spansWith(isWanted, value);
  let looked = 0;
  for (const { start, end } of spans) {
    if (fitObject(terms, items.slice(Math.max(start, looked), end), known)) return true;
    looked = Math.max(looked, end);
  }
  // What is absent from an array is absent from those in it: the inner ones are enough.
  const inner = spans.filter(({ end }, index) => !(spans[index + 1] && spans[index + 1]!.start < end));
  return inner.some(({ start, end }) => areAbsent(terms, items.slice(start, end)));
}

/** The items of an array, as a part of all that its outermost array comes down to. */
interface Span {
  start: number;
  end: number;
}

/**
 * The arrays in which such a value stands, outer ones first. It belongs to its array's element in every array around
 * it, so that the fields that go with it lie in the same array, however deep.
 */
function spansWith(isWanted: (item: Item) => boolean, value: Json | undefined): readonly Span[] {
  const found: Span[] = [];
  let seen = 0;
  const open = [{ list: Array.isArray(value) ? value : [value], next: 0, start: 0, holds: false }];
  while (open.length > 0) {
    const last = open.at(-1)!;
    if (last.next === last.list.length) {
      if (last.holds) found.push({ start: last.start, end: seen });
      open.pop();
      continue;
    }
    const item = last.list[last.next++]!;
    if (Array.isArray(item)) {
      open.push({ list: item, next: 0, start: seen, holds: false });
    } else {
      last.holds ||= isWanted(item);
      seen++;
    }
  }
  return found.sort((a, b) => a.start - b.start || b.end - a.end);
}

function fitsOne(conditions: readonly Condition[], value: Scalar): boolean {
  return conditions.some((condition) => condition.fits(value));
}

/** All must hold; they are present if one of them is. */
function fitTerms(terms: readonly Term[], object: JsonObject, known: Known): Fit {
  const fields = undotted(object);
  let all: Fit = absent;
  for (const term of terms) {
    const one: Fit =
      "step" in term
        ? fit(term.child, fieldOf(fields, term.step), known)
        : (Math.max(...term.alternatives.map((terms) => fitTerms(terms, fields, known))) as Fit);
    if (one === misfit) return misfit;
    if (one === present) all = present;
  }
  return all;
}

/** Whether the formula holds because nothing of it is in any of the items. */
function isAbsent({ fitsAbsence: absentable, conditions, terms }: Matcher, items: readonly Item[]): boolean {
  return absentable && (conditions === null || !items.some(isScalar)) && areAbsent(terms, items);
}

function areAbsent(terms: readonly Term[], items: readonly Item[]): boolean {
  const objects = items.filter(isObject).map(undotted);
  const holds = (term: Term): boolean =>
    "step" in term
      ? isAbsent(
          term.child,
          objects.flatMap((object) => flat(fieldOf(object, term.step))),
        )
      : term.alternatives.some((terms) => terms.every(holds));
  return terms.every(holds);
}

/** What arrays in arrays come down to: EventBridge sees their elements only. */
type Item = Scalar | JsonObject;

function flat(value: Json | undefined): readonly Item[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [value as Item];
  if (!value.some(Array.isArray)) return value;
  // By hand: nesting as deep as a body allows would overflow the stack.
  const items: Item[] = [];
  const rest: Json[] = [...value].reverse();
  while (rest.length > 0) {
    const next = rest.pop()!;
    if (!Array.isArray(next)) items.push(next as Item);
    else for (let index = next.length - 1; index >= 0; index--) rest.push(next[index]!);
  }
  return items;
}

function fieldOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** EventBridge does not tell `{"a.b": 1}` from `{"a": {"b": 1}}`. Steps that no pattern reaches are left as they are. */
function undotted(object: JsonObject): JsonObject {
  const names = Object.keys(object);
  if (!names.some((name) => name.includes("."))) return object;
  const made = new Set<object>();
  const whole = newObject();
  for (const name of names) {
    const [first, ...rest] = name.split(".", maxDepth + 1);
    const inner = rest.reduceRight<Json>((below, step) => {
      const one = newObject();
      one[step] = below;
      return one;
    }, object[name]!);
    join(whole, first!, inner, made, maxDepth);
  }
  return whole;
}

/** Without a prototype, so that a field may have any name. */
function newObject(): Record<string, Json> {
  return Object.create(null);
}

/** Puts a field into an object beside what its name holds already. @param made objects that may be changed */
function join(object: Record<string, Json>, name: string, value: Json, made: Set<object>, depth: number) {
  const other = object[name];
  if (other === undefined) {
    object[name] = value;
  } else if (isObject(other) && isObject(value) && depth > 0) {
    const both: Record<string, Json> = made.has(other) ? other : Object.assign(newObject(), other);
    made.add(both);
    object[name] = both;
    for (const [step, inner] of Object.entries(value)) join(both, step, inner, made, depth - 1);
  } else {
    object[name] = [other, value];
  }
}

/** Why an event does not fit. */
export interface Failure {
  /** Path of the field; of several, where each would have been enough, joined by " or ". */
  field: string;
  /** What the event holds there, as people read it. */
  found: string;
  expected: string;
}

/** The first field that does not fit; null if all do. */
export function explain(wanted: Matcher, value: Json | undefined): Failure | null {
  const known: Known = new Map();
  return fit(wanted, value, known) === misfit ? failure(wanted, flat(value), known) : null;
}

function failure(wanted: Matcher, items: readonly Item[], known: Known): Failure {
  const values = items.filter(isScalar);
  const { conditions, terms, path } = wanted;
  if (conditions !== null && !values.some((value) => fitsOne(conditions, value))) {
    if (values.length > 0 || !conditions.some((condition) => condition.absent)) {
      return { field: path, found: list(values), expected: either(conditions) };
    }
  }
  const objects = items.filter(isObject);
  const failures = (objects.length === 0 ? [{}] : objects).map((object) => failureOf(terms, object, known));
  const fields = new Set(failures.map((one) => one?.field));
  const first = failures[0];
  if (first && fields.size === 1) {
    return { ...first, found: [...new Set(failures.map((one) => one!.found))].slice(0, 5).join(", ") };
  }
  return {
    field: path,
    found: `${objects.length} elements`,
    expected: `one element in which ${sentence(wanted)}`,
  };
}

function failureOf(terms: readonly Term[], object: JsonObject, known: Known): Failure | null {
  const fields = undotted(object);
  for (const term of terms) {
    if ("step" in term) {
      const value = fieldOf(fields, term.step);
      if (fit(term.child, value, known) === misfit) return failure(term.child, flat(value), known);
    } else {
      const failures = term.alternatives.map((alternative) => failureOf(alternative, fields, known));
      if (failures.every((one) => one !== null)) return oneOf(failures);
    }
  }
  return null;
}

function oneOf(failures: readonly Failure[]): Failure {
  const join = (key: keyof Failure) => [...new Set(failures.map((one) => one[key]))].join(" or ");
  return { field: join("field"), found: join("found"), expected: join("expected") };
}

function list(values: readonly Scalar[]): string {
  if (values.length === 0) return "absent";
  const some = values.slice(0, 5).map((value) => show(value));
  return values.length > some.length ? `${some.join(", ")}, …` : some.join(", ");
}

function either(conditions: readonly Condition[]): string {
  return conditions.map(({ phrase }) => phrase).join(" or ");
}

/** The formula as people say it: `body.Type is "Community" and body.MemberNum is a number > 100`. */
export function sentence(wanted: Matcher): string {
  const own = wanted.conditions === null ? [] : [`${wanted.path} is ${either(wanted.conditions)}`];
  return [...own, ...wanted.terms.map(termSentence)].join(" and ");
}

function termSentence(term: Term): string {
  if ("step" in term) return sentence(term.child);
  return `(${term.alternatives.map((terms) => terms.map(termSentence).join(" and ")).join(" or ")})`;
}
