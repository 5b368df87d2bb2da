/**
 * A segment: one row of the journal, with many events and a progress record. This file turns events into a row's
 * columns and back; it knows neither the table nor the clock.
 */
import type { Event } from "../../callback/event.ts";
import {
  type EventTuple,
  isQuarantined,
  isRefused,
  type PackedEvent,
  packEvent,
  unpackEvent,
} from "./packed-event.ts";
import type { ProgressRecord } from "./progress-record.ts";

/** An event and its position. */
export interface Entry {
  position: number;
  event: Event;
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

/** A row, string or BLOB holds 2 MB at most; this leaves room for heads and the progress record. Bytes. */
export const largestSegment = 1_500_000;

export function packSegment(
  position: number,
  events: readonly PackedEvent[],
  progress: ProgressRecord,
): Segment {
  return {
    position,
    count: events.length,
    marks: new Float64Array(events.flatMap(({ marks }) => marks)).buffer,
    news: newsOf(events, progress),
    heads: `[${events.map(({ head }) => head).join(",")}]`,
    bodies: events.map(({ body }) => body).join(""),
  };
}

/** Rare kinds of events by the letters under which the news of a row has them, if the row holds any. */
const kinds = { q: isQuarantined, r: isRefused };

/** How the news of rows begin in which no event is of a kind: a search for this kind passes over them. */
export const newsWithout = { quarantined: ["", "r"].map(beginning), refused: ["", "q"].map(beginning) };

function beginning(letters: string): string {
  return `{"kinds":"${letters}",`;
}

/** The kinds come first, where a search finds them without reading further. */
function newsOf(events: readonly PackedEvent[], progress: ProgressRecord): string {
  if (events.length === 0) return JSON.stringify(progress);
  const letters = Object.entries(kinds).flatMap(([letter, isOfKind]) =>
    events.some(isOfKind) ? letter : [],
  );
  return JSON.stringify({ kinds: letters.join(""), ...progress });
}

/** The columns from which events are read. */
export type EventColumns = Pick<Segment, "position" | "count" | "heads" | "bodies">;

/** @throws Error if the row is damaged: no event is made of a part of a row */
export function unpackSegment({ position, count, heads, bodies }: EventColumns): Entry[] {
  const tuples = JSON.parse(heads) as EventTuple[];
  const characters = tuples.reduce((sum, tuple) => sum + tuple[10], 0);
  if (tuples.length !== count || characters !== bodies.length)
    throw new Error(
      `a row of ${count} events holds the heads of ${tuples.length}, and ${bodies.length} of ${characters} characters of their bodies`,
    );
  let start = 0;
  return tuples.map((tuple, index) => {
    const end = start + tuple[10];
    const event = unpackEvent(tuple, bodies.slice(start, end));
    start = end;
    return { position: position + index, event };
  });
}

/** The columns of a row whose events have changed. */
export function repack(entries: readonly Entry[]): Omit<EventColumns, "count"> {
  const events = entries.map(({ event }) => packEvent(event));
  const { heads, bodies } = packSegment(entries[0]!.position, events, { destinations: {}, delivered: [] });
  return { position: entries[0]!.position, heads, bodies };
}

export function unpackFingerprints(marks: ArrayBuffer): Float64Array {
  return new Float64Array(marks);
}

/** How many bytes a row holds of this event, roughly. */
export function weightOf({ size, head }: PackedEvent): number {
  return size + head.length;
}

/** Splits events into rows that fit. */
export function split(events: readonly PackedEvent[]): PackedEvent[][] {
  const rows: PackedEvent[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const event of events) {
    weight += weightOf(event);
    if (weight > largestSegment) {
      rows.push([]);
      weight = weightOf(event);
    }
    rows.at(-1)!.push(event);
  }
  return rows;
}
