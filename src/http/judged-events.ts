/** Kept events that have a verdict, over all shards. Their bodies are held within the memory of a Worker. */
import type { Event } from "../callback/event.ts";
import { timeOf } from "../shard/journal/position.ts";
import type { EventPage } from "../shard/query/event-queries.ts";
import { anyEvent, type EventQuery } from "../shard/query/filter.ts";
import { askShard, type Place, unavailable } from "./ask-each.ts";
import { type Found, type Looked, newestOf } from "./newest-events.ts";
import { newest } from "./page.ts";
import { time } from "./reply.ts";
import { shardCount } from "./shards.ts";

/** Further pages that a request asks for over all shards, and events of a page: without their bodies, and with them. */
const pagesARequest = 40;
const eventsAPage = 1_000;
const bodiesAPage = 100;

/** Shards that are asked at the same time: each brings a page. */
const shardsAtOnce = 16;

/** A page with bodies ends after so much text of them, and a search with so much over all shards. Characters. */
const textAPage = 1_000_000;
const mostText = 16_000_000;

/** Events, newest first. */
export interface JudgedEvents {
  events: Found[];
  /** The shards were looked through from then on; null: wholly. */
  since: string | null;
  /** Silent shards, by number, whose events are missing. */
  missing: number[];
}

/**
 * The events of a period. Throws a refusal where no shard answers.
 * @param query `shadow`: events on which the rule of this name was on trial; `bodies`: all events, with bodies.
 * @param most the search ends with so many events
 */
export async function judgedEvents(
  place: Place,
  { since, until }: { since: number | null; until: number | null },
  query: { shadow: string } | { bodies: true },
  matches: (event: Event) => boolean = () => true,
  most = Number.POSITIVE_INFINITY,
): Promise<JudgedEvents> {
  const filter =
    "shadow" in query
      ? { ...anyEvent, shadow: query.shadow, limit: Math.min(eventsAPage, most) }
      : { ...anyEvent, judged: true, limit: bodiesAPage, bodies: textAPage };
  const shards = Array.from({ length: await shardCount(place.env, place.config) }, (_, index) => index);
  const silent = new Map<number, string>();
  const share = mostText / Math.min(shards.length, shardsAtOnce);
  let further = pagesARequest;
  const look = async (index: number, from: number): Promise<Looked> => {
    const found: Found[] = [];
    let text = 0;
    let before: number | null = newest.position;
    do {
      const asked: EventQuery = { ...filter, since: from, until, before };
      const page = await askShard<EventPage>(place, index, "verdicts", (stub) => stub.events(asked));
      if ("silent" in page) {
        silent.set(index, page.silent);
        return { found, from };
      }
      for (const { position, event } of page.answer.events) {
        const whole = { body: "{}", query: "", issues: [], ...event };
        if (!matches(whole)) continue;
        found.push({ position, event: whole });
        text += whole.body.length;
      }
      before = page.answer.next;
    } while (before !== null && found.length < most && text < share && further-- > 0);
    return { found, from: before === null ? from : timeOf(before) };
  };

  let looked: Looked = { found: [], from: since ?? 0 };
  for (let first = 0; first < shards.length; first += shardsAtOnce) {
    const { from } = looked;
    const pages = shards.slice(first, first + shardsAtOnce).map((index) => look(index, from));
    looked = newestOf([looked, ...(await Promise.all(pages))], most, mostText);
  }
  if (silent.size === shards.length) throw unavailable([...silent.values()]);
  return { events: looked.found, since: time(looked.from || null), missing: [...silent.keys()].sort() };
}
