/**
 * A compiled pattern: a tree along the event's fields. `matches` in `evaluate.ts` holds it against an event, `explain` in
 * `explain.ts` says why an event does not match.
 */
import type { Condition } from "./operator.ts";

/** The demands on one field of the event, and on the fields inside it. */
export interface Matcher {
  /** The field's path, steps joined by dots. */
  readonly path: string;
  /** At least one of these must match a value of the field. Null: no value is demanded. */
  readonly conditions: readonly Condition[] | null;
  /** All of these must match one object in the field. No two of them share a step. */
  readonly terms: readonly Term[];
  /** Whether the matcher can match an event that has none of its fields. */
  readonly fitsAbsence: boolean;
}

/** A demand on one field of an object, or alternatives, of which one must match. */
export type Term =
  | { readonly step: string; readonly child: Matcher }
  | { readonly alternatives: readonly (readonly Term[])[] };

/** @param conditions null: no value of the field itself is demanded */
export function matcher(
  path: string,
  conditions: readonly Condition[] | null,
  terms: readonly Term[] = [],
): Matcher {
  const fitsAbsence =
    (conditions === null || conditions.some((condition) => condition.absent)) && terms.every(termFitsAbsence);
  return { path, conditions, terms, fitsAbsence };
}

function termFitsAbsence(term: Term): boolean {
  if ("step" in term) return term.child.fitsAbsence;
  return term.alternatives.some((terms) => terms.every(termFitsAbsence));
}

/** The paths of the fields that a matcher makes demands on, steps joined by dots. */
export function fieldsOf({ path, conditions, terms }: Matcher): readonly string[] {
  const inner = (term: Term): readonly string[] =>
    "step" in term ? fieldsOf(term.child) : term.alternatives.flatMap((all) => all.flatMap(inner));
  return [...(conditions === null ? [] : [path]), ...terms.flatMap(inner)];
}

/**
 * All terms and one more. Terms that share a step are combined: their fields must be looked up together, or they could
 * match in different elements of an array. If one field has two demands, the later demand counts, as in EventBridge.
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
    (alternatives, one) =>
      alternatives.flatMap((all) => alternativesOf(one).map((more) => more.reduce(add, all))),
    [[]],
  );
  return [...rest, { alternatives: combined }];
}

function conjoin(a: Matcher, b: Matcher): Matcher {
  return matcher(a.path, b.conditions ?? a.conditions, b.terms.reduce(add, a.terms));
}

function alternativesOf(term: Term): readonly (readonly Term[])[] {
  return "step" in term ? [[term]] : term.alternatives;
}

function stepsOf(term: Term): ReadonlySet<string> {
  return new Set(
    "step" in term ? [term.step] : term.alternatives.flat().flatMap((inner) => [...stepsOf(inner)]),
  );
}
