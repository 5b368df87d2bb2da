/** Counts by the minute. Every segment records the sums, so that a minute is the difference of two of them. */
import type { Counters } from "../meter.ts";
import { positionAt } from "./position.ts";
import type { PlacedProgress } from "./segment-table.ts";

const minuteMs = 60_000;

export interface CountedMinute {
  /** Its beginning, Unix milliseconds. */
  at: number;
  counted: Counters;
}

/**
 * The last minutes, oldest first; the last one is under way. A count belongs to the minute in which it became durable.
 * @param sums as of now
 */
export function countedMinutes(
  sums: Counters,
  now: number,
  minutes: number,
  journal: { progressBefore(position: number): PlacedProgress | null },
): CountedMinute[] {
  const counted: CountedMinute[] = [];
  let until = sums;
  let row = { position: Number.POSITIVE_INFINITY, counters: {} as Counters };
  for (let at = Math.floor(now / minuteMs) * minuteMs; counted.length < minutes; at -= minuteMs) {
    if (row.position >= positionAt(at)) {
      const before = journal.progressBefore(positionAt(at));
      row = {
        position: before?.position ?? Number.NEGATIVE_INFINITY,
        counters: before?.progress.counters ?? {},
      };
    }
    counted.push({ at, counted: difference(until, row.counters) });
    until = row.counters;
  }
  return counted.reverse();
}

function difference(later: Counters, earlier: Counters): Counters {
  const counted: Counters = {};
  for (const [name, times] of Object.entries(later))
    if (times !== earlier[name]) counted[name] = times - (earlier[name] ?? 0);
  return counted;
}
