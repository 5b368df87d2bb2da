/**
 * Loop detection: a post names the gateways that have forwarded its events, this gateway last. A gateway that finds its
 * own name in a callback has sent that event itself.
 */
import type { Event } from "../callback/event.ts";

/** At most so many gateways are named: no real chain is longer. */
const maxNames = 50;

/** A gateway's name. Longer names, and characters that a header may not hold, are dropped. */
const name = /^[\x21-\x7e]{1,100}$/;

/** The value of the header: the gateways of all events, each once. Null if there is none. @param own this gateway's name; null: unknown */
export function loopOf(events: readonly Event[], own: string | null): string | null {
  const names = events.flatMap(({ via }) => via?.split(",").map((one) => one.trim()) ?? []);
  const passed = new Set(names.filter((one) => name.test(one) && one !== own));
  const all = [...[...passed].slice(0, maxNames), ...(own === null ? [] : [own])];
  return all.length === 0 ? null : all.join(", ");
}
