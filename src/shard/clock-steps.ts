/** Where the clock was set back, every wait that ends at a stored time is moved along: no wait becomes longer. */
import { log } from "../log.ts";
import type { Clock } from "./clock.ts";
import type { Progress } from "./journal/progress.ts";
import type { Schedule } from "./schedule.ts";
import type { ShardStorage } from "./storage.ts";
import { watchdogMs } from "./watchdog.ts";

/** A smaller step back changes nothing. Milliseconds. */
const toleranceMs = 1_000;

/** Stages that remember times to come. */
interface Waits {
  setBack(ms: number): void;
}

export class ClockSteps {
  readonly #clock: Clock;
  readonly #waits: Waits;
  readonly #storage: ShardStorage;
  readonly #progress: Progress;
  readonly #schedule: Schedule;

  constructor(clock: Clock, waits: Waits, storage: ShardStorage, progress: Progress, schedule: Schedule) {
    this.#clock = clock;
    this.#waits = waits;
    this.#storage = storage;
    this.#progress = progress;
    this.#schedule = schedule;
  }

  look(): void {
    const now = this.#clock.now();
    const back = this.#progress.seenAt - now;
    // A full disk keeps no object from starting, and ends none: the waits are moved once it takes a row.
    if (back > toleranceMs && !this.#progress.proveWritable()) {
      this.#schedule.alarmBy(now + watchdogMs);
      return;
    }
    this.#progress.seenAt = now;
    if (back <= toleranceMs) return;
    log.warn("clock set back", { shard: this.#storage.shard, ms: back });
    this.#storage.atomically(() => {
      this.#waits.setBack(back);
      this.#progress.write();
    });
    this.#schedule.at(now);
  }
}
