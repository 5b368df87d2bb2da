/** Counts by the minute. Every segment records the sums, so that a minute is the difference of two of them. */
import type { Clock } from "../clock.ts";
import type { Counters } from "../meter.ts";
import { endTurn } from "../turn.ts";
import { positionAt } from "./position.ts";
import type { ProgressRecord } from "./progress-record.ts";
import type { PlacedProgress } from "./segment-table.ts";

const minuteMs = 60_000;

/** Sums that are read in a turn: each takes a look at some thirty rows, and half a millisecond. */
const sumsPerTurn = 10;

export interface CountedMinute {
  /** Its beginning, Unix milliseconds. */
  at: number;
  counted: Counters;
}

/**
 * The last minutes, oldest first; the last one is under way. A count belongs to the minute in which it became durable.
 * @param sums as of now
 * @param sumsIn the sums that a progress record holds
 */
export async function countedMinutes(
  sums: Counters,
  minutes: number,
  clock: Pick<Clock, "now" | "after">,
  journal: { progressBefore(position: number): PlacedProgress | null },
  sumsIn = ({ counters = {} }: ProgressRecord): Counters => counters,
): Promise<CountedMinute[]> {
  const counted: CountedMinute[] = [];
  let until = sums;
  let row = { position: Number.POSITIVE_INFINITY, counters: {} as Counters };
  let left = sumsPerTurn;
  for (let at = Math.floor(clock.now() / minuteMs) * minuteMs; counted.length < minutes; at -= minuteMs) {
    if (row.position >= positionAt(at)) {
      if (left-- === 0) {
        await endTurn(clock);
        left = sumsPerTurn;
      }
      const before = journal.progressBefore(positionAt(at));
      row = {
        position: before?.position ?? Number.NEGATIVE_INFINITY,
        counters: before ? sumsIn(before.progress) : {},
      };
    }
    counted.push({ at, counted: difference(until, row.counters) });
    until = row.counters;
  }
  return counted.reverse();
}

/** The counts from one sum to a later one. */
export function difference(later: Counters, earlier: Counters): Counters {
  const counted: Counters = {};
  for (const [name, times] of Object.entries(later))
    if (times !== earlier[name]) counted[name] = times - (earlier[name] ?? 0);
  return counted;
}
