/**
 * Orders of shard 0 that all shards follow. A row of shard 0 lists the shards still to be told, each with its part of
 * the order. A shard that cannot be reached is told by a later alarm.
 */
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import { watchdogMs } from "../watchdog.ts";
import { inTime } from "./in-time.ts";

/** A shard that is still to be told of an order, and its part. */
export type Part = readonly [shard: number, ...rest: number[]];

/** An order, in its row on shard 0. */
export interface OrderRow<Untold extends Part> {
  readonly id: string;
  readonly untold: readonly Untold[];
}

export interface OrderRows<Untold extends Part, Row extends OrderRow<Untold>> {
  readonly all: readonly Row[];
  find(id: string): Row | null;
  /** Records which shards are still to be told. */
  setUntold(id: string, untold: Untold[]): void;
}

export interface Teller<Untold extends Part, Row extends OrderRow<Untold>> {
  /** Tells one shard its part. Rejects if the shard has not taken it over. */
  tell(row: Row, part: Untold): Promise<void>;
}

export class Orders<Untold extends Part, Row extends OrderRow<Untold>> {
  readonly #rows: OrderRows<Untold, Row>;
  readonly #teller: Teller<Untold, Row>;
  readonly #schedule: Schedule;
  readonly #clock: Clock;

  constructor(rows: OrderRows<Untold, Row>, teller: Teller<Untold, Row>, schedule: Schedule, clock: Clock) {
    this.#rows = rows;
    this.#teller = teller;
    this.#schedule = schedule;
    this.#clock = clock;
  }

  /** A shard is still to be told. */
  get unfinished(): boolean {
    return this.#rows.all.some(({ untold }) => untold.length > 0);
  }

  /** Tells the shards that are still to be told. An alarm tries again the calls that failed. */
  async notify(): Promise<void> {
    if (!this.unfinished) return;
    this.alarm();
    await Promise.all(this.#rows.all.map((row) => this.#tell(row)));
  }

  /** An alarm tells the shards that are not told until then. */
  alarm(): void {
    this.#schedule.alarmBy(this.#clock.now() + watchdogMs);
  }

  async #tell(row: Row): Promise<void> {
    const told = new Set<Untold>();
    const calls = row.untold.map(async (part) => {
      await inTime(this.#teller.tell(row, part), this.#clock);
      told.add(part);
    });
    await Promise.allSettled(calls);
    // Another round may have told some of these shards meanwhile. A later order has parts of its own.
    const untold = this.#rows.find(row.id)?.untold ?? [];
    const left = untold.filter((part) => !told.has(part));
    if (left.length < untold.length) this.#rows.setUntold(row.id, left);
  }
}
