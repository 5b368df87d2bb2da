/** The search for the notes of an event's deliveries. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryNotes, type ProgressRows } from "../../../src/shard/journal/delivery-note.ts";
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
  const notes = new DeliveryNotes(rows, rowCount);
  for (const [n, destination] of destinations.entries())
    assert.deepEqual(notes.of(destination, 0), [destination, 0, 1_000 + n, 7, 200]);
  assert.deepEqual(
    [...reads.values()].filter((times) => times > 1),
    [],
  );
});

test("the notes of a destination that lags are found where the last one was, without a search for each", () => {
  const lag = 5_000;
  let reads = 0;
  const row = (position: number): { position: number; progress: ProgressRecord } | null => {
    reads++;
    if (position >= 2 * lag) return null;
    const cursor = Math.max(0, position - lag);
    const delivered: ProgressRecord["delivered"] = cursor > 0 ? [["slow", cursor - 1, 1_000, 7, 200]] : [];
    return { position, progress: { destinations: { slow: { cursor, underway: [] } }, delivered } };
  };
  const notes = new DeliveryNotes(
    { progressFrom: row, progressBefore: (position) => row(position - 1) },
    2 * lag,
  );
  for (let position = 0; position < 1_000; position++)
    assert.deepEqual(notes.of("slow", position), ["slow", position, 1_000, 7, 200], String(position));
  assert.ok(reads < 1_000 * 10, `${reads} reads`);
  assert.equal(notes.of("slow", lag), null, "it waits");
});
