/**
 * Whether a commit waits for more events, as PostgreSQL's `commit_delay` and `commit_siblings` do. A delay costs time
 * and pays only if other events (siblings) come meanwhile. Past commits and short probes tell whether they do. So a
 * sender that waits for each answer is hardly ever delayed. No I/O, no clock; times in milliseconds.
 */

/** Events a second above which a delay may pay. */
const delayAbove = 20;

/** With so many events, gathered while the last commit was being confirmed, no delay begins: their row is cheap. */
const enoughWithoutDelay = 3;

/** With as many events as usually come in the shortest delay, a delay ends, within these bounds. */
const smallestBatch = 8;
const largestBatch = 16;

/** A longer gap between events is a silence. It ends a stream: the next event comes alone. */
const silence = 200;
const gapAfterSilence = 60;

/** A delay lasts as long as five siblings take to come, within these bounds: an answer takes 100 ms at most. */
const shortestDelay = 25;
const longestDelay = 80;
const awaitedSiblings = 5;

/** If no event has come for so many mean gaps, the next sender is probably waiting for our answer. */
const overdueGaps = 4;

/** The share of the last gap in the mean. */
const newest = 0.05;

/** Lone events before two of them probe whether siblings come during a delay. */
const probeEvery = 256;

export class CommitDelay {
  readonly #above: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Mean time between arrivals. */
  #gap = gapAfterSilence;
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
    const gap = Math.min(Math.max(0, now - this.#lastAt), silence);
    this.#gap += newest * (gap - this.#gap);
    if (gap === silence) this.#gap = Math.max(this.#gap, gapAfterSilence);
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

  /** Whether so many events make a row so cheap that a delay ends. */
  isFull(events: number): boolean {
    return events >= Math.max(smallestBatch, Math.min(shortestDelay / this.#gap, largestBatch));
  }

  /**
   * Until when the commit waits for more events.
   * @param since when the first of its events came
   * @param delayed whether it has waited already
   */
  until(since: number, events: number, delayed: boolean): number {
    if (delayed ? this.isFull(events) : events >= enoughWithoutDelay) return since;
    if (this.#slow) return since;
    if (this.#siblings < 0.05 && this.#sinceProbe < probeEvery) return since;
    const delay = Math.max(shortestDelay, Math.min(awaitedSiblings * this.#gap, longestDelay));
    return Math.min(since + delay, this.#lastAt + overdueGaps * this.#gap);
  }
}
