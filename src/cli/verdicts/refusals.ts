/** The refusals of a period, counted by rule, code and the way in which they came about. */
import type { Client, Event, EventDetail } from "../../client/index.js";
import { counted } from "../counted.ts";
import { StatusLine } from "../status-line.ts";

export interface Period {
  since?: string;
  until?: string;
}

export interface Refusals {
  /** The most frequent ones first. */
  parts: RefusedPart[];
  /** There are more refusals than are counted: those since then are. Null: all of the period are. */
  since: string | null;
}

/** Refusals by the same rule, with the same code, that came about in the same way. */
export interface RefusedPart extends Pick<NonNullable<Event["verdict"]>, "rule" | "code" | "how"> {
  count: number;
  /** How many accounts were refused. */
  accounts: number;
  latest: Pick<Event, "id" | "command" | "receivedAt" | "from">;
  /** The words of the latest message; null if it has none, or the token sees no bodies. */
  words: string | null;
}

/** So many refusals are counted, newest first: in 50 requests. */
const mostCounted = 10_000;

/** Of so many parts the latest message is read, each by a request. */
const mostRead = 10;

export async function refusalsIn(period: Period, relay: Client): Promise<Refusals> {
  const line = new StatusLine();
  const found: Event[] = [];
  let since: string | null = null;
  const query = { ...period, verdict: "refuse", limit: 200 } as const;
  for await (const { events, cursor } of relay.pages("/api/events", { query })) {
    found.push(...events);
    if (cursor === null) break;
    line.show(`${counted(found.length, "refusal")} so far`);
    if (found.length < mostCounted) continue;
    since = found.at(-1)!.receivedAt;
    break;
  }
  line.clear();
  const parts = partsOf(found);
  for (const part of parts.slice(0, mostRead)) part.words = await wordsOfEvent(part.latest.id, relay);
  return { parts, since };
}

/** @param refused newest first */
export function partsOf(refused: readonly Event[]): RefusedPart[] {
  const groups = Map.groupBy(
    refused.filter(({ verdict }) => verdict !== null),
    ({ verdict }) => JSON.stringify([verdict!.rule, verdict!.code, verdict!.how]),
  );
  const parts = [...groups.values()].map((events): RefusedPart => {
    const [{ id, command, receivedAt, from, verdict }] = events as [Event];
    const { rule, code, how } = verdict!;
    const accounts = new Set(events.map((event) => event.from)).size;
    const latest = { id, command, receivedAt, from };
    return { rule, code, how, count: events.length, accounts, latest, words: null };
  });
  return parts.sort((a, b) => b.count - a.count);
}

async function wordsOfEvent(id: string, relay: Client): Promise<string | null> {
  const { body } = await relay.get("/api/events/{id}", { path: { id } });
  return wordsOf(body ?? {});
}

/** The words of a message, with the types of elements that have none: `hello [TIMImageElem]`. Null if there is no message. */
export function wordsOf({ MsgBody }: NonNullable<EventDetail["body"]>): string | null {
  if (!Array.isArray(MsgBody) || MsgBody.length === 0) return null;
  const words = MsgBody.map((element) => {
    const { MsgType, MsgContent } = (element ?? {}) as Readonly<Record<string, unknown>>;
    const { Text } = (MsgContent ?? {}) as Readonly<Record<string, unknown>>;
    return typeof Text === "string" ? Text : `[${MsgType}]`;
  });
  return words.join(" ");
}

/** A day of minutes is counted. */
const mostMinutes = 1_440;

const minute = 60_000;

/**
 * About how many before-callbacks a period had: they are counted by whole minutes. Null if it began more than a day ago.
 * @param now Unix milliseconds
 */
export async function askedIn({ since, until }: Period, now: number, relay: Client): Promise<number | null> {
  const from = since === undefined ? 0 : Date.parse(since);
  const to = until === undefined ? Infinity : Date.parse(until);
  const minutes = Math.ceil((now - from) / minute) + 1;
  if (minutes < 1 || minutes > mostMinutes) return null;
  const stats = await relay.get("/api/stats", { query: { minutes } });
  return stats.minutes
    .filter(({ at }) => Date.parse(at) > from - minute && Date.parse(at) < to)
    .reduce((sum, { verdicts }) => sum + Number(verdicts), 0);
}
