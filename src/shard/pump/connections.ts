/**
 * The object's own connections. A post through the entrypoint takes up to twice the processor time. So a post waits for
 * an own connection if its destination answers quickly, as do those of the posts that wait before it.
 */
import { elapsed } from "../../elapsed.ts";
import type { Clock } from "../clock.ts";

/** One less than the object may have that wait for an answer. */
const most = 5;

/** For posts that usually take longer no connection is waited for. Milliseconds. */
const quickMs = 10;

/** No post waits behind so many that it would take longer than this, and none waits much longer. Milliseconds. */
const patienceMs = 100;

/** Connections of which none is given back within this time are held by destinations that hang. Milliseconds. */
const stuckMs = 50;

interface Waiting {
  readonly since: number;
  readonly usualMs: number;
  end(isOwn: boolean): void;
}

export class Connections {
  readonly #clock: Pick<Clock, "now" | "after">;
  #free = most;
  #waiting: Waiting[] = [];
  /** The usual times of the posts that wait, together. */
  #waitingMs = 0;
  /** How many connections were given back, ever. */
  #returns = 0;
  #looking = false;
  /** Posts have waited in vain, and no connection was given back since. */
  #stuck = false;

  constructor(clock: Pick<Clock, "now" | "after">) {
    this.#clock = clock;
  }

  /**
   * Makes a post on an own connection; through the entrypoint, where none is soon free.
   * @param usualMs how long a post to its destination usually takes, milliseconds; null: it is not known
   */
  async use<Outcome>(
    usualMs: number | null,
    own: () => Promise<Outcome>,
    entrypoint: () => Promise<Outcome>,
  ): Promise<Outcome> {
    if (this.#free > 0) this.#free--;
    else if (usualMs === null || !this.#mayWait(usualMs) || !(await this.#wait(usualMs))) return entrypoint();
    try {
      return await own();
    } finally {
      this.#giveBack();
    }
  }

  #mayWait(usualMs: number): boolean {
    return !this.#stuck && usualMs <= quickMs && this.#waitingMs + usualMs <= most * patienceMs;
  }

  /** Whether the post gets a connection. */
  #wait(usualMs: number): Promise<boolean> {
    const since = this.#clock.now();
    this.#waitingMs += usualMs;
    this.#watch();
    return new Promise((end) => {
      this.#waiting.push({ since, usualMs, end });
    });
  }

  #giveBack(): void {
    this.#returns++;
    this.#stuck = false;
    const next = this.#waiting.shift();
    if (next) {
      this.#waitingMs -= next.usualMs;
      next.end(true);
    } else this.#free++;
  }

  /** Sees to it that connections are given back while posts wait, and in time. */
  #watch(): void {
    if (this.#looking) return;
    this.#looking = true;
    const returns = this.#returns;
    this.#clock.after(stuckMs, () => {
      this.#looking = false;
      const [first] = this.#waiting;
      if (!first) return;
      this.#stuck = this.#returns === returns;
      const waitedMs = elapsed(first.since, this.#clock.now());
      if (this.#stuck || waitedMs >= patienceMs) this.#giveUp();
      else this.#watch();
    });
  }

  #giveUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingMs = 0;
    for (const { end } of waiting) end(false);
  }
}
