import assert from "node:assert/strict";
import { test } from "node:test";
import { noteIn, packed, unpacked } from "../../../src/shard/journal/delivered-batch.ts";
import type { DeliveryNote } from "../../../src/shard/journal/progress-record.ts";

const start = 1_837_219_840_000_000;

/** Notes of one message to the archive. */
const notes = (positions: readonly number[], at = 5): DeliveryNote[] =>
  positions.map((position) => ["archive", start + position, at, 12, 200]);

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test("ten thousand events that follow one another take less than a hundred characters", () => {
  const { delivered, batches } = packed(notes(upTo(10_000)));
  assert.deepEqual(delivered, []);
  assert.deepEqual(batches, [["archive", 5, 12, 200, start, 10_000]]);
});

test("every note is found again, and no other one", () => {
  const positions = upTo(3_000).filter((position) => position % 7 !== 3);
  const { batches = [] } = packed(notes(positions));
  assert.deepEqual(unpacked(batches), notes(positions));
  for (const position of upTo(3_010))
    assert.deepEqual(
      noteIn(batches, "archive", start + position),
      positions.includes(position) ? notes([position])[0] : null,
    );
  assert.equal(noteIn(batches, "audit", start), null);
});

test("single notes and small batches stay as they are, and messages are told apart", () => {
  const few = [...notes([1]), ...notes([2, 3, 4], 6)];
  assert.deepEqual(packed(few), { delivered: few });
  const { delivered, batches } = packed([...few, ...notes(upTo(20), 7), ...notes(upTo(20), 8)]);
  assert.deepEqual(delivered, few);
  assert.deepEqual(
    batches!.map(([, at]) => at),
    [7, 8],
  );
});

test("notes in any order are packed by position", () => {
  const { batches = [] } = packed(notes(upTo(20).reverse()));
  assert.deepEqual(unpacked(batches), notes(upTo(20)));
});
