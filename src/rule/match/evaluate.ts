/**
 * Holds a matcher against an event. An array in the event means "one of these". Matching fields must come from the same
 * element of every array that they share. An event in which one message has the right type, and another message the
 * right text, does not match.
 */
import { isObject, isScalar, type Json, type JsonObject, type Scalar } from "../json.ts";
import { fieldOf, flat, type Item, undotted } from "./fields.ts";
import type { Matcher, Term } from "./matcher.ts";
import type { Condition } from "./operator.ts";

/**
 * The fit of a matcher to a value: none, by the absence of its fields, or by their presence. Arrays treat the two
 * differently: one element with a present field is enough, but an absent field must be absent from all elements.
 */
export type Fit = 0 | 1 | 2;
export const misfit: Fit = 0;
const absent: Fit = 1;
const present: Fit = 2;

/** Results for one event. Combined alternatives share matchers, and a long text is searched only once. */
export type FitCache = Map<Matcher, Map<Json | undefined, Fit>>;

/** Whether an event fits a compiled pattern. */
export function matches(root: Matcher, event: JsonObject): boolean {
  return fit(root, event, new Map()) !== misfit;
}

/** The fit of a matcher to a field, which may be absent. It is computed once for each value. */
export function fit(matcher: Matcher, value: Json | undefined, cache: FitCache): Fit {
  let results = cache.get(matcher);
  if (results === undefined) {
    results = new Map();
    cache.set(matcher, results);
  }
  let result = results.get(value);
  if (result === undefined) {
    result = fitValue(matcher, value, cache);
    results.set(value, result);
  }
  return result;
}

function fitValue(matcher: Matcher, value: Json | undefined, cache: FitCache): Fit {
  const items = flat(value);
  const { conditions, terms } = matcher;
  const isPresent =
    conditions === null
      ? fitObject(terms, items, cache)
      : fitValueAndObject(conditions, terms, value, items, cache);
  if (isPresent) return present;
  return isAbsent(matcher, items) ? absent : misfit;
}

/** Whether one of the objects matches all terms. */
function fitObject(terms: readonly Term[], items: readonly Item[], cache: FitCache): boolean {
  return items.some((item) => isObject(item) && fitTerms(terms, item, cache) === present);
}

/** Whether the conditions on a field and the terms on the fields inside it match together, at least one by presence. */
function fitValueAndObject(
  conditions: readonly Condition[],
  terms: readonly Term[],
  value: Json | undefined,
  items: readonly Item[],
  cache: FitCache,
): boolean {
  const isWanted = (item: Item) => isScalar(item) && fitsOne(conditions, item);
  if (terms.length === 0) return items.some(isWanted);
  if (conditions.some((condition) => condition.absent) && !items.some(isScalar))
    return fitObject(terms, items, cache);

  const spans = spansWith(isWanted, value);
  let searched = 0;
  for (const { start, end } of spans) {
    if (fitObject(terms, items.slice(Math.max(start, searched), end), cache)) return true;
    searched = Math.max(searched, end);
  }
  // A field that is absent from an array is absent from the arrays within it: testing the innermost ones is enough.
  const innermost = spans.filter(({ end }, index) => !(spans[index + 1] && spans[index + 1]!.start < end));
  return innermost.some(({ start, end }) => areAbsent(terms, items.slice(start, end)));
}

/** The items of an array, as a range of the items of its outermost array. */
interface Span {
  start: number;
  end: number;
}

/**
 * The arrays that hold a wanted value directly, outer arrays first. The value belongs to its array's element in every
 * array around it, so the other fields are searched in the same array, however deep.
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

/** Whether a value meets at least one of the conditions. */
export function fitsOne(conditions: readonly Condition[], value: Scalar): boolean {
  return conditions.some((condition) => condition.fits(value));
}

/** All terms must fit; the result is `present` if at least one of them is. */
function fitTerms(terms: readonly Term[], object: JsonObject, cache: FitCache): Fit {
  const fields = undotted(object);
  let all: Fit = absent;
  for (const term of terms) {
    const one: Fit =
      "step" in term
        ? fit(term.child, fieldOf(fields, term.step), cache)
        : (Math.max(...term.alternatives.map((terms) => fitTerms(terms, fields, cache))) as Fit);
    if (one === misfit) return misfit;
    if (one === present) all = present;
  }
  return all;
}

/** Whether the matcher fits because none of the items has any of its fields. */
function isAbsent({ fitsAbsence, conditions, terms }: Matcher, items: readonly Item[]): boolean {
  return fitsAbsence && (conditions === null || !items.some(isScalar)) && areAbsent(terms, items);
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
