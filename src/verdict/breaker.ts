/**
 * Keeps people from waiting for a backend that does not answer: after ten failures in a row nobody waits, and one
 * question every five seconds is asked aside, until one is answered.
 *
 * It lives in the memory of an isolate, of which there are some in every location that Tencent calls: shared by all
 * their requests, and each learns by ten of its own. A Durable Object would know for all of them, and cost every
 * verdict a round trip to one place in the world.
 */

export interface AskBreaker {
  /** In a row. */
  failures: number;
  /** Once open: when the next question may be asked aside, Unix milliseconds. */
  probeAt: number;
  /** How to tell those who wait that it has opened; each goes on in its own request. */
  waiting: Set<() => void>;
  /** Answers in a row that could not be read as a verdict, and why the last of them could not. */
  unreadable: { count: number; reason: string };
}

/** By the names of rules. Those of answer rules count unreadable answers only. */
export type AskBreakers = Map<string, AskBreaker>;

const failuresToOpen = 10;
const probeEveryMs = 5_000;

/** So many unreadable answers in a row are a problem. */
const unreadableWarnAt = 10;

/** Characters kept of a reason. */
const maxReasonLength = 200;

export function isOpen({ failures }: AskBreaker): boolean {
  return failures >= failuresToOpen;
}

export function breakerOf(breakers: AskBreakers, rule: string): AskBreaker {
  let breaker = breakers.get(rule);
  if (!breaker) {
    breaker = {
      failures: 0,
      probeAt: 0,
      waiting: new Set(),
      unreadable: { count: 0, reason: "" },
    };
    breakers.set(rule, breaker);
  }
  return breaker;
}

/** Whether an open breaker lets a question be asked aside at `now`; if so, the next comes later. */
export function takeProbe(breaker: AskBreaker, now: number): boolean {
  const wait = breaker.probeAt - now;
  // A probe that is further ahead than probes are apart was set before the clock was set back.
  if (wait > 0 && wait <= probeEveryMs) return false;
  breaker.probeAt = now + probeEveryMs;
  return true;
}

/** Takes note of an answer, any that shows that the backend lives, or of its failure. */
export function note(breaker: AskBreaker, alive: boolean, now: number): void {
  breaker.failures = alive ? 0 : breaker.failures + 1;
  if (breaker.failures !== failuresToOpen) return;
  breaker.probeAt = now + probeEveryMs;
  for (const tell of breaker.waiting) tell();
  breaker.waiting.clear();
}

/** Takes note of an answer: null, it was a verdict; else the reason why it could not be read as one. */
export function noteReading(breaker: AskBreaker, problem: string | null): void {
  const { unreadable } = breaker;
  unreadable.count = problem === null ? 0 : unreadable.count + 1;
  unreadable.reason = (problem ?? "").slice(0, maxReasonLength).toWellFormed();
}

/** Says that a rule's answers cannot be read, if that holds for many in a row. */
export function readingProblem({ unreadable: { count, reason } }: AskBreaker): string | null {
  if (count < unreadableWarnAt) return null;
  return `its last ${count} answers could not be read as verdicts, the last one because: ${reason}`;
}
