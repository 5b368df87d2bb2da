/** The use of a shard that the platform bills: the operations that were counted, and the bytes that are kept. */

import { difference } from "./journal/minutes.ts";
import { positionAt } from "./journal/position.ts";
import type { PlacedProgress } from "./journal/segment-table.ts";
import type { Counters } from "./meter.ts";

/** An object that does nothing for so long leaves memory. Milliseconds. */
const idleMs = 10_000;

export interface ShardUsage {
  /** Since the time that was asked for. */
  counted: Counters;
  /** Of the database, now. */
  bytes: number;
}

/**
 * @param sums as of now
 * @param since Unix milliseconds
 */
export function usageSince(
  since: number,
  sums: Counters,
  journal: { progressBefore(position: number): PlacedProgress | null },
  bytes: number,
): ShardUsage {
  const before = journal.progressBefore(positionAt(since))?.progress.counters ?? {};
  return { counted: difference(sums, before), bytes };
}

/** The time in memory from one row to the next, milliseconds: an object that works writes a row every second. */
export function activeBetween(last: number, now: number): number {
  return Math.max(0, Math.min(now - last, idleMs));
}
