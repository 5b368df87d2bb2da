/**
 * When a shard runs again by itself: a timer for soon, which costs nothing, the alarm for later, which survives.
 * https://developers.cloudflare.com/durable-objects/api/alarms/
 */
import type { Clock } from "./clock.ts";
import type { Meter } from "./meter.ts";

/** Longer waits are alarms. Milliseconds. */
const longestTimerMs = 2_000;

/** The alarm of an object's storage. */
export interface AlarmStorage {
  getAlarm(): Promise<number | null>;
  setAlarm(at: number): Promise<void>;
}

export class Schedule {
  readonly #storage: AlarmStorage;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #run: () => void;
  #timer: { at: number; cancel: () => void } | null = null;
  #alarmAt: number | null = null;

  /** @param run called when the timer has run down */
  constructor(storage: AlarmStorage, clock: Clock, meter: Meter, run: () => void) {
    this.#storage = storage;
    this.#clock = clock;
    this.#meter = meter;
    this.#run = run;
  }

  /** Reads when the alarm is set to. */
  async load(): Promise<void> {
    this.#alarmAt = await this.#storage.getAlarm();
  }

  /** A timer is set, which a crash would forget. */
  get unfinished(): boolean {
    return this.#timer !== null;
  }

  /** Whether the alarm is set to a time or earlier. */
  armedBy(ms: number): boolean {
    return this.#alarmAt !== null && this.#alarmAt <= ms;
  }

  /** Runs at a time, at the latest. */
  at(ms: number): void {
    const wait = ms - this.#clock.now();
    if (wait > longestTimerMs) {
      this.alarmBy(ms);
      return;
    }
    if (this.#timer) {
      if (this.#timer.at <= ms) return;
      this.#timer.cancel();
    }
    const cancel = this.#clock.after(Math.max(0, wait), () => {
      this.#timer = null;
      this.#run();
    });
    this.#timer = { at: ms, cancel };
  }

  /** The alarm only ever moves earlier. Rows written: 1 each time it moves. */
  alarmBy(ms: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= ms) return;
    this.#alarmAt = ms;
    this.#meter.count("rowsWritten");
    void this.#storage.setAlarm(ms);
  }

  /** An alarm that has fired is used up. */
  fired(): void {
    this.#alarmAt = null;
  }
}
