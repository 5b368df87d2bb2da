/**
 * The circuit breaker of a rule's backend: users must not wait for a backend that does not answer. After ten failures in
 * a row it opens: requests stop waiting, and one question every five seconds is asked aside until one is answered.
 *
 * The state is in the memory of an isolate, shared by its requests. Each isolate needs ten failures of its own, and there
 * are several in every location that Tencent calls. A Durable Object would know for all isolates, but cost every verdict
 * a round trip to one place in the world.
 */

import type { BackendState } from "../callback/relay-events.ts";

export interface AskBreaker {
  /** Failures in a row. */
  failures: number;
  /** While open: the time of the next question asked aside, Unix milliseconds. */
  probeAt: number;
  /** Callbacks of the requests that wait, called when the breaker opens. */
  waiting: Set<() => void>;
  /** The number of unreadable answers in a row, and the reason of the last. */
  unreadable: { count: number; reason: string };
  /** The last news of it; undefined: none yet. */
  told?: { down?: boolean; invalid?: boolean };
}

/**
 * A change that was not told yet, which the caller tells now; null: none. An isolate's first good answer is news
 * too: another isolate that found the backend down may be gone.
 * @param lastError why the backend did not answer, where it did not
 */
export function takeNews(
  rule: string,
  breaker: AskBreaker,
  alive: boolean | null,
  lastError: string,
): BackendState | null {
  const { failures, unreadable } = breaker;
  const told = breaker.told ?? {};
  breaker.told = told;
  const news: BackendState = { rule };
  const down = isAskBreakerOpen(breaker);
  if ((down || alive) && told.down !== down) {
    told.down = down;
    news.down = down ? { failures, lastError: lastError.slice(0, maxReasonLength).toWellFormed() } : null;
  }
  const invalid = unreadable.count >= unreadableWarnAt;
  if ((invalid || (alive && unreadable.count === 0)) && told.invalid !== invalid) {
    told.invalid = invalid;
    news.invalid = invalid ? { ...unreadable } : null;
  }
  return news.down === undefined && news.invalid === undefined ? null : news;
}

/** Breakers by rule name. The breaker of an answer rule counts unreadable answers only. */
export type AskBreakers = Map<string, AskBreaker>;

const failuresToOpen = 10;
const probeEveryMs = 5_000;

/** After so many unreadable answers in a row a problem is reported. */
const unreadableWarnAt = 10;

/** Characters that are kept of a reason. */
const maxReasonLength = 200;

/** Whether requests no longer wait for the backend. */
export function isAskBreakerOpen({ failures }: AskBreaker): boolean {
  return failures >= failuresToOpen;
}

/** The breaker of a rule, created closed. */
export function askBreakerOf(breakers: AskBreakers, rule: string): AskBreaker {
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

/** Whether a question may be asked aside at `now` while the breaker is open. If so, the next one is scheduled. */
export function takeProbe(breaker: AskBreaker, now: number): boolean {
  const wait = breaker.probeAt - now;
  // A probe further ahead than the interval was scheduled before the clock was set back.
  if (wait > 0 && wait <= probeEveryMs) return false;
  breaker.probeAt = now + probeEveryMs;
  return true;
}

/** Counts an answer of any kind (`alive`), or a failure. */
export function noteOutcome(breaker: AskBreaker, alive: boolean, now: number): void {
  breaker.failures = alive ? 0 : breaker.failures + 1;
  if (breaker.failures !== failuresToOpen) return;
  breaker.probeAt = now + probeEveryMs;
  for (const wake of breaker.waiting) wake();
  breaker.waiting.clear();
}

/** Counts an answer that could not be read as a verdict, with the reason; null: it could be read. */
export function noteReadability(breaker: AskBreaker, problem: string | null): void {
  const { unreadable } = breaker;
  unreadable.count = problem === null ? 0 : unreadable.count + 1;
  unreadable.reason = (problem ?? "").slice(0, maxReasonLength).toWellFormed();
}

/** The problem that a rule's answers cannot be read, as a sentence; null unless many in a row could not. */
export function unreadableProblem({ unreadable: { count, reason } }: AskBreaker): string | null {
  if (count < unreadableWarnAt) return null;
  return `its last ${count} answers could not be read as verdicts, the last one because: ${reason}`;
}
