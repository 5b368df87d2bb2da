/** The filter of a viewer: the lines that it is sent. */
import type { Event } from "../../callback/event.ts";
import { anyEvent, eventFilter } from "../query/filter.ts";

export interface TailFilter {
  /** With `*` for any run of characters. */
  command: string | null;
  conversation: string | null;
  account: string | null;
  /** Only deliveries to this destination; events and verdicts are not narrowed. */
  destination: string | null;
}

/** Characters of a filter as JSON, at most: every viewer's is kept with its socket. */
export const longestFilter = 2_000;

/** A filter that tells whether a line fits. */
export interface Matcher {
  key: string;
  event(event: Event): boolean;
  /** @param fits whether `event` is true of the delivery's event */
  delivery(destination: string, fits: boolean): boolean;
}

/** Equal filters have the same key. */
export function filterKey({ command, conversation, account, destination }: TailFilter): string {
  return JSON.stringify([command, conversation, account, destination]);
}

export function matcherOf(filter: TailFilter): Matcher {
  const { command, conversation, account, destination } = filter;
  const { fits } = eventFilter(
    { ...anyEvent, command, conversation, account, before: Number.MAX_SAFE_INTEGER, limit: 0 },
    0,
  );
  return {
    key: filterKey(filter),
    event: fits,
    delivery: (to, fits) => fits && (destination === null || to === destination),
  };
}
