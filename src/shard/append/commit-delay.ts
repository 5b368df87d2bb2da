/**
 * Whether a commit waits for more events, as PostgreSQL's `commit_delay` and `commit_siblings` do. A delay costs time
 * and pays only if other events (siblings) come meanwhile. Past delays and short probes tell whether they do. So
 * senders that wait for their answers are hardly ever delayed. No I/O, no clock; times in milliseconds.
 */

/** Events a second above which a delay may pay. */
const delayAbove = 20;

/** With as many events as usually come in the shortest delay, a delay ends, within these bounds. */
const smallestBatch = 8;
const largestBatch = 16;

/** A longer gap between events is a silence. It ends a stream: the next event comes alone. */
const silence = 200;
const gapAfterSilence = 60;

/** A delay lasts as long as five siblings take to come, within these bounds: an answer takes 100 ms at most. */
const shortestDelay = 25;
const longestDelay = 85;
const awaitedSiblings = 5;

/** If no event has come for so many mean gaps, the next sender is probably waiting for our answer. */
const overdueGaps = 4;

/** The share of the last gap in the mean. */
const newest = 0.05;

/** A delay has paid if events still came after this share of it. Senders that wait for our answer send at once. */
const laterShare = 0.25;

/** Commits without a delay before two of them probe whether it would pay. */
const probeEvery = 256;

export class CommitDelay {
  readonly #above: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Mean time between arrivals. */
  #gap = gapAfterSilence;
  /** Moving share of delays that have paid, 0 to 1. */
  #paying = 0;
  #sinceProbe = probeEvery;
  /** When the present delay will have paid, if an event comes after it; null: there is none. */
  #paysAfter: number | null = null;

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

  committed(): void {
    const paid = this.#paysAfter !== null && this.#lastAt > this.#paysAfter;
    if (this.#paysAfter !== null) this.#paying = 0.8 * this.#paying + (paid ? 0.2 : 0);
    if (!this.#slow) this.#sinceProbe = paid || this.#sinceProbe > probeEvery ? 0 : this.#sinceProbe + 1;
    this.#paysAfter = null;
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
   */
  until(since: number, events: number): number {
    if (this.#slow || this.isFull(events)) return since;
    if (this.#paying < 0.05 && this.#sinceProbe < probeEvery) return since;
    const delay = Math.max(shortestDelay, Math.min(awaitedSiblings * this.#gap, longestDelay));
    this.#paysAfter = since + laterShare * delay;
    return Math.min(since + delay, this.#lastAt + overdueGaps * this.#gap);
  }
}
