/** A clock that stands still until a test moves it. Its chance is always the middle one. */
import { setImmediate as settled } from "node:timers/promises";
import type { Clock } from "../../src/shard/clock.ts";

export class TestClock implements Clock {
  #now: number;
  #timers = new Set<{ at: number; run: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now = (): number => this.#now;

  random = (): number => 0.5;

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Sets the clock, also back; timers keep the time that they still have to run. */
  set(now: number): void {
    for (const timer of this.#timers) timer.at += now - this.#now;
    this.#now = now;
  }

  /** Moves on by so many milliseconds; runs each timer at its time, and lets the code that it wakes go on. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number) {
    const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
    return due[0];
  }
}
