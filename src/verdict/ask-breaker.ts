/**
 * The circuit breaker of a rule's backend: users must not wait for a backend that does not answer. After ten failures in
 * a row it opens: requests stop waiting, and one question every five seconds is asked aside until one is answered. Each
 * of several backends of a rule has its own, so that one which fails does not cost the refusals of another.
 *
 * The state is in the memory of an isolate, shared by its requests. Each isolate needs ten failures of its own, and there
 * are several in every location that Tencent calls. A Durable Object would know for all isolates, but cost every verdict
 * a round trip to one place in the world.
 */

import type { AskRule } from "../rule/rule.ts";

export interface AskBreaker {
  /** Failures in a row. */
  failures: number;
  /** The reason of the last failure. */
  lastError: string;
  /** How its last question has ended. `missed`: it comes by itself, and was not there. Null: none has ended. */
  last: "answered" | "failed" | "missed" | null;
  /** While open: the time of the next question asked aside, Unix milliseconds. */
  probeAt: number;
  /** Callbacks of the requests that wait, called when the breaker opens. */
  waiting: Set<() => void>;
  /** The number of unreadable answers in a row, and the reason of the last. */
  unreadable: { count: number; reason: string };
}

/**
 * Breakers by the name of the rule and the place of the backend: `moderation`, `moderation ask[1]`. Breakers of counts
 * stand beside them: `limit:too-fast 0`. The settings bound their number. The breaker of an answer rule counts unreadable
 * answers only.
 */
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

/** The names of those that are open. */
export function openBreakers(breakers: AskBreakers): string[] {
  const names: string[] = [];
  for (const [name, breaker] of breakers) if (isAskBreakerOpen(breaker)) names.push(name);
  return names;
}

/** Whether the last answers of the backend could not be read. */
export function isUnreadable({ unreadable }: AskBreaker): boolean {
  return unreadable.count >= unreadableWarnAt;
}

/** The places of a rule's backends, which follow its name: of several ` ask[1]`, of one nothing. */
export function placesOf({ asks }: AskRule): string[] {
  return asks.length === 1 ? [""] : asks.map((_, index) => ` ask[${index}]`);
}

/** The breakers of a rule's backends, in their order. */
export function breakersOf(breakers: AskBreakers, rule: AskRule): AskBreaker[] {
  return placesOf(rule).map((place) => askBreakerOf(breakers, `${rule.name}${place}`));
}

/** A breaker, created closed. @param name of a rule, followed by the place of its backend */
export function askBreakerOf(breakers: AskBreakers, name: string): AskBreaker {
  let breaker = breakers.get(name);
  if (!breaker) {
    breaker = {
      failures: 0,
      lastError: "",
      last: null,
      probeAt: 0,
      waiting: new Set(),
      unreadable: { count: 0, reason: "" },
    };
    breakers.set(name, breaker);
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

/** Counts an answer of any kind (`alive`), or a failure with its reason. */
export function noteOutcome(breaker: AskBreaker, alive: boolean, now: number, error = ""): void {
  breaker.last = alive ? "answered" : "failed";
  if (!alive) breaker.lastError = clipped(error);
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
  unreadable.reason = clipped(problem ?? "");
}

function clipped(reason: string): string {
  return reason.slice(0, maxReasonLength).toWellFormed();
}
