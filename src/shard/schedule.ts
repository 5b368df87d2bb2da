/** When a shard runs again by itself: a timer for soon, which costs nothing, the alarm for later, which survives. */

/** Longer waits are alarms. Milliseconds. */
const longestTimer = 2_000;

/** As much of an object's storage as this needs. */
interface AlarmStorage {
  getAlarm(): Promise<number | null>;
  setAlarm(at: number): Promise<void>;
}

export class Schedule {
  readonly #storage: AlarmStorage;
  readonly #run: () => void;
  readonly #armed: () => void;
  #timer: { at: number; timer: ReturnType<typeof setTimeout> } | null = null;
  #alarmAt: number | null = null;

  /**
   * @param run called when a timer has run down
   * @param armed called when the alarm has moved: 1 row written
   */
  constructor(storage: AlarmStorage, run: () => void, armed: () => void) {
    this.#storage = storage;
    this.#run = run;
    this.#armed = armed;
  }

  async load(): Promise<void> {
    this.#alarmAt = await this.#storage.getAlarm();
  }

  /** Whether a timer is set, which a crash would forget. */
  get soon(): boolean {
    return this.#timer !== null;
  }

  /** Whether the alarm is set. */
  get armed(): boolean {
    return this.#alarmAt !== null;
  }

  /** Runs at a time, at the latest. */
  at(ms: number): void {
    const wait = ms - Date.now();
    if (wait > longestTimer) {
      this.alarmBy(ms);
      return;
    }
    if (this.#timer) {
      if (this.#timer.at <= ms) return;
      clearTimeout(this.#timer.timer);
    }
    const timer = setTimeout(
      () => {
        this.#timer = null;
        this.#run();
      },
      Math.max(0, wait),
    );
    this.#timer = { at: ms, timer };
  }

  /** The alarm only ever moves earlier. */
  alarmBy(ms: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= ms) return;
    this.#alarmAt = ms;
    this.#armed();
    void this.#storage.setAlarm(ms);
  }

  /** An alarm that has fired is used up. */
  fired(): void {
    this.#alarmAt = null;
  }
}
