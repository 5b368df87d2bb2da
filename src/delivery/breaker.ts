/**
 * The circuit breaker of a destination. After ten consecutive failures without a sign of life it opens, and lets one
 * probe through at a time. The first probe follows after 5 s, later probes after doubling waits up to 5 minutes. An
 * answer that shows life closes it. Each shard has its own breaker for each destination. Times are Unix milliseconds.
 */
import type { Outcome } from "./outcome.ts";
import { holdFor, longestVaried, vary } from "./schedule.ts";

/** Plain data, stored as JSON, so that a breaker survives a restart. */
export interface Breaker {
  /** Failures in a row; while open, failed probes only. The breaker is open from `failuresToOpen` on. */
  failures: number;
  /** While open: the time of the next probe. An attempt that began earlier is no probe. */
  probeAt: number;
  /** Until this time a `Retry-After` holds back all posts, probes included. */
  heldUntil: number;
  /** The whole length of that hold, milliseconds. Absent in a breaker that an older release has stored. */
  heldFor?: number;
}

/** The number of posts that may begin now. If it is 0, `again` is the time to ask again; null: when the probe ends. */
export interface Allowance {
  posts: number;
  again: number | null;
}

export const closed: Breaker = { failures: 0, probeAt: 0, heldUntil: 0 };

const failuresToOpen = 10;
const firstProbeMs = 5_000;
const maxProbeMs = 5 * 60_000;
/** The longest possible hold, assumed for a hold whose length was not stored. */
const maxHoldMs = longestVaried(24 * 60 * 60_000);

/** Whether only probes may begin. */
export function isOpen(breaker: Breaker): boolean {
  return breaker.failures >= failuresToOpen;
}

/** Whether an attempt that began at `at` is a probe. Any other attempt in flight began before the breaker opened. */
export function isProbe(breaker: Breaker, at: number): boolean {
  return isOpen(breaker) && at >= breaker.probeAt;
}

/** The posts that may begin at `now`. @param probing whether a probe is in flight */
export function allowance(breaker: Breaker, now: number, probing: boolean): Allowance {
  if (now < breaker.heldUntil) return { posts: 0, again: breaker.heldUntil };
  if (!isOpen(breaker)) return { posts: Infinity, again: null };
  if (probing) return { posts: 0, again: null };
  return now < breaker.probeAt ? { posts: 0, again: breaker.probeAt } : { posts: 1, again: null };
}

/** The breaker after an attempt that ended at `now`. */
export function afterOutcome(breaker: Breaker, outcome: Outcome, now: number, random: () => number): Breaker {
  const hold =
    outcome.holdMs === null ? holdOf(breaker) : longerHold(breaker, now, holdFor(outcome.holdMs, random));

  if (outcome.missed || outcome.uncounted) return breaker;
  if (outcome.alive) return { ...closed, ...hold };
  // Started before the breaker opened: adds no information.
  if (isOpen(breaker) && !isProbe(breaker, outcome.at)) return { ...breaker, ...hold };

  const failures = breaker.failures + 1;
  if (failures < failuresToOpen) return { failures, probeAt: 0, ...hold };
  return { failures, probeAt: now + vary(probeWait(failures), random), ...hold };
}

/**
 * The breaker at `now`, corrected for a clock that was set back. Then the next probe or the end of a hold is further ahead
 * than its whole wait, and the wait begins anew. A hold that has ended is removed, so that it cannot begin anew.
 */
export function corrected(breaker: Breaker, now: number): Breaker {
  const { failures, probeAt, ...hold } = breaker;
  const probeMs = probeWait(failures);
  const early = probeAt - now > longestVaried(probeMs);
  return { failures, probeAt: early ? now + probeMs : probeAt, ...correctedHold(hold, now) };
}

function correctedHold(hold: Hold, now: number): Hold {
  if (hold.heldUntil <= now) return { heldUntil: 0 };
  const { heldUntil, heldFor = maxHoldMs } = hold;
  return heldUntil - now > heldFor ? { ...hold, heldUntil: now + heldFor } : hold;
}

/** The wait of an open breaker before the next probe, milliseconds, without jitter. */
function probeWait(failures: number): number {
  return Math.min(firstProbeMs * 2 ** Math.max(0, failures - failuresToOpen), maxProbeMs);
}

type Hold = Pick<Breaker, "heldUntil" | "heldFor">;

function holdOf({ heldUntil, heldFor }: Breaker): Hold {
  return heldFor === undefined ? { heldUntil } : { heldUntil, heldFor };
}

/** The hold with the later end: a new hold does not shorten an earlier one. */
function longerHold(breaker: Breaker, now: number, ms: number): Hold {
  return now + ms > breaker.heldUntil ? { heldUntil: now + ms, heldFor: ms } : holdOf(breaker);
}
