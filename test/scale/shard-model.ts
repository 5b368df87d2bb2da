/**
 * A shard in simulated time. Its appends and posts take turns on one thread, appends first. The commit delay and the
 * share of parallel posts are the gateway's own code. The object takes a call in every millisecond, its documented limit.
 */
import { concurrencyPerShard } from "../../src/delivery/rate.ts";
import { CommitDelay } from "../../src/shard/append/commit-delay.ts";
import { limits } from "./limits.ts";
import { Line, SimulatedTime, Thread } from "./simulated-time.ts";

/** Milliseconds of one operation. */
export interface Times {
  /** Of the object's thread, for an event. */
  append: number;
  /** Likewise, for a post. */
  post: number;
  /** Until a row is durable. */
  confirm: number;
  /** From the Worker to the object and back. */
  roundTrip: number;
  /** Of a destination, for an answer. */
  answer: number;
}

export interface Setup {
  times: Times;
  shards: number;
  destinations: number;
  /** Of each rule, over all shards. */
  concurrency: number;
}

export interface Outcome {
  /** The share of the time in which the thread worked. */
  busy: number;
  rows: number;
  /** Milliseconds from each callback to its answer, of those that were answered. */
  answers: number[];
  /** Milliseconds from each callback to its delivery to a destination, likewise. */
  deliveries: number[];
}

/** How long progress waits for a segment before it gets a row of its own, and how far ahead the alarm is set. */
const progressDelayMs = 1_000;
const alarmMs = 30_000;

/** @param arrivals milliseconds from 0 on */
export function runShard(arrivals: readonly number[], seconds: number, setup: Setup): Outcome {
  const time = new SimulatedTime();
  const shard = new ShardModel(time, setup);
  const spacing = 1_000 / limits.objectRequests.value;
  const take = (index: number, taken: number) => {
    const at = arrivals[index];
    if (at === undefined) return;
    const next = Math.max(at + setup.times.roundTrip / 2, taken + spacing);
    time.at(next, () => {
      shard.call(at);
      take(index + 1, next);
    });
  };
  take(0, Number.NEGATIVE_INFINITY);
  time.run(seconds * 1_000);
  const alarms = arrivals.length > 0 ? (seconds * 1_000) / alarmMs : 0;
  const { busy, rows, answers, deliveries } = shard;
  return { busy: busy / (seconds * 1_000), rows: rows + alarms, answers, deliveries };
}

/** Events are known by the times of their callbacks. */
class ShardModel {
  rows = 0;
  readonly answers: number[] = [];
  readonly deliveries: number[] = [];
  readonly #time: SimulatedTime;
  readonly #setup: Setup;
  readonly #thread: Thread;
  readonly #delay = new CommitDelay();
  readonly #slots: number;
  readonly #backlogs: { readonly events: Line<number>; underway: number }[];
  #waiting: number[] = [];
  #since = 0;
  #confirming = false;
  /** Grows with every commit: a timer of before is void. */
  #commits = 0;
  /** No row tells of the last delivery. */
  #changed = false;
  #timed = false;

  constructor(time: SimulatedTime, setup: Setup) {
    this.#time = time;
    this.#setup = setup;
    this.#thread = new Thread(time);
    this.#slots = concurrencyPerShard(setup.concurrency, setup.shards);
    this.#backlogs = Array.from({ length: setup.destinations }, () => ({ events: new Line(), underway: 0 }));
  }

  get busy(): number {
    return this.#thread.busy;
  }

  call(event: number): void {
    this.#thread.take(true, this.#setup.times.append, () => this.#append(event));
  }

  #append(event: number): void {
    const { now } = this.#time;
    this.#delay.arrived(now);
    if (this.#waiting.length === 0) this.#since = now;
    this.#waiting.push(event);
    if (this.#confirming) return;
    if (this.#waiting.length === 1) this.#commitOrWait();
    else if (this.#delay.isFull(this.#waiting.length)) this.#commit();
  }

  #commitOrWait(): void {
    const until = this.#delay.until(this.#since, this.#waiting.length);
    const commits = this.#commits;
    if (until <= this.#time.now) this.#commit();
    else
      this.#time.at(until, () => {
        if (commits === this.#commits) this.#commitOrWait();
      });
  }

  #commit(): void {
    const events = this.#waiting;
    this.#waiting = [];
    this.#commits++;
    this.#delay.committed();
    this.#record();
    this.#confirming = true;
    this.#time.after(this.#setup.times.confirm, () => {
      this.#confirming = false;
      this.#kept(events);
      if (this.#waiting.length > 0) this.#commitOrWait();
    });
  }

  #kept(events: readonly number[]): void {
    const answered = this.#time.now + this.#setup.times.roundTrip / 2;
    for (const event of events) this.answers.push(answered - event);
    for (const backlog of this.#backlogs) {
      for (const event of events) backlog.events.push(event);
      this.#pump(backlog);
    }
  }

  #pump(backlog: { readonly events: Line<number>; underway: number }): void {
    while (backlog.underway < this.#slots) {
      const event = backlog.events.shift();
      if (event === undefined) return;
      backlog.underway++;
      this.#thread.take(false, this.#setup.times.post, () =>
        this.#time.after(this.#setup.times.answer, () => {
          backlog.underway--;
          this.deliveries.push(this.#time.now - event);
          this.#deliveredSinceRow();
          this.#pump(backlog);
        }),
      );
    }
  }

  #record(): void {
    this.rows++;
    this.#changed = false;
  }

  #deliveredSinceRow(): void {
    this.#changed = true;
    if (this.#timed) return;
    this.#timed = true;
    this.#time.after(progressDelayMs, () => {
      this.#timed = false;
      if (this.#changed) this.#record();
    });
  }
}
