/**
 * The Durable Object that counts for the key `limit` of rules. It keeps nothing on disk: a count costs no row, and an
 * object that is ended begins to count anew. Each limit has objects of its own, among which its keys are spread.
 */
import { DurableObject } from "cloudflare:workers";
import { SlidingLog } from "./sliding-log.ts";

/** An object remembers no more. Several objects may share the 128 MB of an isolate. */
const mostBytes = 16_000_000;

export class Limiter extends DurableObject<Env> {
  #log: SlidingLog | null = null;
  #sweeping = false;

  /**
   * Counts an event. True: it is beyond the limit. All calls of an object have the same limit, which its name holds.
   * @param key the fingerprint of the value that is counted
   */
  count(key: number, count: number, seconds: number): boolean {
    const windowMs = seconds * 1_000;
    this.#log ??= new SlidingLog(count, windowMs, mostBytes);
    const isBeyond = this.#log.add(key, Date.now());
    if (!this.#sweeping) this.#sweepIn(windowMs, this.#log);
    return isBeyond;
  }

  /** Forgets idle keys once a window. The timer also keeps an idle object in memory while a count may still matter. */
  #sweepIn(windowMs: number, log: SlidingLog): void {
    this.#sweeping = true;
    setTimeout(() => {
      log.forgetIdle(Date.now());
      this.#sweeping = false;
      if (log.keys > 0) this.#sweepIn(windowMs, log);
    }, windowMs);
  }
}
