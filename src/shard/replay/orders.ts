/**
 * Orders of shard 0 to all shards: to begin a replay, or to cancel it. Each shard has a part of the events, and a row of
 * its own.
 */
import type { Clock } from "../clock.ts";
import { Orders } from "../cluster/orders.ts";
import type { Schedule } from "../schedule.ts";
import type { HandedOrder, ReplayFilter, ReplayPart } from "./order.ts";
import type { Replays } from "./replays.ts";
import type { ReplayRow, Untold } from "./table.ts";

/** The call of shard 0 to another shard. */
export interface ReplayPeer {
  takeReplay(order: HandedOrder): Promise<void>;
}

export interface OrderRoles {
  readonly peers: { shard(index: number): ReplayPeer };
  /** The pumps, by destination. */
  readonly pumps: ReadonlyMap<string, { readonly untriedFrom: number }>;
  readonly schedule: Schedule;
  readonly cluster: { readonly shards: number };
}

export class ReplayOrders {
  readonly #replays: Replays;
  readonly #orders: Orders<Untold, ReplayRow>;
  readonly #roles: OrderRoles;
  readonly #clock: Clock;

  constructor(replays: Replays, roles: OrderRoles, clock: Clock) {
    this.#replays = replays;
    this.#orders = new Orders(replays, this, roles.schedule, clock);
    this.#roles = roles;
    this.#clock = clock;
  }

  /** A shard is still to be told. */
  get unfinished(): boolean {
    return this.#orders.unfinished;
  }

  /** Takes over an order of shard 0. */
  take(order: HandedOrder): void {
    this.#replays.take(order, this.#fresh(order));
  }

  #fresh({ destination, last }: HandedOrder): number {
    return this.#roles.pumps.get(destination)?.untriedFrom ?? last;
  }

  /**
   * Shard 0's: begins a replay here. `notify` begins it everywhere.
   * @param parts of all shards, in their order. Fails, and does nothing, if a shard's part is missing
   * @returns its id
   */
  start(filter: ReplayFilter, perSecond: number, parts: readonly ReplayPart[]): string {
    const { shards } = this.#roles.cluster;
    if (parts.length < shards) throw new Error(`${parts.length} of ${shards} shards were asked to count`);
    const started = this.#clock.now();
    const own = parts[0] ?? { matched: 0, first: 0, last: 0 };
    const order = { ...filter, ...own, id: this.#newId(started), started, perSecond, cancelled: false };
    const untold = parts.flatMap(({ matched, first, last }, shard): Untold[] =>
      shard === 0 || matched === 0 ? [] : [[shard, matched, first, last]],
    );
    const total = parts.reduce((sum, { matched }) => sum + matched, 0);
    this.#replays.take(order, this.#fresh(order), { total, untold });
    return order.id;
  }

  /** Ids sort by time. */
  #newId(now: number): string {
    const chance = Math.floor(this.#clock.random() * 36 ** 8);
    return `rpl_${now.toString(36)}${chance.toString(36).padStart(8, "0")}`;
  }

  /** Shard 0's: cancels a replay here. `notify` cancels it everywhere. False: there is no such replay. */
  cancel(id: string): boolean {
    const row = this.#replays.find(id);
    if (row === null) return false;
    const shards = Math.max(0, this.#roles.cluster.shards - 1);
    const untold = Array.from({ length: shards }, (_, index): Untold => {
      const shard = index + 1;
      const [, matched = 0, first = 0, last = 0] = row.untold.find(([one]) => one === shard) ?? [];
      return [shard, matched, first, last];
    });
    this.#replays.cancel(id, untold);
    return true;
  }

  /** Tells the shards that are still to be told. */
  notify(): Promise<void> {
    return this.#orders.notify();
  }

  /** Tells one shard its part: a call of `Orders`. */
  tell(row: ReplayRow, [shard, matched, first, last]: Untold): Promise<void> {
    const { id, destination, since, until, choice, orderedAt, narrowing, started, perSecond } = row;
    const filter = { destination, since, until, choice, orderedAt, narrowing };
    const part = { matched, first, last };
    const order = { ...filter, ...part, id, started, perSecond, cancelled: row.state === "cancelled" };
    return this.#roles.peers.shard(shard).takeReplay(order);
  }
}
