/**
 * Orders of shard 0 to all shards, itself among them: to begin an erasure. One row of shard 0 holds the order until each
 * shard has a row of its own.
 */

import { type Sentence, say } from "../../sentence.ts";
import type { Clock } from "../clock.ts";
import { Orders } from "../cluster/orders.ts";
import type { Schedule } from "../schedule.ts";
import type { Eraser, ErasureOrder, ErasurePart } from "./eraser.ts";
import type { OrderRow, OrderTable, Untold } from "./order-table.ts";
import type { ErasureReport } from "./report.ts";

/** A shard that was not told within this time has a problem. Milliseconds. */
const tellWithinMs = 5_000;

/** An erasure as it is asked for. */
export type AskedErasure = Omit<OrderRow, "untold">;

/** The call of shard 0 to another shard. */
export interface ErasurePeer {
  takeErasure(order: ErasureOrder): Promise<void>;
}

export interface ErasureRoles {
  readonly eraser: Eraser;
  readonly peers: { shard(index: number): ErasurePeer };
  readonly schedule: Schedule;
  readonly cluster: { readonly shards: number };
}

export class ErasureOrders {
  readonly #table: OrderTable;
  readonly #orders: Orders<Untold, OrderRow>;
  readonly #roles: ErasureRoles;
  readonly #clock: Clock;

  constructor(table: OrderTable, roles: ErasureRoles, clock: Clock) {
    this.#table = table;
    this.#orders = new Orders(table, this, roles.schedule, clock);
    this.#roles = roles;
    this.#clock = clock;
  }

  /** A shard is still to be told. */
  get unfinished(): boolean {
    return this.#orders.unfinished;
  }

  /** The parts that are still to begin. */
  get reports(): ErasureReport[] {
    return this.#table.all.flatMap(({ id, target, started, untold }) =>
      untold.map(([shard, matched]) => ({ id, target, started, shard, matched, erased: 0, ended: null })),
    );
  }

  /** Sentences for `/health`. They do not name the account. */
  get problems(): Sentence[] {
    const late = this.#table.all.filter(({ started }) => this.#clock.now() - started > tellWithinMs);
    return late.flatMap(({ id, untold }) =>
      untold.map(([shard]) => say`shard ${shard} has not been told of the erasure ${id} yet`),
    );
  }

  /**
   * Shard 0's: takes an erasure over. `notify` begins it everywhere.
   * @param parts of all shards, in their order. Fails, and does nothing, if a shard's part is missing
   */
  start(asked: AskedErasure, parts: readonly ErasurePart[]): void {
    const { shards } = this.#roles.cluster;
    if (parts.length < shards) throw new Error(`${parts.length} of ${shards} shards were asked to count`);
    const untold = parts.map(({ matched, until }, shard): Untold => [shard, matched, until]);
    this.#table.write({ ...asked, untold });
    this.#orders.alarm();
  }

  /** Tells the shards that are still to begin. */
  notify(): Promise<void> {
    return this.#orders.notify();
  }

  /** Tells one shard its part: a call of `Orders`. */
  async tell({ untold: _, ...asked }: OrderRow, [shard, matched, until]: Untold): Promise<void> {
    const { eraser, peers } = this.#roles;
    const order = { ...asked, matched, until };
    if (shard === 0) eraser.begin(order);
    else await peers.shard(shard).takeErasure(order);
  }
}
