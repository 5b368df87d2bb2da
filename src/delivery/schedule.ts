/** When to try again. `random` gives [0, 1); the jitter keeps what failed together from returning together. */

/** `ms`, 20 % more or less. */
export function vary(ms: number, random: () => number): number {
  return Math.round(ms * (0.8 + 0.4 * random()));
}

/** The most that varying makes of a wait. */
export function longestVaried(ms: number): number {
  return Math.ceil(ms * 1.2);
}

/** The wait after the nth failure of a delivery, n from 1; null when it is given up: a dead letter. */
export function nextWait(waits: readonly number[], failures: number, random: () => number): number | null {
  const wait = waits[failures - 1];
  return wait === undefined ? null : vary(wait, random);
}

/** How long to leave a destination alone that asked for `holdMs`: that long, and up to 20 % longer. */
export function holdFor(holdMs: number, random: () => number): number {
  return Math.ceil(holdMs * (1 + 0.2 * random()));
}
