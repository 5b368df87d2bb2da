/** Sets the alarm: within 30 s while work is left, else when a day ends or a backlog grows old. */
import { elapsed } from "../elapsed.ts";
import type { Clock } from "./clock.ts";
import type { Schedule } from "./schedule.ts";

/** While work is left, the alarm is at most so far ahead, whatever happens to the object. Milliseconds. */
export const watchdogMs = 30_000;

/** How often at most the timed stages are asked. Milliseconds. */
const askEveryMs = 1_000;

/** A stage that may have something left to do. */
export interface Stage {
  readonly unfinished: boolean;
}

/** A stage that has something to do at a time, though nothing is left to do now. */
interface Timed {
  /** Unix milliseconds; null: never. */
  nextAt(now: number): number | null;
}

export class Watchdog {
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #timed: readonly Timed[];
  readonly #soonestMs: number;
  readonly #stages: readonly Stage[];
  #askedAt = 0;

  /** @param soonestMs an event needs no alarm of a timed stage sooner than so long after it. Milliseconds */
  constructor(
    clock: Clock,
    schedule: Schedule,
    timed: readonly Timed[],
    stages: readonly Stage[],
    soonestMs: number,
  ) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#timed = timed;
    this.#soonestMs = soonestMs;
    this.#stages = [schedule, ...stages];
  }

  arm(): void {
    const now = this.#clock.now();
    if (this.#stages.some(({ unfinished }) => unfinished)) this.#schedule.alarmBy(now + watchdogMs);
    // An alarm that fires before an event of now grows old asks again.
    if (this.#schedule.armedBy(now + this.#soonestMs) && elapsed(this.#askedAt, now) < askEveryMs) return;
    this.#askedAt = now;
    const times = this.#timed.map((stage) => stage.nextAt(now)).filter((time) => time !== null);
    if (times.length > 0) this.#schedule.alarmBy(Math.min(...times));
  }
}
