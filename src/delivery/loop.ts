/**
 * No loops: a post names the gateways that its events came through, this one last. A gateway that finds its own name
 * in a callback has sent that event itself.
 */
import type { Event } from "../callback/event.ts";

/** Names of gateways, separated by commas. */
export const loopHeader = "tim-relay-loop";

/** Gateways that one post names; no real chain of gateways is longer. */
const maxNames = 50;

/** No gateway's name is longer, or holds characters that a header may not. */
const name = /^[\x21-\x7e]{1,100}$/;

/** The value of the header: the gateways of all events, each once. Null: there is none to name. */
export function loopOf(events: readonly Event[], own: string | null): string | null {
  const names = events.flatMap(({ via }) => via?.split(",").map((one) => one.trim()) ?? []);
  const passed = new Set(names.filter((one) => name.test(one) && one !== own));
  const all = [...[...passed].slice(0, maxNames), ...(own === null ? [] : [own])];
  return all.length === 0 ? null : all.join(", ");
}
