/**
 * A segment: one row of the journal, many events, and what has happened since the last one. This file turns
 * events into a row's columns and back; it knows neither the table nor the clock.
 */
import type { Event, Issue, Shadow, Verdict } from "../../callback/event.ts";
import type { Breaker } from "../../delivery/breaker.ts";

/** How far a destination has read the journal. Every row tells it of every destination. */
export interface CursorState {
  /** Events before this position were read: they are delivered, under way, in the retry list, or not wanted. */
  cursor: number;
  /** Positions before the cursor whose first attempt has no outcome yet, in order. */
  underway: readonly number[];
  /** Positions from the cursor on that are delivered already. */
  done?: readonly number[];
  /** Its rule is switched off: events pass it by. */
  off?: true;
}

/** What else there is to know of a destination. A row tells it when it has changed, and now and then. */
export interface DestinationDetails {
  breaker?: Breaker;
  /** Of the url that the breaker is about. */
  urlMark?: number;
  /** Since when no rule has the name, Unix milliseconds. */
  gone?: number;
  lastSuccessAt?: number;
  lastError?: string;
  /** Events that retention took before they could be delivered. */
  expired?: number;
  /** Deliveries that ended well, and attempts that failed, ever. */
  delivered?: number;
  failed?: number;
}

export type DestinationState = CursorState & DestinationDetails;

/** A first attempt that succeeded; those that failed are in the retry list. */
export type DeliveryNote = [destination: string, position: number, at: number, ms: number, status: number];

/** What has happened since the last segment. */
export interface ProgressRecord {
  destinations: Record<string, DestinationState>;
  delivered: DeliveryNote[];
  /** What this shard has counted, ever. */
  counters?: Record<string, number>;
  /** Details and counters that have not changed are left out: earlier rows tell them. */
  partial?: true;
  /** When it was written, Unix milliseconds. A position may be later, where the clock was set back. */
  at?: number;
}

/** An event and where it stands. */
export interface Entry {
  position: number;
  event: Event;
}

/** An event as it travels to a shard and is kept there, packed by whoever made it. */
export interface PackedEvent {
  /** JSON of its `Head`. */
  head: string;
  body: string;
  /** Bytes of the body. */
  size: number;
  receivedAt: number;
}

/** An event's fingerprints travel beside it: a shard that wakes reads those of the last minutes only. */
export interface Arrived extends PackedEvent {
  marks: readonly number[];
}

/** The columns of a row; `position` is that of its first event, the others follow one by one. */
export interface Segment {
  position: number;
  count: number;
  marks: ArrayBuffer;
  news: string;
  heads: string;
  bodies: string;
}

/** A row, string or BLOB holds 2 MB at most; this leaves room for heads and news. Bytes. */
export const largestSegment = 1_500_000;

/** An event without its body, as a tuple: names would be half of the row. */
type Head = [
  id: string,
  command: string,
  flags: number,
  app: string,
  conversation: string | null,
  receivedAt: number,
  clientIp: string | null,
  platform: string | null,
  query: string,
  size: number,
  characters: number,
  issues?: Issue[],
  verdict?: VerdictTuple | null,
  via?: string,
];

type VerdictTuple = [
  rule: string | null,
  code: number,
  ms: number,
  how: Verdict["how"],
  shadows: [rule: string, code: Shadow["code"]][],
  reason?: string,
];

const flag = { before: 1, known: 2, valid: 4, quarantined: 8 };

export function packEvent(event: Event): PackedEvent {
  const { body, size, receivedAt } = event;
  return { head: JSON.stringify(headOf(event)), body, size, receivedAt };
}

export function packSegment(position: number, arrived: readonly Arrived[], news: ProgressRecord): Segment {
  return {
    position,
    count: arrived.length,
    marks: new Float64Array(arrived.flatMap(({ marks }) => marks)).buffer,
    news: JSON.stringify(news),
    heads: `[${arrived.map(({ head }) => head).join(",")}]`,
    bodies: arrived.map(({ body }) => body).join(""),
  };
}

export function unpackSegment({
  position,
  heads,
  bodies,
}: Pick<Segment, "position" | "heads" | "bodies">): Entry[] {
  let start = 0;
  return (JSON.parse(heads) as Head[]).map((head, index) => {
    const end = start + head[10];
    const event = eventOf(head, bodies.slice(start, end));
    start = end;
    return { position: position + index, event };
  });
}

export function unpackFingerprints(marks: ArrayBuffer): Float64Array {
  return new Float64Array(marks);
}

/** What a row would hold of this event, bytes, roughly. */
export function weightOf({ size, head }: PackedEvent): number {
  return size + head.length;
}

/** Splits arrivals into rows that fit. */
export function split(arrived: readonly Arrived[]): Arrived[][] {
  const rows: Arrived[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const one of arrived) {
    weight += weightOf(one);
    if (weight > largestSegment) {
      rows.push([]);
      weight = weightOf(one);
    }
    rows.at(-1)!.push(one);
  }
  return rows;
}

function headOf(event: Event): Head {
  const flags =
    (event.phase === "before" ? flag.before : 0) +
    (event.known ? flag.known : 0) +
    (event.valid ? flag.valid : 0) +
    (event.quarantined ? flag.quarantined : 0);
  const head: Head = [
    event.id,
    event.command,
    flags,
    event.app,
    event.conversation,
    event.receivedAt,
    event.clientIp,
    event.platform,
    event.query,
    event.size,
    event.body.length,
  ];
  if (event.issues.length > 0 || event.verdict || event.via) head.push(event.issues);
  if (event.via && !event.verdict) head.push(null);
  if (event.verdict) {
    const { rule, code, ms, how, shadows, reason } = event.verdict;
    const tuple: VerdictTuple = [rule, code, ms, how, shadows.map(({ rule, code }) => [rule, code])];
    if (reason !== undefined) tuple.push(reason);
    head.push(tuple);
  }
  if (event.via) head.push(event.via);
  return head;
}

function verdictOf([rule, code, ms, how, shadows, reason]: VerdictTuple): Verdict {
  return {
    rule,
    code,
    ms,
    how,
    ...(reason !== undefined && { reason }),
    shadows: shadows.map(([rule, code]) => ({ rule, code })),
  };
}

function eventOf(head: Head, body: string): Event {
  const [id, command, flags, app, conversation, receivedAt, clientIp, platform, query, size] = head;
  const [issues = [], verdict, via] = head.slice(11) as [Issue[]?, (VerdictTuple | null)?, string?];
  return {
    id,
    command,
    phase: flags & flag.before ? "before" : "after",
    known: Boolean(flags & flag.known),
    valid: Boolean(flags & flag.valid),
    quarantined: Boolean(flags & flag.quarantined),
    app,
    conversation,
    receivedAt,
    clientIp,
    platform,
    query,
    body,
    size,
    issues,
    ...(verdict && { verdict: verdictOf(verdict) }),
    ...(via !== undefined && { via }),
  };
}
