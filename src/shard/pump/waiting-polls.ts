/** Polls that wait for an event. Each is a pending call. */
import type { Clock } from "../clock.ts";
import { StopTime } from "../stop-time.ts";

export class WaitingPolls {
  readonly #clock: Clock;
  readonly #stop: StopTime;
  readonly #ends = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#stop = new StopTime(clock);
  }

  /** Whether any poll waits. */
  get some(): boolean {
    return this.#ends.size > 0;
  }

  /** Whether the process ends, so that none should wait. */
  get stopped(): boolean {
    return this.#stop.lasts;
  }

  /** Resolves when an event may be there, or the time is up. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#ends.delete(end);
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#ends.add(end);
    });
  }

  /** Each of them looks whether it gets an event. */
  wake(): void {
    for (const end of [...this.#ends]) end();
  }

  /** Before the process ends: all are answered. */
  stop(): void {
    this.#stop.begin();
    this.wake();
  }
}
