/**
 * Whether a commit waits for more events, as PostgreSQL's `commit_delay` and `commit_siblings` do. A delay costs time
 * and pays only if other events (siblings) come meanwhile. Past commits and short probes tell whether they do. So a
 * sender that waits for each answer is hardly ever delayed. No I/O, no clock; times in milliseconds.
 */

/** Events a second above which a delay may pay. */
const delayAbove = 20;

/** With so many events, gathered while the last commit was being confirmed, no delay begins: their row is cheap. */
const enoughWithoutDelay = 3;

/** As many events as make a row cheap: with these, a delay ends. */
export const fullBatch = 16;

/** A longer gap between events says no more about the rate. */
const longestGap = 200;

/** A delay lasts as long as five siblings take to come, within these bounds: an answer takes 100 ms at most. */
const shortestDelay = 25;
const longestDelay = 80;
const awaitedSiblings = 5;

/** If no event has come for so many mean gaps, the next sender is probably waiting for our answer. */
const overdueGaps = 4;

/** The share of the last gap in the mean. */
const newest = 0.1;

/** Lone events before two of them probe whether siblings come during a delay. */
const probeEvery = 256;

export class CommitDelay {
  readonly #above: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Mean time between arrivals. */
  #gap = longestGap;
  /** Moving share of commits that held more than one event, 0 to 1. */
  #siblings = 0;
  /** Lone events since the last probe. */
  #sinceProbe = probeEvery;

  /** @param above events a second; with fewer, no delay begins */
  constructor(above = delayAbove) {
    this.#above = above;
  }

  arrived(now: number): void {
    // A clock that was set back says nothing about the rate.
    const gap = Math.min(Math.max(0, now - this.#lastAt), longestGap);
    this.#gap += newest * (gap - this.#gap);
    this.#lastAt = now;
  }

  committed(events: number): void {
    if (this.#slow) return;
    this.#siblings = 0.8 * this.#siblings + (events > 1 ? 0.2 : 0);
    this.#sinceProbe = events > 1 || this.#sinceProbe > probeEvery ? 0 : this.#sinceProbe + 1;
  }

  get #slow(): boolean {
    return this.#gap > 1_000 / this.#above;
  }

  /**
   * Until when the commit waits for more events.
   * @param since when the first of its events came
   * @param delayed whether it has waited already
   */
  until(since: number, events: number, delayed: boolean): number {
    if (events >= (delayed ? fullBatch : enoughWithoutDelay) || this.#slow) return since;
    if (this.#siblings < 0.05 && this.#sinceProbe < probeEvery) return since;
    const delay = Math.max(shortestDelay, Math.min(awaitedSiblings * this.#gap, longestDelay));
    return Math.min(since + delay, this.#lastAt + overdueGaps * this.#gap);
  }
}
