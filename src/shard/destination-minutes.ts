/** The counts of one destination by the minute: rows record their sums anyhow. */
import type { Clock } from "./clock.ts";
import { type CountedMinute, countedMinutes } from "./journal/minutes.ts";
import type { ProgressRecord } from "./journal/progress-record.ts";
import type { PlacedProgress } from "./journal/segment-table.ts";
import { tookPrefix } from "./latency.ts";
import type { Counters } from "./meter.ts";

/**
 * `delivered`, `failed`, and the latencies of first attempts that succeeded, in buckets.
 * @param progress as of now
 */
export async function destinationMinutes(
  name: string,
  progress: Pick<ProgressRecord, "destinations" | "counters">,
  minutes: number,
  clock: Pick<Clock, "now" | "after">,
  journal: { progressBefore(position: number): PlacedProgress | null },
): Promise<CountedMinute[]> {
  const prefix = tookPrefix(name);
  const sumsIn = ({ destinations, counters = {} }: typeof progress): Counters => {
    const { delivered = 0, failed = 0 } = destinations[name] ?? {};
    const buckets = Object.entries(counters).filter(([counter]) => counter.startsWith(prefix));
    return { delivered, failed, ...Object.fromEntries(buckets) };
  };
  const counted = await countedMinutes(sumsIn(progress), minutes, clock, journal, sumsIn);
  return counted.map((minute) => ({ ...minute, counted: withoutFallen(minute.counted) }));
}

/** A sum that has fallen was begun anew: its rule was gone for a while, or its name was forgotten. */
function withoutFallen(counted: Counters): Counters {
  return Object.fromEntries(Object.entries(counted).filter(([, times]) => times > 0));
}
