/** The time and the answer of a delivery at the first attempt. The progress records of the segments hold them. */
import type { DeliveryNote, ProgressRecord } from "./progress-record.ts";
import type { PlacedProgress } from "./segment-table.ts";

/** Rows in which a note is looked for. */
const mostRows = 32;

/** Where progress records are found. */
export interface ProgressRows {
  progressBefore(position: number): PlacedProgress | null;
  progressFrom(position: number): PlacedProgress | null;
}

/**
 * Binary search for the first row in which the event's first attempt has ended: that row also holds its note.
 * @param end where the journal ends
 * @returns null if no row holds them: the event needed more attempts, or was delivered late
 */
export function deliveryNote(
  rows: ProgressRows,
  end: number,
  destination: string,
  position: number,
): DeliveryNote | null {
  let low = position;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = rows.progressFrom(middle);
    if (row && !hasEnded(row.progress, destination, position)) low = row.position + 1;
    else high = middle;
  }
  let row = rows.progressFrom(low);
  // A row that had no room for all positions under way records fewer: then an earlier row holds the note.
  for (let looked = 0; row && row.position >= position && looked < mostRows; looked++) {
    const note = row.progress.delivered.find(([name, at]) => name === destination && at === position);
    if (note) return note;
    row = rows.progressBefore(row.position);
  }
  return null;
}

/** The rows, each read once: the searches for one event's destinations look at mostly the same rows. */
export function readOnce(rows: ProgressRows): ProgressRows {
  return {
    progressBefore: once((position) => rows.progressBefore(position)),
    progressFrom: once((position) => rows.progressFrom(position)),
  };
}

function once<Row>(read: (position: number) => Row): (position: number) => Row {
  const known = new Map<number, Row>();
  return (position) => {
    if (!known.has(position)) known.set(position, read(position));
    return known.get(position) as Row;
  };
}

function hasEnded({ destinations }: ProgressRecord, destination: string, position: number): boolean {
  const { cursor, underway, done = [] } = destinations[destination] ?? { cursor: 0, underway: [] };
  return cursor > position ? !underway.includes(position) : done.includes(position);
}
