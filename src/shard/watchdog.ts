/** Sets the alarm where it must fire: within 30 s while work is left, else when retention has something to do. */
import type { Clock } from "./clock.ts";
import type { Schedule } from "./schedule.ts";

/** While work is left, the alarm is at most so far ahead, whatever happens to the object. Milliseconds. */
export const watchdogMs = 30_000;

/** How often at most to look whether a day must go. Milliseconds. */
const retentionEveryMs = 1_000;

/** A stage that may have something left to do. */
export interface Stage {
  readonly unfinished: boolean;
}

/** When days must go. */
interface Retention {
  /** Unix milliseconds; null: never. */
  nextAt(now: number): number | null;
}

export class Watchdog {
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #retention: Retention;
  readonly #stages: readonly Stage[];
  #retentionAt = 0;

  constructor(clock: Clock, schedule: Schedule, retention: Retention, stages: readonly Stage[]) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#retention = retention;
    this.#stages = [schedule, ...stages];
  }

  arm(): void {
    const now = this.#clock.now();
    if (this.#stages.some(({ unfinished }) => unfinished)) this.#schedule.alarmBy(now + watchdogMs);
    if (this.#schedule.armed && Math.abs(now - this.#retentionAt) < retentionEveryMs) return;
    this.#retentionAt = now;
    const next = this.#retention.nextAt(now);
    if (next !== null) this.#schedule.alarmBy(next);
  }
}
