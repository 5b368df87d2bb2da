/**
 * The time of a stop: nothing new begins, because the process is about to end. If it goes on all the same, so does the
 * shard, after a while.
 */
import { elapsed } from "../elapsed.ts";
import type { Clock } from "./clock.ts";

/** Milliseconds. */
const stopLastsMs = 30_000;

export class StopTime {
  readonly #clock: Clock;
  #begunAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#begunAt = this.#clock.now();
  }

  /** When it is over, Unix milliseconds; null: there is none now. */
  get until(): number | null {
    const begun = this.#begunAt;
    return begun !== null && elapsed(begun, this.#clock.now()) < stopLastsMs ? begun + stopLastsMs : null;
  }

  get lasts(): boolean {
    return this.until !== null;
  }
}
