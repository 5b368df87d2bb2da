/** One message of a batching destination stays below this many bytes, unless a single event is larger. */
export const maxBatchBytes = 1024 * 1024;

/**
 * How many of the waiting events, oldest first, make a batch now; if none do yet, when to look again.
 * A batch is full by count or bytes, and goes as it is when its first event has waited `batch.ms`.
 */
export function nextBatch(
  batch: { size: number; ms: number },
  waiting: readonly { size: number; receivedAt: number }[],
  now: number,
): { count: number; again: number | null } {
  const first = waiting[0];
  if (!first) return { count: 0, again: null };

  let count = 0;
  let bytes = 0;
  for (const event of waiting) {
    bytes += event.size;
    if (count === batch.size || (count > 0 && bytes > maxBatchBytes)) return { count, again: null };
    count += 1;
  }
  // A clock that was set back must not hold a batch.
  const waited = Math.abs(now - first.receivedAt);
  const due = count === batch.size || bytes >= maxBatchBytes || waited >= batch.ms;
  return due ? { count, again: null } : { count: 0, again: now + batch.ms - waited };
}
