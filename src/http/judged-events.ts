/** Kept events that have a verdict, over all shards. Their bodies are held within the memory of a Worker. */
import type { Event } from "../callback/event.ts";
import type { Config } from "../config.ts";
import { timeOf } from "../shard/journal/position.ts";
import type { EventPage } from "../shard/query/event-queries.ts";
import { anyEvent } from "../shard/query/filter.ts";
import { type Found, type Looked, newestOf } from "./newest-events.ts";
import { newest } from "./page.ts";
import { time } from "./reply.ts";
import { shard, shardCount } from "./shards.ts";

/** Further pages that a request asks for over all shards, and events of a page: without their bodies, and with them. */
const pagesARequest = 40;
const eventsAPage = 1_000;
const bodiesAPage = 100;

/** Shards that are asked at the same time: each brings a page. */
const shardsAtOnce = 16;

/** A page with bodies ends after so much text of them, and a search with so much over all shards. Characters. */
const textAPage = 1_000_000;
const mostText = 16_000_000;

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
      ? { ...anyEvent, shadow: query.shadow, limit: Math.min(eventsAPage, most) }
      : { ...anyEvent, judged: true, limit: bodiesAPage, bodies: textAPage };
  const shards = Array.from({ length: await shardCount(env, config) }, (_, index) => index);
  const share = mostText / Math.min(shards.length, shardsAtOnce);
  let further = pagesARequest;
  const look = async (index: number, from: number): Promise<Looked> => {
    const found: Found[] = [];
    let text = 0;
    let before: number | null = newest.position;
    do {
      const place = { since: from, until, before };
      const page: EventPage = await shard(env, config, index).events({ ...filter, ...place });
      for (const { position, event } of page.events) {
        const whole = { body: "{}", query: "", issues: [], ...event };
        if (!matches(whole)) continue;
        found.push({ position, event: whole });
        text += whole.body.length;
      }
      before = page.next;
    } while (before !== null && found.length < most && text < share && further-- > 0);
    return { found, from: before === null ? from : timeOf(before) };
  };

  let looked: Looked = { found: [], from: since ?? 0 };
  for (let first = 0; first < shards.length; first += shardsAtOnce) {
    const { from } = looked;
    const pages = shards.slice(first, first + shardsAtOnce).map((index) => look(index, from));
    looked = newestOf([looked, ...(await Promise.all(pages))], most, mostText);
  }
  return { events: looked.found, since: time(looked.from || null) };
}
