/** The further condition `limit` of ask and answer rules, which fits events that come too often. */
import type { Event } from "../callback/event.ts";
import { type Sentence, say } from "../sentence.ts";
import { type FieldPath, fieldTexts } from "./field-path.ts";
import { parseJson } from "./json.ts";
import type { Failure } from "./match/explain.ts";

/** The binding of the objects that count. */
export const limiterBinding = "LIMITER";

export interface Limit {
  /** The path of the field whose equal values are counted together, as the rule writes it. */
  by: string;
  /** The text of that field in an event, as the event writes it. */
  textOf(event: Event): string | undefined;
  /** So many events of a value pass within any `seconds`; the rule fits the further ones. */
  count: number;
  seconds: number;
}

/**
 * The result of a count: the event is within the limit or beyond it, or nothing is known in time. `skipped`: after ten
 * counts without a result it is not counted.
 */
export type CountResult = "within" | "beyond" | "late" | "failed" | "skipped";

/** The value that an event counts for, as JSON. Undefined if the field is absent or null: then the rule does not fit. */
export function countedValue({ textOf }: Limit, event: Event): string | undefined {
  const text = textOf(event);
  // Written with other escapes and spaces, a value counts as the same.
  return text === undefined || text === "null" ? undefined : JSON.stringify(parseJson(text));
}

/** Reads the field at a path. */
export function textAt(path: FieldPath): Limit["textOf"] {
  const texts = fieldTexts([path]);
  return (event) => texts(event)[0];
}

interface Matching {
  matches(event: Event): boolean;
  explain(event: Event): Failure | null;
}

/** The selection, less the events that have no value to count. The count itself is taken where a verdict is decided. */
export function countable<Part extends Matching>(selection: Part, limit: Limit | null): Part {
  if (limit === null) return selection;
  return {
    ...selection,
    matches: (event) => selection.matches(event) && countedValue(limit, event) !== undefined,
    explain(event) {
      const failure = selection.explain(event);
      if (failure !== null || countedValue(limit, event) !== undefined) return failure;
      return { field: limit.by, found: say`absent`, expected: say`present, as the limit counts by it` };
    },
  };
}

/** The condition in words: `beyond 20 of a body.From_Account within 10 s`. */
export function limitInWords({ by, count, seconds }: Limit): Sentence {
  return say`beyond ${count} of a ${by} within ${seconds} s`;
}
