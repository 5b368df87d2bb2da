/**
 * Keeps from burdening a destination that is down: after ten failures in a row, of a kind that says nothing of it
 * lives, one probe at a time is let through, after 5 s and then ever more rarely, until any answer shows life.
 * One per destination and shard. Times are Unix milliseconds.
 */
import type { Outcome } from "./outcome.ts";
import { holdFor, vary } from "./schedule.ts";

/** Plain data: it is stored as JSON, and goes on where it stood. */
export interface Breaker {
  /** In a row; once open, those of probes alone. From `opensAt` on the breaker is open. */
  failures: number;
  /** While open: when the next probe is due. What began earlier is no probe. */
  probeAt: number;
  /** Until then a `Retry-After` holds back everything, probes included. */
  heldUntil: number;
}

/** How many posts may begin now; if none may, when to look again, or null: when the probe under way has ended. */
export interface Allowance {
  posts: number;
  again: number | null;
}

export const closed: Breaker = { failures: 0, probeAt: 0, heldUntil: 0 };

const opensAt = 10;
const firstProbeMs = 5_000;
const longestProbeMs = 5 * 60_000;

export function isOpen(breaker: Breaker): boolean {
  return breaker.failures >= opensAt;
}

/** Whether an attempt under way since `at` is a probe; others under way began before the breaker opened. */
export function isProbe(breaker: Breaker, at: number): boolean {
  return isOpen(breaker) && at >= breaker.probeAt;
}

/** What may begin at `now`; `probing`: whether a probe is under way. */
export function allowance(breaker: Breaker, now: number, probing: boolean): Allowance {
  if (now < breaker.heldUntil) return { posts: 0, again: breaker.heldUntil };
  if (!isOpen(breaker)) return { posts: Infinity, again: null };
  if (probing) return { posts: 0, again: null };
  return now < breaker.probeAt ? { posts: 0, again: breaker.probeAt } : { posts: 1, again: null };
}

/** The breaker after an attempt that ended at `now`. */
export function afterOutcome(breaker: Breaker, outcome: Outcome, now: number, random: () => number): Breaker {
  const heldUntil =
    outcome.holdMs === null
      ? breaker.heldUntil
      : Math.max(breaker.heldUntil, now + holdFor(outcome.holdMs, random));

  if (outcome.alive) return { ...closed, heldUntil };
  // Begun before it opened: tells nothing that the ten did not.
  if (isOpen(breaker) && !isProbe(breaker, outcome.at)) return { ...breaker, heldUntil };

  const failures = breaker.failures + 1;
  if (failures < opensAt) return { failures, probeAt: 0, heldUntil };
  const wait = Math.min(firstProbeMs * 2 ** (failures - opensAt), longestProbeMs);
  return { failures, probeAt: now + vary(wait, random), heldUntil };
}
