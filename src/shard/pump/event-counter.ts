/**
 * Counts the events that wait ahead of a cursor. It counts in turns and remembers its counts. Once the journal
 * is counted to its end the number is exact. Later calls count only the events that came since.
 */
import type { Event } from "../../callback/event.ts";
import type { Clock } from "../clock.ts";
import type { Entry } from "../journal/segment.ts";
import { costOf, endTurn, newTurn, type Turn } from "../turn.ts";
import type { Readable } from "./cursor-options.ts";

/** The events between two positions that wait. */
interface Chunk {
  from: number;
  to: number;
  /** All events between. */
  events: number;
  waiting: number;
  /** When the first of these events was received, Unix milliseconds. */
  since: number | null;
}

/** Events looked at for one chunk, roughly. */
const chunkSize = 1_000;

export interface Count {
  /** All events that were looked at. */
  events: number;
  waiting: number;
  since: number | null;
  /** Everything before it is counted. */
  to: number;
}

export class EventCounter {
  #chunks: Chunk[] = [];

  /**
   * Counts on, as far as the turn allows.
   * @param cursor events before it do not wait
   * @param until events from there on are left out
   */
  count(
    journal: Readable,
    cursor: number,
    until: number,
    waits: (position: number, event: Event) => boolean,
    turn: Turn,
  ): Count {
    this.#chunks = this.#chunks.filter(({ to }) => to > cursor);
    const [oldest] = this.#chunks;
    if (oldest && oldest.from < cursor) {
      const rest = countChunk(journal, cursor, oldest.to, waits, turn);
      // A turn that ends within the chunk leaves a gap: later chunks are counted again.
      this.#chunks = rest.to === oldest.to ? [rest, ...this.#chunks.slice(1)] : [rest];
    }
    let to = this.#chunks.at(-1)?.to ?? cursor;
    while (to < until && turn.left > 0) {
      const chunk = countChunk(journal, to, until, waits, turn);
      this.#chunks.push(chunk);
      to = chunk.to;
    }
    return {
      events: this.#chunks.reduce((sum, { events }) => sum + events, 0),
      waiting: this.#chunks.reduce((sum, { waiting }) => sum + waiting, 0),
      since: this.#chunks.find(({ since }) => since !== null)?.since ?? null,
      to,
    };
  }

  /** An event that was counted waits no more. @param waits says so already */
  remove(
    { position, event }: Entry,
    journal: Readable,
    waits: (position: number, event: Event) => boolean,
  ): void {
    const index = this.#chunks.findIndex(({ from, to }) => from <= position && position < to);
    const chunk = this.#chunks[index];
    if (!chunk) return;
    if (chunk.since !== event.receivedAt) chunk.waiting--;
    else {
      const again = countChunk(journal, chunk.from, chunk.to, waits, wholeChunk);
      // A chunk that ends earlier now leaves a gap: later chunks are counted again.
      this.#chunks.splice(index, again.to === chunk.to ? 1 : this.#chunks.length, again);
    }
  }
}

/** Bounds nothing: a chunk is as large as the turn in which it was counted. */
const wholeChunk = { left: Number.POSITIVE_INFINITY };

function countChunk(
  journal: Readable,
  from: number,
  until: number,
  waits: (position: number, event: Event) => boolean,
  turn: Turn,
): Chunk {
  const chunk: Chunk = { from, to: from, events: 0, waiting: 0, since: null };
  while (chunk.to < until && chunk.events < chunkSize && turn.left > 0) {
    const { entries, index = 0, next } = journal.read(chunk.to);
    for (let at = index; at < entries.length; at++) {
      const { position, event } = entries[at]!;
      if (position >= until) break;
      chunk.events++;
      turn.left -= costOf(event);
      if (!waits(position, event)) continue;
      chunk.waiting++;
      chunk.since ??= event.receivedAt;
    }
    chunk.to = Math.min(Math.max(next, chunk.to + 1), until);
  }
  return chunk;
}

/** Of events that were not looked at, as many are taken to wait as of the others. */
export function estimateOf({ events, waiting }: Count, uncounted: number): number {
  return events === 0 ? uncounted : Math.round((uncounted * waiting) / events);
}

/** Counts all events of a stretch of the journal that are still to be begun, in turns. */
export async function countEvents(
  journal: Readable,
  from: number,
  until: number,
  destination: { unread(position: number, event: Event): boolean },
  clock: Pick<Clock, "after">,
): Promise<number> {
  const counter = new EventCounter();
  const unread = (position: number, event: Event) => destination.unread(position, event);
  for (;;) {
    const { waiting, to } = counter.count(journal, from, until, unread, newTurn());
    if (to >= until) return waiting;
    await endTurn(clock);
  }
}
