/** The search for the notes of an event's deliveries. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deliveryNote, type ProgressRows, readOnce } from "../../../src/shard/journal/delivery-note.ts";
import type { ProgressRecord } from "../../../src/shard/journal/progress-record.ts";

const destinations = Array.from({ length: 100 }, (_, n) => `to-${n}`);
const rowCount = 200;

/** Row n: every destination has read all before it; the one whose number it is has delivered event 0 now. */
const records = Array.from({ length: rowCount }, (_, row): ProgressRecord => {
  const cursors = destinations.map((name, n) => [name, { cursor: row + 1, underway: row < n ? [0] : [] }]);
  return {
    destinations: Object.fromEntries(cursors),
    delivered: row < destinations.length ? [[destinations[row]!, 0, 1_000 + row, 7, 200]] : [],
  };
});

test("the notes of an event at many destinations are found, and each row is read once for all of them", () => {
  const reads = new Map<string, number>();
  const reading = (direction: string, row: number) => {
    const read = `${direction} ${row}`;
    reads.set(read, (reads.get(read) ?? 0) + 1);
    return records[row] ? { position: row, progress: records[row] } : null;
  };
  const rows: ProgressRows = {
    progressFrom: (position) => reading("from", position),
    progressBefore: (position) => reading("before", position - 1),
  };
  const shared = readOnce(rows);
  for (const [n, destination] of destinations.entries())
    assert.deepEqual(deliveryNote(shared, rowCount, destination, 0), [destination, 0, 1_000 + n, 7, 200]);
  assert.deepEqual(
    [...reads.values()].filter((times) => times > 1),
    [],
  );
});
