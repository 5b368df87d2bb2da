/**
 * Group commit. While one commit is being confirmed, arrivals gather and then go as one. An event that comes alone
 * never waits; where events come in a stream, a short hold lets more of them share a row.
 */
import type { Arrived } from "./segment.ts";

/** Events a second above which a hold may pay. */
const holdAbove = 20;

/** Nobody is held longer. Milliseconds. */
const longestHold = 25;

/** Events for which nobody waits may gather longer: their commits would be in the way of those who do. Milliseconds. */
const patience = 100;

/** As many events as make a row cheap: with these, nobody waits for more. */
const enough = 8;

/**
 * Whether to hold. A hold costs time and only pays if others come meanwhile; whether they do is seen from those
 * that came while a commit was being confirmed. A sender that waits for each answer before it sends again is
 * never held: nobody ever comes beside it. Pure; times in milliseconds.
 */
export class Pace {
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Mean time between arrivals. */
  #gap = 1_000;
  /** From 0, everybody comes alone, to 1, nobody does. */
  #company = 0;

  arrived(now: number): void {
    this.#gap = 0.8 * this.#gap + 0.2 * Math.min(now - this.#lastAt, 1_000);
    this.#lastAt = now;
  }

  committed(events: number): void {
    this.#company = 0.8 * this.#company + (events > 1 ? 0.2 : 0);
  }

  /** Until when arrivals, the first of which came at `since`, should wait for more. */
  holdUntil(since: number, events: number): number {
    if (events >= enough || this.#gap > 1_000 / holdAbove || this.#company < 0.05) return since;
    // When the next is late, it waits for us to answer.
    return Math.min(since + longestHold, this.#lastAt + 1.5 * this.#gap);
  }
}

interface Waiting {
  arrived: Arrived;
  resolve(): void;
  reject(error: unknown): void;
}

export class Gathering {
  readonly #commit: (arrived: Arrived[]) => void;
  readonly #confirmed: () => Promise<void>;
  readonly #pace = new Pace();
  #waiting: Waiting[] = [];
  #since = 0;
  #busy = false;
  /** Somebody waits for one of the events. */
  #hurry = false;
  #wake = () => {};

  /**
   * @param commit writes events; what it throws goes to those whose events they are
   * @param confirmed resolves when everything written is durable
   */
  constructor(commit: (arrived: Arrived[]) => void, confirmed: () => Promise<void>) {
    this.#commit = commit;
    this.#confirmed = confirmed;
  }

  /**
   * Resolves when the event is written; the runtime holds back answers until that is durable.
   * @param patient nobody waits for it
   */
  add(arrived: Arrived, patient = false): Promise<void> {
    const now = Date.now();
    this.#pace.arrived(now);
    if (this.#waiting.length === 0) this.#since = now;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ arrived, resolve, reject });
    if (!patient && !this.#hurry) {
      this.#hurry = true;
      this.#wake();
    }
    if (!this.#busy) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) {
        for (;;) {
          const until = this.#hurry
            ? this.#pace.holdUntil(this.#since, this.#waiting.length)
            : this.#since + patience;
          const wait = until - Date.now();
          if (wait <= 0) break;
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

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#hurry = false;
    this.#pace.committed(waiting.length);
    try {
      this.#commit(waiting.map(({ arrived }) => arrived));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
