/**
 * Group commit. While one commit is being confirmed, arrivals gather and then go as one. An event that comes alone
 * does not wait, but for rare trials; where events come in a stream, a short hold lets more of them share a row.
 */
import { type Arrived, weightOf } from "../journal/segment.ts";

/** Events a second above which a hold may pay. */
const holdAbove = 20;

/** With so many, gathered while the last commit was being confirmed, no hold begins: their row is cheap enough. */
const enoughAtOnce = 3;

/** A longer pause tells no more about the rate. Milliseconds. */
const longestGap = 200;

/** A hold lasts as long as three others take to come, within these bounds. Milliseconds. */
const shortestHold = 25;
const longestHold = 50;
const othersInHold = 3;

/** Events for which nobody waits may gather longer: their commits would be in the way of those who do. Milliseconds. */
const patience = 100;

/** As many events as make a row cheap: with these, nobody waits for more. */
const enough = 8;

/** Events that came alone before it is tried again, twice, whether others come during a hold. */
const trialEvery = 256;

/**
 * Whether to hold. A hold costs time and only pays if others come meanwhile. Whether they do is seen from those that
 * came while a commit was being confirmed or an event was held, and from a short trial now and then: a sender that
 * waits for each answer before it sends again is hardly ever held. Pure; times in milliseconds.
 */
export class CommitDelay {
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Mean time between arrivals. */
  #gap = longestGap;
  /** From 0, everybody comes alone, to 1, nobody does. */
  #company = 0;
  /** How many came alone since it was last tried. */
  #alone = trialEvery;

  arrived(now: number): void {
    // A clock that was set back tells nothing of the rate.
    this.#gap = 0.8 * this.#gap + 0.2 * Math.min(Math.max(0, now - this.#lastAt), longestGap);
    this.#lastAt = now;
  }

  committed(events: number): void {
    if (this.#slow) return;
    this.#company = 0.8 * this.#company + (events > 1 ? 0.2 : 0);
    this.#alone = events > 1 || this.#alone > trialEvery ? 0 : this.#alone + 1;
  }

  get #slow(): boolean {
    return this.#gap > 1_000 / holdAbove;
  }

  /**
   * Until when arrivals should wait for more.
   * @param since when the first of them came
   * @param held whether they have waited already
   */
  holdUntil(since: number, events: number, held: boolean): number {
    if (events >= (held ? enough : enoughAtOnce) || this.#slow) return since;
    if (this.#company < 0.05 && this.#alone < trialEvery) return since;
    const others = othersInHold * this.#gap;
    // When the next is late, it waits for us to answer.
    return Math.min(since + Math.max(shortestHold, Math.min(others, longestHold)), this.#lastAt + others);
  }
}

/**
 * How long an event may be held: long, where nobody waits for it; short, as the pace has it; not at all, where it
 * has been gathered with others before. The most urgent of several decides.
 */
const holds = ["long", "short", "none"] as const;
export type Hold = (typeof holds)[number];

/** Bodies that may wait for a commit together: beyond, the storage is stuck, and the memory is needed. Bytes. */
const mostWaiting = 32 * 1024 * 1024;

interface Waiting {
  arrived: Arrived;
  resolve(): void;
  reject(error: unknown): void;
}

export class GroupCommit {
  readonly #commit: (arrived: Arrived[]) => void;
  readonly #confirmed: () => Promise<void>;
  readonly #pace = new CommitDelay();
  #waiting: Waiting[] = [];
  #bytes = 0;
  #since = 0;
  #busy = false;
  #working: Promise<void> = Promise.resolve();
  /** The process ends soon: nothing is held any more. */
  #hurried = false;
  /** What the most urgent of those that wait allows. */
  #hold: Hold = "long";
  #wake = () => {};

  /**
   * @param commit writes events; what it throws goes to those whose events they are
   * @param confirmed resolves when everything written is durable
   */
  constructor(commit: (arrived: Arrived[]) => void, confirmed: () => Promise<void>) {
    this.#commit = commit;
    this.#confirmed = confirmed;
  }

  /** Resolves when the event is written; the runtime holds back answers until that is durable. */
  add(arrived: Arrived, hold: Hold = "short"): Promise<void> {
    if (this.#bytes > mostWaiting)
      return Promise.reject(new Error("the storage does not keep up: too much waits for it"));
    const now = Date.now();
    this.#pace.arrived(now);
    if (this.#waiting.length === 0) this.#since = now;
    this.#bytes += weightOf(arrived);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ arrived, resolve, reject });
    const urgent = holds.indexOf(hold) > holds.indexOf(this.#hold);
    if (urgent) this.#hold = hold;
    if (urgent || this.#waiting.length === enough) this.#wake();
    if (!this.#busy) this.#working = this.#work();
    return promise;
  }

  /** Holds nothing from now on; resolves when all that came is written. */
  hurry(): Promise<void> {
    this.#hurried = true;
    this.#wake();
    return this.#working;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) {
        for (let held = false; ; held = true) {
          const wait = this.#holdUntil(held) - Date.now();
          if (wait <= 0 || wait > patience) break;
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
            setTimeout(resolve, wait);
          });
        }
        this.#flush();
        await this.#confirmed().catch(() => {});
      }
    } finally {
      this.#busy = false;
    }
  }

  #holdUntil(held: boolean): number {
    if (this.#hurried || this.#hold === "none") return this.#since;
    if (this.#hold === "long") return this.#since + patience;
    return this.#pace.holdUntil(this.#since, this.#waiting.length, held);
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#hold = "long";
    this.#pace.committed(waiting.length);
    try {
      this.#commit(waiting.map(({ arrived }) => arrived));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
