/**
 * Keeps from burdening a destination that is down: after ten failures in a row, of a kind that says nothing of it
 * lives, one probe at a time is let through, after 5 s and then ever more rarely, until any answer shows life.
 * One per destination and shard. Times are Unix milliseconds.
 */
import type { Outcome } from "./outcome.ts";
import { holdFor, longestVaried, vary } from "./schedule.ts";

/** Plain data: it is stored as JSON, and goes on where it stood. */
export interface Breaker {
  /** In a row; once open, those of probes alone. From `opensAt` on the breaker is open. */
  failures: number;
  /** While open: when the next probe is due. What began earlier is no probe. */
  probeAt: number;
  /** Until then a `Retry-After` holds back everything, probes included. */
  heldUntil: number;
  /** How long that hold is in all; absent in a breaker that an older release stored. */
  heldFor?: number;
}

/** How many posts may begin now; if none may, when to look again, or null: when the probe under way has ended. */
export interface Allowance {
  posts: number;
  again: number | null;
}

export const closed: Breaker = { failures: 0, probeAt: 0, heldUntil: 0 };

const failuresToOpen = 10;
const firstProbeMs = 5_000;
const maxProbeMs = 5 * 60_000;
/** The longest hold there is, for one whose own length was not stored. */
const maxHoldMs = longestVaried(24 * 60 * 60_000);

export function isOpen(breaker: Breaker): boolean {
  return breaker.failures >= failuresToOpen;
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
  const hold =
    outcome.holdMs === null ? holdOf(breaker) : longerHold(breaker, now, holdFor(outcome.holdMs, random));

  if (outcome.alive) return { ...closed, ...hold };
  // Begun before it opened: tells nothing that the ten did not.
  if (isOpen(breaker) && !isProbe(breaker, outcome.at)) return { ...breaker, ...hold };

  const failures = breaker.failures + 1;
  if (failures < failuresToOpen) return { failures, probeAt: 0, ...hold };
  return { failures, probeAt: now + vary(probeWait(failures), random), ...hold };
}

/**
 * The breaker as it holds at `now`. A clock that was set back shows in a probe or a hold that is further ahead than
 * it is long: that one begins anew. A hold that has ended is forgotten, lest it begin anew.
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

/** How long an open breaker waits for the next probe. */
function probeWait(failures: number): number {
  return Math.min(firstProbeMs * 2 ** Math.max(0, failures - failuresToOpen), maxProbeMs);
}

type Hold = Pick<Breaker, "heldUntil" | "heldFor">;

function holdOf({ heldUntil, heldFor }: Breaker): Hold {
  return heldFor === undefined ? { heldUntil } : { heldUntil, heldFor };
}

/** A longer hold is not shortened. */
function longerHold(breaker: Breaker, now: number, ms: number): Hold {
  return now + ms > breaker.heldUntil ? { heldUntil: now + ms, heldFor: ms } : holdOf(breaker);
}
