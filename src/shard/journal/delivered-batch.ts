/**
 * The notes of events that were delivered together. A record of ten thousand notes would fill half of a row: all but
 * their positions is the same, and most positions follow one another.
 */
import type { DeliveredBatch, DeliveryNote } from "./progress-record.ts";

/** Fewer notes are as short by themselves. */
const leastNotes = 16;

/** Notes, those of large batches packed. The version before ignores these: it shows deliveries without their attempt. */
export function packed(notes: readonly DeliveryNote[]): {
  delivered: DeliveryNote[];
  batches?: DeliveredBatch[];
} {
  const delivered: DeliveryNote[] = [];
  const batches: DeliveredBatch[] = [];
  for (let from = 0; from < notes.length; ) {
    let to = from + 1;
    while (to < notes.length && isTogether(notes[from]!, notes[to]!)) to++;
    const together = notes.slice(from, to);
    if (together.length < leastNotes) delivered.push(...together);
    else batches.push(batchOf(together));
    from = to;
  }
  return { delivered, ...(batches.length > 0 && { batches }) };
}

/** The note of an event in one of these batches; null if none holds it. */
export function noteIn(
  batches: readonly DeliveredBatch[],
  destination: string,
  position: number,
): DeliveryNote | null {
  for (const [name, at, ms, status, ...runs] of batches)
    if (name === destination && positionsOf(runs, (from, to) => from <= position && position < to))
      return [destination, position, at, ms, status];
  return null;
}

/** All notes of these batches. */
export function unpacked(batches: readonly DeliveredBatch[]): DeliveryNote[] {
  return batches.flatMap(([destination, at, ms, status, ...runs]) => {
    const notes: DeliveryNote[] = [];
    positionsOf(runs, (from, to) => {
      for (let position = from; position < to; position++)
        notes.push([destination, position, at, ms, status]);
      return false;
    });
    return notes;
  });
}

/** Whether one of the runs passes, each as its first position and the one after its last. */
function positionsOf(runs: readonly number[], passes: (from: number, to: number) => boolean): boolean {
  let end = 0;
  for (let index = 0; index < runs.length; index += 2) {
    const from = end + runs[index]!;
    end = from + runs[index + 1]!;
    if (passes(from, end)) return true;
  }
  return false;
}

function isTogether(one: DeliveryNote, other: DeliveryNote): boolean {
  return one.every((part, index) => index === 1 || part === other[index]);
}

function batchOf(notes: readonly DeliveryNote[]): DeliveredBatch {
  const [[destination, , at, ms, status]] = notes as [DeliveryNote];
  const runs: number[] = [];
  let end = 0;
  for (const [, position] of notes.toSorted((a, b) => a[1] - b[1])) {
    if (position === end && runs.length > 0) runs[runs.length - 1]!++;
    else runs.push(position - end, 1);
    end = position + 1;
  }
  return [destination, at, ms, status, ...runs];
}
