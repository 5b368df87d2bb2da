/**
 * Latencies, counted in buckets whose bounds are powers of √2 milliseconds. A few names carry all latencies, and the
 * sums of several shards add up. A quantile is right to a fifth of its value.
 */
import type { CounterName, counters } from "../counters.ts";
import type { Counters } from "./meter.ts";

const prefix = "within:" satisfies keyof typeof counters;

/** Counters of answers to callbacks, and of verdicts, by the time that they took. */
export const answeredPrefix = "answered:" satisfies keyof typeof counters;
export const decidedPrefix = "decided:" satisfies keyof typeof counters;

/** Of a rule's deliveries or verdicts. */
export const tookPrefix = (rule: string) => `${"took:" satisfies keyof typeof counters}${rule}:`;

/** Bucket 9 holds times of at most 2^(9/2) ms, above the times of bucket 8. */
export function bucketOf(ms: number): number {
  return Math.ceil(2 * Math.log2(Math.max(ms, 1)));
}

/** The counter's name. */
export function latencyBucket(ms: number): CounterName {
  return `${prefix}${bucketOf(ms)}`;
}

/**
 * The time within which a share of all has come, milliseconds; null if there was none.
 * @param of the prefix of the counters, whose names end in the bucket
 */
export function latencyQuantile(counters: Counters, share: number, of: string = prefix): number | null {
  const buckets = Object.entries(counters)
    .filter(([name, times]) => name.startsWith(of) && times > 0)
    .map(([name, times]) => ({ bucket: Number(name.slice(of.length)), times }))
    .sort((a, b) => a.bucket - b.bucket);
  let left = share * buckets.reduce((sum, { times }) => sum + times, 0);
  for (const { bucket, times } of buckets) {
    if (left <= times) return Math.round(2 ** ((bucket - 1 + left / times) / 2));
    left -= times;
  }
  return null;
}

/** The counter of all that took any time, in milliseconds. */
export const latencySum = "withinMs" satisfies CounterName;

/** Bounds of the histogram, each twice the last: from a millisecond to more than six days. */
const bounds = Array.from({ length: 30 }, (_, power) => 2 * power);

/** How many took at most so many milliseconds, for some bounds that never change; and how many there were. */
export function latencyHistogram(counters: Counters): {
  buckets: { ms: number; count: number }[];
  count: number;
} {
  const counted = Object.entries(counters).filter(([name]) => name.startsWith(prefix));
  const upTo = (bucket: number) =>
    counted.reduce(
      (sum, [name, times]) => sum + (Number(name.slice(prefix.length)) <= bucket ? times : 0),
      0,
    );
  return {
    buckets: bounds.map((bucket) => ({ ms: 2 ** (bucket / 2), count: upTo(bucket) })),
    count: upTo(Number.POSITIVE_INFINITY),
  };
}
