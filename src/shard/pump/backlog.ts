/**
 * How many events wait ahead of a cursor. The journal is counted in turns, and every count is kept: once all is
 * counted the number is exact, and stays so at the price of the events that came since.
 */
import type { Event } from "../../callback/event.ts";
import type { Turn } from "../turn.ts";
import type { Readable } from "./cursor.ts";

/** Events from one position to another that the destination wants. */
interface Chunk {
  from: number;
  to: number;
  waiting: number;
  /** When the first of them was received, Unix milliseconds. */
  since: number | null;
}

/** Events looked at for one chunk, more or less. */
const chunkSize = 1_000;

export interface Count {
  waiting: number;
  since: number | null;
  /** Everything before it is counted. */
  to: number;
}

export class Backlog {
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
      // A turn that ends within it leaves a gap: what stands behind is counted again.
      this.#chunks = rest.to === oldest.to ? [rest, ...this.#chunks.slice(1)] : [rest];
    }
    let to = this.#chunks.at(-1)?.to ?? cursor;
    while (to < until && turn.left > 0) {
      const chunk = countChunk(journal, to, until, waits, turn);
      this.#chunks.push(chunk);
      to = chunk.to;
    }
    return {
      waiting: this.#chunks.reduce((sum, { waiting }) => sum + waiting, 0),
      since: this.#chunks.find(({ since }) => since !== null)?.since ?? null,
      to,
    };
  }
}

function countChunk(
  journal: Readable,
  from: number,
  until: number,
  waits: (position: number, event: Event) => boolean,
  turn: Turn,
): Chunk {
  const chunk: Chunk = { from, to: from, waiting: 0, since: null };
  for (let looked = 0; chunk.to < until && looked < chunkSize && turn.left > 0; ) {
    const { entries, index = 0, next } = journal.read(chunk.to);
    for (let at = index; at < entries.length; at++) {
      const { position, event } = entries[at]!;
      if (position >= until) break;
      looked++;
      turn.left--;
      if (!waits(position, event)) continue;
      chunk.waiting++;
      chunk.since ??= event.receivedAt;
    }
    chunk.to = Math.min(Math.max(next, chunk.to + 1), until);
  }
  return chunk;
}
