/** Waits between attempts, with jitter so that deliveries that failed together are not retried together. `random` returns [0, 1). */

/** A wait with jitter: `ms`, 20 % more or less. */
export function vary(ms: number, random: () => number): number {
  return Math.round(ms * (0.8 + 0.4 * random()));
}

/** The longest result of `vary`. */
export function longestVaried(ms: number): number {
  return Math.ceil(ms * 1.2);
}

/** The wait after the nth failure of a delivery, n from 1; null: the delivery becomes a dead letter. */
export function nextWait(waits: readonly number[], failures: number, random: () => number): number | null {
  const wait = waits[failures - 1];
  return wait === undefined ? null : vary(wait, random);
}

/** The hold for a `Retry-After` of `holdMs`: as long, or up to 20 % longer. */
export function holdFor(holdMs: number, random: () => number): number {
  return Math.ceil(holdMs * (1 + 0.2 * random()));
}

/**
 * When a delivery is attempted that is due at a time: a `Retry-After` may hold it back for longer. Unix milliseconds.
 * @param heldUntil null: nothing is held
 */
export function attemptedAt(due: number, heldUntil: number | null): number {
  return Math.max(due, heldUntil ?? due);
}
