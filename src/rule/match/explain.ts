/** A matcher in words: the reason why an event does not match, and the pattern as a sentence. */

import { both, either, listed, type Sentence, say } from "../../sentence.ts";
import { isObject, isScalar, type Json, type JsonObject, type Scalar, show } from "../json.ts";
import { type FitCache, fit, fitsOne, misfit } from "./evaluate.ts";
import { fieldOf, flat, type Item, undotted } from "./fields.ts";
import type { Matcher, Term } from "./matcher.ts";
import type { Condition } from "./operator.ts";

/** The reason why an event does not match. */
export interface Failure {
  /** The field's path; of several alternatives, their paths joined by " or ". */
  field: string;
  /** The values in the event, as text. */
  found: Sentence;
  expected: Sentence;
}

/** At most so many values of a field are listed. */
const maxListed = 5;

/** The first field that does not match; null if all do. */
export function explain(matcher: Matcher, value: Json | undefined): Failure | null {
  const cache: FitCache = new Map();
  return fit(matcher, value, cache) === misfit ? failure(matcher, flat(value), cache) : null;
}

function failure(matcher: Matcher, items: readonly Item[], cache: FitCache): Failure {
  const values = items.filter(isScalar);
  const { conditions, terms, path } = matcher;
  if (conditions !== null && !values.some((value) => fitsOne(conditions, value))) {
    if (values.length > 0 || !conditions.some((condition) => condition.absent)) {
      return { field: path, found: list(values), expected: eitherOf(conditions) };
    }
  }
  const objects = items.filter(isObject);
  const failures = (objects.length === 0 ? [{}] : objects).map((object) =>
    failureOfTerms(terms, object, cache),
  );
  const fields = new Set(failures.map((one) => one?.field));
  const first = failures[0];
  if (first && fields.size === 1) {
    const found = listed([...new Set(failures.map((one) => one!.found))].slice(0, maxListed));
    return { ...first, found };
  }
  return {
    field: path,
    found: say`${objects.length} elements`,
    expected: say`one element in which ${sentence(matcher)}`,
  };
}

function failureOfTerms(terms: readonly Term[], object: JsonObject, cache: FitCache): Failure | null {
  const fields = undotted(object);
  for (const term of terms) {
    if ("step" in term) {
      const value = fieldOf(fields, term.step);
      if (fit(term.child, value, cache) === misfit) return failure(term.child, flat(value), cache);
    } else {
      const failures = term.alternatives.map((alternative) => failureOfTerms(alternative, fields, cache));
      if (failures.every((one) => one !== null)) return oneOf(failures);
    }
  }
  return null;
}

function oneOf(failures: readonly Failure[]): Failure {
  const join = (key: keyof Failure) => either([...new Set(failures.map((one) => one[key]))]);
  return { field: join("field"), found: join("found"), expected: join("expected") };
}

function list(values: readonly Scalar[]): Sentence {
  if (values.length === 0) return say`absent`;
  const shown = values.slice(0, maxListed).map((value) => show(value));
  return listed(values.length > shown.length ? [...shown, "…"] : shown);
}

function eitherOf(conditions: readonly Condition[]): Sentence {
  return either(conditions.map(({ phrase }) => phrase));
}

/** The matcher as a sentence: `body.Type is "Community" and body.MemberNum is a number > 100`. */
export function sentence(matcher: Matcher): Sentence {
  const own = matcher.conditions === null ? [] : [say`${matcher.path} is ${eitherOf(matcher.conditions)}`];
  return both([...own, ...matcher.terms.map(termSentence)]);
}

function termSentence(term: Term): Sentence {
  if ("step" in term) return sentence(term.child);
  return say`(${either(term.alternatives.map((terms) => both(terms.map(termSentence))))})`;
}
