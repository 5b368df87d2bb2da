/**
 * No loops: a post names the gateways that its events came through, this one last. Whoever finds its own name in a
 * callback knows that it has had it before. What a request says of its host decides nothing.
 */
import type { Event } from "../callback/event.ts";

/** Names of gateways, separated by commas. */
export const loopHeader = "tim-relay-loop";

/** Gateways that one post names; a way through more of them is no way that anybody built. */
const most = 50;

/** A longer name, or one that no header may hold, is no gateway's. */
const name = /^[\x21-\x7e]{1,100}$/;

/** The value of the header: of several events all gateways, each once. Null: there is none to name. */
export function loopOf(events: readonly Event[], own: string | null): string | null {
  const names = events.flatMap(({ via }) => via?.split(",").map((one) => one.trim()) ?? []);
  const passed = new Set(names.filter((one) => name.test(one) && one !== own));
  const all = [...[...passed].slice(0, most), ...(own === null ? [] : [own])];
  return all.length === 0 ? null : all.join(", ");
}
