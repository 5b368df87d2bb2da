/**
 * What a shard must remember about itself and about all shards: how many there are, which destinations are paused or
 * disabled. Shard 0 decides the cluster's state; each other shard keeps a copy, got when it starts for the first time
 * and after every change.
 *
 * Rows of `standing`:
 *
 *     agreed  {"version":3,"id":"7w2e9q","shards":2,"paused":["audit"],"disabled":[],"resumed":{"audit":1}}
 *     untold  [1]                          shards to notify of the state; on another shard [0]: a 410 to report
 *     drift   240000                       the largest clock skew between an event and its position, milliseconds
 *
 * Rows written: one each time one of them changes.
 */
import type { Sql } from "../sql.ts";

export interface ClusterState {
  /** Grows with every change. */
  version: number;
  /** This gateway's own name in the header `tim-relay-loop`. */
  id?: string;
  shards: number;
  paused: string[];
  /** Answered 410, and were not resumed since. */
  disabled: string[];
  /** How often each destination was resumed: a shard that sees the number grow ends its holds. */
  resumed?: Record<string, number>;
}

/** As stored: the names of the rows are older than the code's. */
interface Rows {
  agreed: ClusterState;
  untold: number[];
  drift: number;
}

export class ShardMetadata {
  readonly #sql: Sql;
  readonly #rows: Rows = {
    agreed: { version: 0, shards: 1, paused: [], disabled: [] },
    untold: [],
    drift: 120_000,
  };
  #initialized = false;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS standing (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    );
    for (const { name, value } of sql.exec<{ name: string; value: string }>(
      "SELECT name, value FROM standing",
    )) {
      Object.assign(this.#rows, { [name]: JSON.parse(value) });
      if (name === "agreed") this.#initialized = true;
    }
  }

  /** Whether a cluster state was ever kept here. */
  get initialized(): boolean {
    return this.#initialized;
  }

  get cluster(): ClusterState {
    return this.#rows.agreed;
  }

  /** Shards that are still to be notified. */
  get pendingNotifications(): readonly number[] {
    return this.#rows.untold;
  }

  /** How far an event's own time may be from the time of its position. Milliseconds. */
  get clockSkewMs(): number {
    return this.#rows.drift;
  }

  /** Takes a copy of the state, unless it is older than ours. */
  take(state: ClusterState): void {
    if (this.#initialized && state.version <= this.cluster.version) return;
    this.#write("agreed", state);
    this.#initialized = true;
  }

  /** Decides something: shard 0's to do. False if it was so already. */
  decide(change: Partial<Omit<ClusterState, "version">>): boolean {
    const state = { ...this.cluster, ...change };
    if (this.#initialized && JSON.stringify(state) === JSON.stringify(this.cluster)) return false;
    this.take({ ...state, version: this.cluster.version + 1 });
    return true;
  }

  /** Disables a destination here, at once, without waiting for shard 0. */
  disable(destination: string): void {
    const { disabled } = this.cluster;
    if (!disabled.includes(destination))
      this.#write("agreed", { ...this.cluster, disabled: [...disabled, destination] });
  }

  /** Remembers which shards are still to be notified. */
  setPending(shards: readonly number[]): void {
    if (shards.join() !== this.pendingNotifications.join()) this.#write("untold", [...shards]);
  }

  /** Widens the allowed clock skew, generously, so that it is seldom written. */
  widenClockSkew(ms: number): void {
    if (ms > this.clockSkewMs) this.#write("drift", 2 * ms);
  }

  #write<Name extends keyof Rows>(name: Name, value: Rows[Name]): void {
    this.#rows[name] = value;
    this.#sql.exec(
      "INSERT OR REPLACE INTO standing (name, value) VALUES (?, ?)",
      name,
      JSON.stringify(value),
    );
  }
}
