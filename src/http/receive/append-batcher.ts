/**
 * Batches appends to a shard under load. An append normally goes at once, in a call of its own. Where this isolate alone
 * gets most of a full row within the time that the shard would delay its commit, appends wait here instead: a call costs
 * more than all the work on its event. Appends also linger for a few milliseconds while many calls are under way. An
 * object takes only about 1,000 requests a second.
 * https://developers.cloudflare.com/durable-objects/platform/limits/
 *
 * The request with a batch's first append makes the call. The runtime resumes the other requests in their own contexts
 * (compatibility flag `handle_cross_request_promise_resolution`, on since 2024-10-14). If the first request is cancelled,
 * the others still have their own deadlines and try again alone. Later appends begin another batch.
 */
import { elapsed } from "../../elapsed.ts";
import { CommitDelay } from "../../shard/append/commit-delay.ts";

/** Appends a second of this isolate above which they are delayed as the shard delays commits: about 25 ms. */
const delayAbove = 250;

/** Overload begins with this many calls under way, and lasts while batches hold at least as many appends. */
const overload = 16;

/** Under overload a batch is sent after this time, or when it is full. Milliseconds. */
const lingerMs = 6;

/** Appends of a batch under overload. */
const maxBatch = 48;

/** Bodies of a batch; a call may hold 32 MiB. Bytes. */
const maxBatchBytes = 4 * 1024 * 1024;

/** A batch that is still open after this time has lost the request that would have sent it. Milliseconds. */
const batchLostAfterMs = 50;

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
  readonly #delay = new CommitDelay(delayAbove);
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
    this.#delay.arrived(now);
    this.#overloaded ||= this.#callsUnderway(now) >= overload;
    const batch = this.#open;
    if (batch && accepts(batch, append, now)) {
      batch.appends.push(append);
      batch.bytes += append.size;
      if (this.#isFull(batch.appends.length)) this.#close(batch);
      return batch.durable.promise;
    }
    if (this.#lingersUntil(now, 1) > now) return this.#lead(append, now, send);
    this.#delay.committed();
    return this.#call([append], now, send);
  }

  #isFull(appends: number): boolean {
    return this.#overloaded ? appends >= maxBatch : this.#delay.isFull(appends);
  }

  /** Until when a batch waits for more appends. */
  #lingersUntil(openedAt: number, appends: number): number {
    return this.#overloaded ? openedAt + lingerMs : this.#delay.until(openedAt, appends);
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
    while (this.#open === batch) {
      const wait = this.#lingersUntil(now, batch.appends.length) - this.#now();
      // A clock that was set back must not keep a batch open.
      if (wait <= 0 || wait > batchLostAfterMs) this.#close(batch);
      else await Promise.race([batch.full.promise, this.#wait(wait)]);
    }
    this.#delay.committed();
    this.#overloaded &&= batch.appends.length >= overload;
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
      if (elapsed(call.at, now) < callLostAfterMs) break;
      this.#underway.delete(call);
    }
    return this.#underway.size;
  }
}

function accepts<Append extends { readonly size: number }>(
  batch: Batch<Append>,
  { size }: Append,
  now: number,
): boolean {
  return elapsed(batch.openedAt, now) <= batchLostAfterMs && batch.bytes + size <= maxBatchBytes;
}
