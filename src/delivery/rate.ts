/** A destination's limits, divided among the shards; and a token bucket for its rate. */

/** A shard's part of a rate, at least 1. */
export function perShard(ratePerSecond: number, shards: number): number {
  return Math.max(1, ratePerSecond / shards);
}

/** A shard's part of the parallel posts, at least 1. */
export function concurrencyPerShard(concurrency: number, shards: number): number {
  return Math.floor(perShard(concurrency, shards));
}

/** A bucket holds a tenth of a second's posts, or one: a burst that no receiver minds. */
const burstMs = 100;

/**
 * Takes up to `wanted` posts at `now` (Unix milliseconds). The whole state of the bucket is `dueAt`, when its next
 * post is due; it begins as 0. With no posts granted, `dueAt` is when to look again.
 */
export function take(
  dueAt: number,
  ratePerSecond: number,
  wanted: number,
  now: number,
): { posts: number; dueAt: number } {
  const spacing = 1000 / ratePerSecond;
  const earliest = now - Math.max(0, burstMs - spacing);
  // Never further ahead than one post: a clock that was set back, or a raised rate, waits no longer.
  const from = Math.min(Math.max(dueAt, earliest), now + spacing);
  const ready = from > now ? 0 : Math.floor((now - from) / spacing) + 1;
  const posts = Math.min(ready, wanted);
  return { posts, dueAt: from + posts * spacing };
}
