/**
 * Makes the whole retry list of a destination due, in turns. A row remembers that it was asked for: after a crash the
 * rest becomes due.
 */
import type { Clock } from "./clock.ts";
import type { ShardMetadata } from "./cluster/metadata.ts";
import type { Progress } from "./journal/progress.ts";
import type { Destinations } from "./pump/destinations.ts";
import type { RetryList } from "./pump/retry-list.ts";
import type { Schedule } from "./schedule.ts";
import type { ShardStorage } from "./storage.ts";
import { endTurn } from "./turn.ts";
import { watchdogMs } from "./watchdog.ts";

/** Entries that become due in one turn. Each moves in several indexes. */
const entriesPerTurn = 200;

export interface RetryNowStages {
  readonly destinations: Destinations;
  readonly retries: RetryList;
  readonly metadata: ShardMetadata;
  readonly progress: Progress;
  readonly schedule: Schedule;
}

export class RetryNow {
  readonly #stages: RetryNowStages;
  readonly #storage: ShardStorage;
  readonly #clock: Clock;
  /** By destination: entries that are due until then become due. A failure meanwhile may be tried once more early. */
  #asked: Readonly<Record<string, number>>;
  #running: Promise<void> | null = null;

  constructor(stages: RetryNowStages, storage: ShardStorage, clock: Clock) {
    this.#stages = stages;
    this.#storage = storage;
    this.#clock = clock;
    this.#asked = stages.metadata.read("hastened") ?? {};
  }

  get unfinished(): boolean {
    return Object.keys(this.#asked).length > 0;
  }

  /**
   * Asks for it, and ends the obstacles on this shard: an open breaker, and a `Retry-After`. `run` does it.
   * @returns how many events are in the list
   */
  ask(destination: string): number {
    const { destinations, retries, progress, schedule } = this.#stages;
    const pump = destinations.pumps.get(destination);
    if (!pump) return 0;
    const latest = retries.rows.latest(destination);
    this.#storage.atomically(() => {
      pump.closeBreaker();
      if (latest !== null && latest > this.#clock.now())
        this.#keep({ ...this.#asked, [destination]: latest });
      progress.write();
    });
    schedule.alarmBy(this.#clock.now() + watchdogMs);
    return retries.counts.get(destination) ?? 0;
  }

  /** Makes due all that was asked for. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const [next] = Object.entries(this.#asked);
      if (!next) return;
      await this.#hasten(...next);
    }
  }

  /** From the latest entry backwards: an entry that fails meanwhile is passed by, unless its wait is short. */
  async #hasten(destination: string, asked: number): Promise<void> {
    const { retries, schedule } = this.#stages;
    for (let until: number | null = asked; until !== null; ) {
      const before: number = until;
      const now = this.#clock.now();
      this.#storage.atomically(() => {
        until = retries.hasten(destination, before, now, entriesPerTurn);
        if (until !== null || this.#asked[destination] !== asked) return;
        const { [destination]: _, ...others } = this.#asked;
        this.#keep(others);
      });
      schedule.at(now);
      await endTurn(this.#clock);
    }
  }

  #keep(asked: Readonly<Record<string, number>>): void {
    this.#stages.metadata.write({ hastened: { ...asked } });
    this.#asked = asked;
  }
}
