/** Batches: which of the waiting events go in one message, and when. */
import type { AddressKind } from "../rule/address.ts";

/** Largest batch, bytes of its bodies. A single event may be larger. */
export const maxBatchBytes = 1024 * 1024;

/** The same of an archive: one is compressed in memory. */
const maxArchiveBytes = 4 * maxBatchBytes;

export const batchBytesOf = (kind: AddressKind): number => (kind === "r2" ? maxArchiveBytes : maxBatchBytes);

/**
 * The number of waiting events, oldest first, that make a batch now. If it is 0, `again` is the time (Unix milliseconds)
 * to ask again. A batch is complete by count, by bytes, or when its first event has waited `batch.ms`.
 */
export function nextBatch(
  batch: { size: number; ms: number },
  waiting: readonly { size: number; receivedAt: number }[],
  now: number,
  mostBytes = maxBatchBytes,
): { count: number; again: number | null } {
  const first = waiting[0];
  if (!first) return { count: 0, again: null };

  let count = 0;
  let bytes = 0;
  for (const event of waiting) {
    bytes += event.size;
    if (count === batch.size || (count > 0 && bytes > mostBytes)) return { count, again: null };
    count += 1;
  }
  // The absolute value: after the clock was set back, a batch must not wait for the old time.
  const waited = Math.abs(now - first.receivedAt);
  const due = count === batch.size || bytes >= mostBytes || waited >= batch.ms;
  return due ? { count, again: null } : { count: 0, again: now + batch.ms - waited };
}
