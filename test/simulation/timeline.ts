/** Time of a simulation: it passes only from one event to the next. Milliseconds. */
import { setImmediate as settled } from "node:timers/promises";
import type { Chance } from "../support/chance.ts";

interface Planned {
  at: number;
  /** Events of one time happen in an order that chance decides. */
  order: number;
  run: () => void;
}

export class Timeline {
  readonly #chance: Chance;
  readonly #planned = new Set<Planned>();
  #now: number;

  constructor(now: number, chance: Chance) {
    this.#now = now;
    this.#chance = chance;
  }

  get now(): number {
    return this.#now;
  }

  /** Plans an event; the answer calls it off. */
  after(ms: number, run: () => void): () => void {
    const planned = { at: this.#now + Math.max(0, ms), order: this.#chance.next(), run };
    this.#planned.add(planned);
    return () => this.#planned.delete(planned);
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Lets time pass, event by event; the code that an event wakes ends its turn before the next event. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#planned.delete(next);
      this.#now = next.at;
      next.run();
      await settled();
    }
    this.#now = until;
  }

  /** Lets time pass until a promise has ended, or for so long at most. */
  async until(promise: Promise<unknown>, atMostMs: number): Promise<void> {
    let ended = false;
    promise.then(
      () => (ended = true),
      () => (ended = true),
    );
    const end = this.#now + atMostMs;
    await settled();
    while (!ended && this.#now < end) {
      const next = this.#next(end);
      await this.pass(next ? next.at - this.#now : end - this.#now);
    }
  }

  #next(until: number): Planned | undefined {
    let first: Planned | undefined;
    for (const one of this.#planned)
      if (
        one.at <= until &&
        (!first || one.at < first.at || (one.at === first.at && one.order < first.order))
      )
        first = one;
    return first;
  }
}
