/** Kept events that have a verdict, over all shards. Their bodies are held within the memory of a Worker. */
import type { Event } from "../callback/event.ts";
import type { Sentence } from "../sentence.ts";
import { timeOf } from "../shard/journal/position.ts";
import type { EventPage } from "../shard/query/event-queries.ts";
import { anyEvent, type EventQuery } from "../shard/query/filter.ts";
import { askShard, type Place, unavailable } from "./ask-each.ts";
import { type Found, type Looked, newestOf } from "./newest-events.ts";
import { cursorFor, type PageCursor } from "./page.ts";
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

export interface JudgedEvents extends Looked {
  /** Silent shards, by number, whose events are missing. */
  missing: number[];
}

/** A period, of which the events before the cursor are looked for. Unix milliseconds. */
interface Period {
  since: number | null;
  until: number | null;
  cursor: PageCursor;
}

/**
 * The events of a period. Throws a refusal where no shard answers.
 * @param query `shadow`: events on which the rule of this name was on trial; `bodies`: all events, with bodies.
 * @param most the search ends with so many events
 */
export async function judgedEvents(
  place: Place,
  { since, until, cursor }: Period,
  query: { shadow: string } | { bodies: true },
  matches: (event: Event) => boolean = () => true,
  most = Number.POSITIVE_INFINITY,
): Promise<JudgedEvents> {
  const filter =
    "shadow" in query
      ? { ...anyEvent, shadow: query.shadow, limit: Math.min(eventsAPage, most) }
      : { ...anyEvent, judged: true, limit: bodiesAPage, bodies: textAPage };
  const shards = Array.from({ length: await shardCount(place.env, place.config) }, (_, index) => index);
  const silent = new Map<number, Sentence>();
  const share = mostText / Math.min(shards.length, shardsAtOnce);
  let further = pagesARequest;
  const look = async (shard: number, stop: number): Promise<Looked> => {
    const items: Found[] = [];
    let text = 0;
    let before: number | null = cursorFor(shard, cursor).position;
    do {
      const asked: EventQuery = { ...filter, since, until, before };
      const page = await askShard<EventPage>(place, shard, "verdicts", (stub) => stub.events(asked));
      if ("silent" in page) {
        silent.set(shard, page.silent);
        return { items, next: null, from: 0 };
      }
      for (const { position, event } of page.answer.events) {
        const whole = { body: "{}", query: "", issues: [], ...event };
        if (!matches(whole)) continue;
        items.push({ position, shard, name: "", event: whole });
        text += whole.body.length;
      }
      before = page.answer.next;
    } while (before !== null && before > stop && items.length < most && text < share && further-- > 0);
    if (before === null) return { items, next: null, from: 0 };
    // An event is kept after it has arrived: earlier positions hold earlier arrivals alone.
    return { items, next: { position: before, shard, name: "" }, from: timeOf(before) + 1 };
  };

  let looked: Looked = { items: [], next: null, from: 0 };
  for (let first = 0; first < shards.length; first += shardsAtOnce) {
    const stop = looked.next?.position ?? 0;
    const pages = shards.slice(first, first + shardsAtOnce).map((shard) => look(shard, stop));
    looked = newestOf([looked, ...(await Promise.all(pages))], most, mostText);
  }
  if (silent.size === shards.length) throw unavailable([...silent.values()]);
  return { ...looked, missing: shards.filter((shard) => silent.has(shard)) };
}
