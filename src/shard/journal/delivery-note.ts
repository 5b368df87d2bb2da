/**
 * The time and the answer of deliveries at the first attempt. The progress records of the segments hold them, mostly
 * the one after the event's own; of a destination that lags, one much later.
 */
import { noteIn } from "./delivered-batch.ts";
import type { DeliveryNote, ProgressRecord } from "./progress-record.ts";
import type { PlacedProgress } from "./segment-table.ts";

/** Rows after an event, or after the last note found, that are looked at before the journal is searched. */
const nearRows = 8;

/** Rows in which a note is looked for before the one that the search finds. */
const mostRows = 32;

/** Rows that are remembered. */
const mostKnown = 256;

/** Where progress records are found. */
export interface ProgressRows {
  progressBefore(position: number): PlacedProgress | null;
  progressFrom(position: number): PlacedProgress | null;
}

/** Finds the notes of many deliveries: events that stand near each other, and their destinations, share the rows read. */
export class DeliveryNotes {
  readonly #rows: ProgressRows;
  readonly #end: number;
  /** By destination, the row that held its last note: notes are written nearly in the order of events. */
  readonly #lastRows = new Map<string, number>();

  /** @param end where the journal ends */
  constructor(rows: ProgressRows, end: number) {
    this.#rows = readOnce(rows);
    this.#end = end;
  }

  /** Null if no row holds the note: the event needed more attempts, was delivered late, or was not wanted. */
  of(destination: string, position: number): DeliveryNote | null {
    const { next, ended, note } = this.#near(destination, position, position);
    if (note || ended) return note;
    const last = this.#lastRows.get(destination) ?? 0;
    const again = last >= next ? this.#near(destination, position, last).note : null;
    return again ?? this.#search(destination, position, next);
  }

  /** Looks at the next rows; `ended`: no later one holds the note. */
  #near(
    destination: string,
    position: number,
    from: number,
  ): { note: DeliveryNote | null; ended: boolean; next: number } {
    let next = from;
    for (let looked = 0; looked < nearRows; looked++) {
      const row = this.#rows.progressFrom(next);
      if (!row) return { note: null, ended: true, next };
      const note = this.#noteIn(row, destination, position);
      if (note) return { note, ended: true, next };
      if (hasEnded(row.progress, destination, position)) return { note: null, ended: true, next };
      next = row.position + 1;
    }
    return { note: null, ended: false, next };
  }

  /** Binary search for the first row in which the event's first attempt has ended: that row also holds its note. */
  #search(destination: string, position: number, from: number): DeliveryNote | null {
    let low = from;
    let high = this.#end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#rows.progressFrom(middle);
      if (row && !hasEnded(row.progress, destination, position)) low = row.position + 1;
      else high = middle;
    }
    let row = this.#rows.progressFrom(low);
    // A row that had no room for all positions under way records fewer: then an earlier row holds the note.
    for (let looked = 0; row && row.position >= from && looked < mostRows; looked++) {
      const note = this.#noteIn(row, destination, position);
      if (note) return note;
      row = this.#rows.progressBefore(row.position);
    }
    return null;
  }

  #noteIn(row: PlacedProgress, destination: string, position: number): DeliveryNote | null {
    const { delivered, batches = [] } = row.progress;
    const note =
      delivered.find(([name, at]) => name === destination && at === position) ??
      noteIn(batches, destination, position);
    if (!note) return null;
    this.#lastRows.set(destination, row.position);
    return note;
  }
}

/** Rows, the last of them read once: none comes between two that stand there. */
function readOnce(rows: ProgressRows): ProgressRows {
  /** No other row begins from `from` up to the row. The latest first. */
  const known: { from: number; row: PlacedProgress }[] = [];
  const before = new Map<number, PlacedProgress | null>();
  return {
    progressFrom(position) {
      const hit = known.find(({ from, row }) => from <= position && position <= row.position);
      if (hit) return hit.row;
      const row = rows.progressFrom(position);
      if (row) known.unshift({ from: position, row });
      if (known.length > mostKnown) known.pop();
      return row;
    },
    progressBefore(position) {
      if (before.size > mostKnown) before.clear();
      if (!before.has(position)) before.set(position, rows.progressBefore(position));
      return before.get(position)!;
    },
  };
}

function hasEnded({ destinations }: ProgressRecord, destination: string, position: number): boolean {
  const { cursor, underway, done = [] } = destinations[destination] ?? { cursor: 0, underway: [] };
  return cursor > position ? !underway.includes(position) : done.includes(position);
}
