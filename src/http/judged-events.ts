/** Kept events that have a verdict, over all shards. */
import type { Event } from "../callback/event.ts";
import type { Config } from "../config.ts";
import { timeOf } from "../shard/journal/position.ts";
import type { EventPage } from "../shard/query/event-queries.ts";
import { anyEvent } from "../shard/query/filter.ts";
import { newest } from "./page.ts";
import { time } from "./reply.ts";
import { everyShard } from "./shards.ts";

/** Calls to all shards together, and events that each of them brings: without their bodies, and with them. */
const callsARequest = 40;
const eventsACall = 1_000;
const bodiesACall = 100;

interface Found {
  position: number;
  event: Event;
}

/**
 * The events of a period, newest first. `since`: the shards were looked through from then on; null: wholly.
 * @param query `shadow`: events on which the rule of this name was on trial; `bodies`: all events, with bodies.
 * @param most the search ends with so many events
 */
export async function judgedEvents(
  env: Env,
  config: Config,
  { since, until }: { since: number | null; until: number | null },
  query: { shadow: string } | { bodies: true },
  matches: (event: Event) => boolean = () => true,
  most = Number.POSITIVE_INFINITY,
): Promise<{ events: Found[]; since: string | null }> {
  const filter =
    "shadow" in query
      ? { ...anyEvent, shadow: query.shadow, limit: Math.min(eventsACall, most) }
      : { ...anyEvent, judged: true, limit: bodiesACall };
  let calls = callsARequest;
  const shards = await everyShard(env, config, async (stub) => {
    const found: Found[] = [];
    let before: number | null = newest.position;
    while (before !== null && calls-- > 0 && found.length < most) {
      const page: EventPage = await stub.events({ ...filter, since, until, before });
      for (const { position, event } of page.events) {
        const whole = { body: "{}", query: "", issues: [], ...event };
        if (matches(whole)) found.push({ position, event: whole });
      }
      before = page.next;
    }
    return { found, from: before === null ? since : timeOf(before) };
  });
  const events = shards.flatMap(({ found }) => found).sort((a, b) => b.position - a.position);
  const cut = events.length > most ? events[most - 1]!.event.receivedAt : 0;
  const from = Math.max(cut, ...shards.map(({ from }) => from ?? 0));
  return { events: events.slice(0, most), since: time(from || null) };
}
