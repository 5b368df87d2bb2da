/**
 * Batches appends to a shard under load. An append normally goes at once, in a call of its own. While many calls are
 * under way, appends linger for a few milliseconds and share a call. An object takes only about 1,000 requests a
 * second.
 * https://developers.cloudflare.com/durable-objects/platform/limits/
 *
 * The request with a batch's first append makes the call. The runtime resumes the other requests in their own contexts
 * (compatibility flag `handle_cross_request_promise_resolution`, on since 2024-10-14). If the first request is cancelled,
 * the others still have their own deadlines and try again alone. Later appends begin another batch.
 */

/** Overload begins with this many calls under way, and lasts while batches hold at least as many appends. */
const overload = 16;

/** A batch is sent after this time, or when it is full. Milliseconds. */
const lingerMs = 6;

/** Appends of a batch. */
const maxBatch = 48;

/** Bodies of a batch; a call may hold 32 MiB. Bytes. */
const maxBatchBytes = 4 * 1024 * 1024;

/** A call without an end after this time is not counted any more: its request was cancelled. Milliseconds. */
const callLostAfterMs = 6_000;

interface Batch<Append> {
  openedAt: number;
  appends: Append[];
  bytes: number;
  full: PromiseWithResolvers<void>;
  durable: PromiseWithResolvers<void>;
}

/** The appends of this isolate to one shard. */
export class AppendBatcher<Append extends { readonly size: number }> {
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  /** When the calls under way began, oldest first. */
  readonly #underway = new Set<{ at: number }>();
  #overloaded = false;
  /** The batch that still takes appends. */
  #open: Batch<Append> | null = null;

  constructor(now: () => number, wait: (ms: number) => Promise<void>) {
    this.#now = now;
    this.#wait = wait;
  }

  /**
   * Resolves when the append is durable.
   * @param send one call of the shard, with this append and the rest of its batch
   */
  add(append: Append, send: (appends: Append[]) => Promise<void>): Promise<void> {
    const now = this.#now();
    this.#overloaded ||= this.#callsUnderway(now) >= overload;
    if (!this.#overloaded) return this.#call([append], now, send);
    const batch = this.#open;
    if (!batch || !accepts(batch, append, now)) return this.#lead(append, now, send);
    batch.appends.push(append);
    batch.bytes += append.size;
    if (batch.appends.length === maxBatch) this.#close(batch);
    return batch.durable.promise;
  }

  async #lead(first: Append, now: number, send: (appends: Append[]) => Promise<void>): Promise<void> {
    const batch: Batch<Append> = {
      openedAt: now,
      appends: [first],
      bytes: first.size,
      full: Promise.withResolvers(),
      durable: Promise.withResolvers(),
    };
    this.#open = batch;
    await Promise.race([batch.full.promise, this.#wait(lingerMs)]);
    this.#close(batch);
    this.#overloaded = batch.appends.length >= overload;
    batch.durable.resolve(this.#call(batch.appends, this.#now(), send));
    return batch.durable.promise;
  }

  #close(batch: Batch<Append>): void {
    if (this.#open === batch) this.#open = null;
    batch.full.resolve();
  }

  async #call(appends: Append[], at: number, send: (appends: Append[]) => Promise<void>): Promise<void> {
    const own = { at };
    this.#underway.add(own);
    try {
      await send(appends);
    } finally {
      this.#underway.delete(own);
    }
  }

  #callsUnderway(now: number): number {
    for (const call of this.#underway) {
      if (apart(now, call.at) < callLostAfterMs) break;
      this.#underway.delete(call);
    }
    return this.#underway.size;
  }
}

/** A batch that is still open after twice its time has lost the request that would have sent it. */
function accepts<Append extends { readonly size: number }>(
  batch: Batch<Append>,
  { size }: Append,
  now: number,
): boolean {
  return apart(now, batch.openedAt) <= 2 * lingerMs && batch.bytes + size <= maxBatchBytes;
}

/** The distance of two times. A clock that was set back must not make a batch or a call look young for long. */
function apart(one: number, other: number): number {
  return Math.abs(one - other);
}
