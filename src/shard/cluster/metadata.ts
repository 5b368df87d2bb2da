/**
 * What must hold on every shard and outlive everything: how many shards there are, which destinations are paused or
 * disabled. Shard 0 decides; the others hold a copy, got at their birth and whenever something changes. Beside it,
 * what a shard must not forget about itself.
 *
 * Rows of `standing`:
 *
 *     agreed  {"version":3,"id":"7w2e9q","shards":2,"paused":["audit"],"disabled":[],"resumed":{"audit":1}}
 *     untold  [1]                          shards that have not got it yet; on another shard, [0]: a 410 to report
 *     drift   240000                       how far an event's own time was from the journal's, milliseconds
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
  /** How often each destination was resumed: a shard that learns of one more lets go of what held it back. */
  resumed?: Record<string, number>;
}

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
  /** Whether a copy of what is agreed was ever kept here. */
  #born = false;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS standing (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    );
    for (const { name, value } of sql.exec<{ name: string; value: string }>(
      "SELECT name, value FROM standing",
    )) {
      Object.assign(this.#rows, { [name]: JSON.parse(value) });
      if (name === "agreed") this.#born = true;
    }
  }

  get initialized(): boolean {
    return this.#born;
  }

  get agreed(): ClusterState {
    return this.#rows.agreed;
  }

  get untold(): readonly number[] {
    return this.#rows.untold;
  }

  /** How far an event's own time may be from the journal's. Milliseconds. */
  get drift(): number {
    return this.#rows.drift;
  }

  held(destination: string): boolean {
    return this.agreed.paused.includes(destination) || this.agreed.disabled.includes(destination);
  }

  /** Takes a copy, unless it is older than ours. */
  take(agreed: ClusterState): void {
    if (this.#born && agreed.version <= this.agreed.version) return;
    this.#write("agreed", agreed);
    this.#born = true;
  }

  /** Decides something: shard 0's to do. False if it was so already. */
  decide(change: Partial<Omit<ClusterState, "version">>): boolean {
    const agreed = { ...this.agreed, ...change };
    if (this.#born && JSON.stringify(agreed) === JSON.stringify(this.agreed)) return false;
    this.take({ ...agreed, version: this.agreed.version + 1 });
    return true;
  }

  /** Disables here, at once, without waiting for shard 0. */
  disable(destination: string): void {
    const { disabled } = this.agreed;
    if (!disabled.includes(destination))
      this.#write("agreed", { ...this.agreed, disabled: [...disabled, destination] });
  }

  tell(shards: readonly number[]): void {
    if (shards.join() !== this.untold.join()) this.#write("untold", [...shards]);
  }

  /** Widens what `drift` allows, generously, so that it is seldom written. */
  widenClockSkew(ms: number): void {
    if (ms > this.drift) this.#write("drift", 2 * ms);
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
