/**
 * How far a destination has come that has more events under way than each row may name. Polls confirm thousands of
 * events in any order: a row that named only the first would hand the confirmed ones out again after a restart.
 */
import type { DestinationState, ExactCursor } from "./progress-record.ts";

/** @param underway in order */
export function exactCursor(cursor: number, underway: readonly number[]): ExactCursor {
  return [cursor, ...underway.map((position, index) => position - (underway[index - 1] ?? 0))];
}

/** The state that a row records in short. Events before its cursor are gone from the journal, or have ended. */
export function inFull({ exact, ...state }: DestinationState): DestinationState {
  if (!exact) return state;
  const { done: _, ...rest } = state;
  const [cursor, ...steps] = exact;
  let position = 0;
  const underway = steps.map((step) => (position += step)).filter((one) => one >= state.cursor);
  return { ...rest, cursor: Math.max(cursor, state.cursor), underway };
}
