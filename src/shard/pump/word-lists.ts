/** Holds a destination's events until the lists of its rule may be used: an event that was passed by does not come back. */
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";

export class WordLists {
  readonly #rule: ForwardRule;
  readonly #schedule: { at(ms: number): void };
  readonly #clock: Clock;
  readonly #awaited = new WeakSet<Promise<void>>();

  constructor(rule: ForwardRule, schedule: { at(ms: number): void }, clock: Clock) {
    this.#rule = rule;
    this.#schedule = schedule;
    this.#clock = clock;
  }

  /** Begins to read lists that are due. False: one of them is waited for, and a run follows. */
  get ready(): boolean {
    const now = this.#clock.now();
    let ready = true;
    for (const list of this.#rule.kvLists) {
      const read = list.look(now);
      const until = list.holdsUntil(now);
      if (until <= now) continue;
      ready = false;
      this.#schedule.at(Math.min(until, list.againAt));
      if (read === null || this.#awaited.has(read)) continue;
      this.#awaited.add(read);
      void read.then(() => this.#schedule.at(this.#clock.now()));
    }
    return ready;
  }
}
