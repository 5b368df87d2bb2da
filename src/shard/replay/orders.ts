/**
 * Orders of shard 0 to all shards: to begin a replay, or to cancel it. Each shard has a part of the events, and a row of
 * its own. A shard that cannot be reached is told by a later alarm.
 */
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import { watchdogMs } from "../watchdog.ts";
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
  readonly pumps: ReadonlyMap<string, { readonly readTo: number }>;
  readonly schedule: Schedule;
  readonly cluster: { readonly shards: number };
}

export class ReplayOrders {
  readonly #replays: Replays;
  readonly #roles: OrderRoles;
  readonly #clock: Clock;

  constructor(replays: Replays, roles: OrderRoles, clock: Clock) {
    this.#replays = replays;
    this.#roles = roles;
    this.#clock = clock;
  }

  /** A shard is still to be told. */
  get unfinished(): boolean {
    return this.#replays.all.some(({ untold }) => untold.length > 0);
  }

  /** Takes over an order of shard 0. */
  take(order: HandedOrder): void {
    this.#replays.take(order, this.#fresh(order));
  }

  #fresh({ destination, last }: HandedOrder): number {
    return this.#roles.pumps.get(destination)?.readTo ?? last;
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
      return row.untold.find(([one]) => one === shard) ?? [shard, 0, 0, 0];
    });
    this.#replays.cancel(id, untold);
    return true;
  }

  /** Tells the shards that are still to hear of an order. An alarm tries again what has failed. */
  async notify(): Promise<void> {
    if (!this.unfinished) return;
    this.#roles.schedule.alarmBy(this.#clock.now() + watchdogMs);
    await Promise.all(
      this.#replays.all.filter(({ untold }) => untold.length > 0).map((row) => this.#tell(row)),
    );
  }

  async #tell(row: ReplayRow): Promise<void> {
    const cancelled = row.state === "cancelled";
    const { id, destination, since, until, choice, orderedAt, narrowing, started, perSecond } = row;
    const filter = { destination, since, until, choice, orderedAt, narrowing };
    const order = { ...filter, id, started, perSecond, cancelled };
    const told = row.untold;
    const calls = told.map(([shard, matched, first, last]) =>
      this.#roles.peers.shard(shard).takeReplay({ ...order, matched, first, last }),
    );
    const answers = await Promise.allSettled(calls);
    // A replay that was cancelled meanwhile has calls of its own.
    if (cancelled !== (row.state === "cancelled")) return;
    const missed = told.filter((_, index) => answers[index]!.status === "rejected");
    if (missed.length < told.length) this.#replays.setUntold(id, missed);
  }
}
