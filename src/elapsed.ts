/**
 * The milliseconds from one reading of a clock to a later one. A later one that is earlier was read after the clock was
 * set back. Nothing tells how much time has passed then: it counts as enough for every wait, so that none lasts longer.
 */
export function elapsed(since: number, now: number): number {
  return now < since ? Number.POSITIVE_INFINITY : now - since;
}
