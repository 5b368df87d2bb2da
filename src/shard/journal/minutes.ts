/** What was counted minute by minute. Every segment tells the sums, so that a minute is the difference of two. */
import type { Counters } from "../meter.ts";
import { positionAt } from "./position.ts";
import type { ProgressRecord } from "./segment.ts";

const minute = 60_000;

export interface CountedMinute {
  /** Its beginning, Unix milliseconds. */
  at: number;
  counted: Counters;
}

/**
 * The last minutes, oldest first; the last one is under way. A count belongs to the minute in which it became durable.
 * @param sums as of now
 * @param newsBefore what the last row before a position told, and where it stands
 */
export function countedMinutes(
  sums: Counters,
  now: number,
  minutes: number,
  newsBefore: (position: number) => { position: number; news: ProgressRecord } | null,
): CountedMinute[] {
  const counted: CountedMinute[] = [];
  let until = sums;
  let row = { position: Number.POSITIVE_INFINITY, counters: {} as Counters };
  for (let at = Math.floor(now / minute) * minute; counted.length < minutes; at -= minute) {
    if (row.position >= positionAt(at)) {
      const told = newsBefore(positionAt(at));
      row = { position: told?.position ?? Number.NEGATIVE_INFINITY, counters: told?.news.counters ?? {} };
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
