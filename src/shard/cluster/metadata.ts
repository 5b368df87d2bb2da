/**
 * The table of a shard's metadata: facts about itself and about all shards that must outlive the object.
 *
 * Rows of `standing`:
 *
 *     agreed  {"version":3,"id":"7w2e9q","shards":2,"paused":["audit"],"disabled":[],"resumed":{"audit":1}}
 *     untold  [1]                          shards to notify of the state; on another shard [0]: a 410 to report
 *     drift   240000                       the largest clock skew between an event and its position, milliseconds
 *     damaged [[1837219840000000,12]]      rows of the journal that cannot be read: their positions and events
 *     watched {"version":1794160000000,"filters":[{"command":"Group.*",…}]}   what viewers of the tail see; not on shard 0
 *     hastened {"audit":1794160005000}     retry lists that become due, each up to entries of that time
 *
 * Rows written: one each time one of them changes.
 */
import type { Sql } from "../sql.ts";
import type { ClusterState } from "./cluster-state.ts";

/** The names of the rows are older than the words of the code. */
interface Rows {
  agreed: ClusterState;
  untold: number[];
  drift: number;
  damaged: [position: number, events: number][];
  hastened: Record<string, number>;
  watched: {
    version: number;
    filters: Record<"command" | "conversation" | "account" | "destination", string | null>[];
  };
}

export class ShardMetadata {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS standing (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    );
  }

  /** Null if it was never written. */
  read<Name extends keyof Rows>(name: Name): Rows[Name] | null {
    const [row] = this.#sql
      .exec<{ value: string }>("SELECT value FROM standing WHERE name = ?", name)
      .toArray();
    return row ? JSON.parse(row.value) : null;
  }

  /** Writes rows: all or, if it throws, none. */
  write(rows: Partial<Rows>): void {
    const values = Object.entries(rows).flatMap(([name, value]) => [name, JSON.stringify(value)]);
    const places = Object.keys(rows).map(() => "(?, ?)");
    this.#sql.exec(`INSERT OR REPLACE INTO standing (name, value) VALUES ${places.join()}`, ...values);
  }
}
