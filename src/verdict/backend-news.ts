/**
 * The news of rules' backends, as an isolate knows them. A rule is told of as one: it is down while one of its backends
 * is, and has recovered when all of them answer.
 */
import type { BackendState } from "../callback/relay-events.ts";
import { type AskBreaker, isAskBreakerOpen, isUnreadable } from "./ask-breaker.ts";

export interface BackendNews {
  /** The last news of each rule, by its name. */
  told: Map<string, { down?: boolean; invalid?: boolean }>;
  /** Tells of a change. */
  tell(change: BackendState): Promise<void>;
}

/** The context of a request that has news. */
export interface Teller {
  /** Absent: they are told nowhere. */
  news?: BackendNews;
  aside(work: Promise<unknown>): void;
}

/** Tells of what has changed with a rule's backends; again with the next outcome, where that fails. */
export function tellNews(rule: string, breakers: readonly AskBreaker[], { news, aside }: Teller): void {
  const change = news && takeChange(rule, breakers, news.told);
  if (change) aside(news.tell(change).catch(() => news.told.set(rule, {})));
}

/**
 * A change that was not told yet; null: none. An isolate's first good answers are news too: another isolate that found
 * a backend down may be gone.
 */
function takeChange(
  rule: string,
  breakers: readonly AskBreaker[],
  toldOf: BackendNews["told"],
): BackendState | null {
  const told = toldOf.get(rule) ?? {};
  toldOf.set(rule, told);
  const change: BackendState = { rule };
  const open = breakers.find(isAskBreakerOpen);
  const unreadable = breakers.find(isUnreadable)?.unreadable;
  const down = open !== undefined;
  const invalid = unreadable !== undefined;
  // One that was not there, or was not heard to the end, says nothing of itself, and nothing by itself.
  const allAnswer =
    breakers.some(({ last }) => last === "answered") &&
    breakers.every(({ last }) => last === "answered" || last === "missed");
  if ((down || allAnswer) && told.down !== down) {
    told.down = down;
    change.down = open ? { failures: open.failures, lastError: open.lastError } : null;
  }
  const allRead = allAnswer && breakers.every(({ unreadable }) => unreadable.count === 0);
  if ((invalid || allRead) && told.invalid !== invalid) {
    told.invalid = invalid;
    change.invalid = unreadable ? { ...unreadable } : null;
  }
  return change.down === undefined && change.invalid === undefined ? null : change;
}
