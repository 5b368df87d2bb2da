/**
 * Group commit: while one commit is being confirmed, events gather and then go as one. A lone event is committed at
 * once, except for rare probes. In a stream of events, a short delay lets more share a row.
 */
import type { Clock } from "../clock.ts";
import type { PackedEvent } from "../journal/packed-event.ts";
import { weightOf } from "../journal/segment.ts";
import { CommitDelay } from "./commit-delay.ts";

/** Before-callbacks are kept after their answer: they wait longer, and leave commits to waiting callers. Milliseconds. */
const backgroundDelayMs = 100;

/** Events that may wait for a commit together. Beyond that the storage is stuck, and their memory is needed. Bytes. */
const mostWaiting = 32 * 1024 * 1024;

/** An event that waits takes more than its texts: the call that brought it. Bytes. */
const besideEventBytes = 4 * 1024;

/**
 * The urgency of an event: low, if no caller waits for it; normal, if its commit waits as the commit delay says; high,
 * if the Worker has batched it already. The most urgent event of a commit decides.
 */
const urgencies = ["low", "normal", "high"] as const;
export type Urgency = (typeof urgencies)[number];

/** Writes the events of a commit. */
export interface Committer<Kept> {
  /** Writes events; an error goes to the callers of these events. */
  commit(events: Kept[]): void;
  /** Resolves when everything written is durable. */
  sync(): Promise<void>;
}

interface Waiting<Kept> {
  event: Kept;
  resolve(): void;
  reject(error: unknown): void;
}

export class GroupCommit<Kept extends PackedEvent> {
  readonly #committer: Committer<Kept>;
  readonly #clock: Clock;
  readonly #delay = new CommitDelay();
  #waiting: Waiting<Kept>[] = [];
  #bytes = 0;
  #since = 0;
  #busy = false;
  #working: Promise<void> = Promise.resolve();
  /** The process ends soon: no commit is delayed any more. */
  #flushing = false;
  /** That of the most urgent event that waits. */
  #urgency: Urgency = "low";
  #wake = () => {};

  constructor(committer: Committer<Kept>, clock: Clock) {
    this.#committer = committer;
    this.#clock = clock;
  }

  /** Resolves when the event is written; the runtime holds back answers until that is durable. */
  add(event: Kept, urgency: Urgency = "normal"): Promise<void> {
    if (this.#bytes > mostWaiting)
      return Promise.reject(new Error("the storage does not keep up: too much waits for it"));
    const now = this.#clock.now();
    this.#delay.arrived(now);
    if (this.#waiting.length === 0) this.#since = now;
    this.#bytes += besideEventBytes + weightOf(event);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ event, resolve, reject });
    const moreUrgent = urgencies.indexOf(urgency) > urgencies.indexOf(this.#urgency);
    if (moreUrgent) this.#urgency = urgency;
    if (moreUrgent || this.#delay.isFull(this.#waiting.length)) this.#wake();
    if (!this.#busy) this.#working = this.#work();
    return promise;
  }

  /** Delays nothing from now on; resolves when every event that came is written. */
  flush(): Promise<void> {
    this.#flushing = true;
    this.#wake();
    return this.#working;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    // The events of one call come in one turn, and share a row.
    await null;
    try {
      while (this.#waiting.length > 0) {
        for (;;) {
          const wait = this.#delayUntil() - this.#clock.now();
          if (wait <= 0 || wait > backgroundDelayMs) break;
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
            this.#clock.after(wait, resolve);
          });
        }
        this.#commit();
        await this.#committer.sync().catch(() => {});
      }
    } finally {
      this.#busy = false;
    }
  }

  #delayUntil(): number {
    if (this.#flushing || this.#urgency === "high") return this.#since;
    if (this.#urgency === "low") return this.#since + backgroundDelayMs;
    return this.#delay.until(this.#since, this.#waiting.length);
  }

  #commit(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#urgency = "low";
    this.#delay.committed();
    try {
      this.#committer.commit(waiting.map(({ event }) => event));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
