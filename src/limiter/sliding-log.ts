/**
 * A sliding window log: the times of the last events of each key. It tells exactly whether an event is one too many
 * within any window. It remembers no more times of a key than the limit, however many come.
 */

/** The times of the last events of a key, in a ring. Unix milliseconds. */
interface Ring {
  times: number[];
  /** The place of the oldest time, once the ring is full. */
  oldest: number;
  newest: number;
}

/** The size of a key without its times, and of a time. Bytes, as measured in V8. */
const bytesOfKey = 160;
const bytesOfTime = 8;

export class SlidingLog {
  readonly #count: number;
  readonly #windowMs: number;
  readonly #mostBytes: number;
  /** The key of the latest event stands last. */
  readonly #rings = new Map<number, Ring>();
  #times = 0;

  /**
   * @param count so many events of a key pass within a window
   * @param mostBytes beyond them the keys are forgotten that were silent longest
   */
  constructor(count: number, windowMs: number, mostBytes: number) {
    this.#count = count;
    this.#windowMs = windowMs;
    this.#mostBytes = mostBytes;
  }

  get keys(): number {
    return this.#rings.size;
  }

  get bytes(): number {
    return this.#rings.size * bytesOfKey + this.#times * bytesOfTime;
  }

  /** Counts an event of the key. True: `count` others came within the window before it. @param now Unix milliseconds */
  add(key: number, now: number): boolean {
    const ring = this.#rings.get(key) ?? { times: [], oldest: 0, newest: now };
    this.#rings.delete(key);
    this.#rings.set(key, ring);
    ring.newest = now;
    const isFull = ring.times.length === this.#count;
    const isBeyond = isFull && this.#isWithin(ring.times[ring.oldest]!, now);
    if (isFull) {
      ring.times[ring.oldest] = now;
      ring.oldest = (ring.oldest + 1) % this.#count;
    } else {
      ring.times.push(now);
      this.#times++;
    }
    for (const [silent, { times }] of this.#rings) {
      if (this.bytes <= this.#mostBytes || silent === key) break;
      this.#forget(silent, times);
    }
    return isBeyond;
  }

  /** Forgets the keys of which no event came within the window. */
  forgetIdle(now: number): void {
    for (const [key, { times, newest }] of this.#rings) {
      if (this.#isWithin(newest, now)) return;
      this.#forget(key, times);
    }
  }

  #forget(key: number, times: readonly number[]): void {
    this.#rings.delete(key);
    this.#times -= times.length;
  }

  /** A time ahead of `now` was noted before the clock was set back: such a count must not outlast the window. */
  #isWithin(time: number, now: number): boolean {
    return Math.abs(now - time) < this.#windowMs;
  }
}
