/** The limits of a destination, divided among the shards, and a token bucket for its rate. */

/** A shard's share of a rate, at least 1 a second. */
export function perShard(ratePerSecond: number, shards: number): number {
  return Math.max(1, ratePerSecond / shards);
}

/** A shard's share of the parallel posts, at least 1. */
export function concurrencyPerShard(concurrency: number, shards: number): number {
  return Math.floor(perShard(concurrency, shards));
}

/** The bucket holds the posts of this time, at least one: a small burst. */
const burstMs = 100;

/**
 * Takes up to `wanted` posts from the bucket at `now` (Unix milliseconds). Its only state is `dueAt`, the time of the next
 * post, initially 0. If no post is granted, `dueAt` is the time to ask again.
 */
export function take(
  dueAt: number,
  ratePerSecond: number,
  wanted: number,
  now: number,
): { posts: number; dueAt: number } {
  const spacing = 1000 / ratePerSecond;
  const earliest = now - Math.max(0, burstMs - spacing);
  // At most one post ahead, also after the clock was set back or the rate was raised.
  const from = Math.min(Math.max(dueAt, earliest), now + spacing);
  const ready = from > now ? 0 : Math.floor((now - from) / spacing) + 1;
  const posts = Math.min(ready, wanted);
  return { posts, dueAt: from + posts * spacing };
}
