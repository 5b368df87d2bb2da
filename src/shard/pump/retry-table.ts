/**
 * The table of the retry list, with its indexes. Rows hold long texts: no statement may look through all of them.
 *
 * A row of `retry`:
 *
 *     destination  audit
 *     due          1794160005000          Unix milliseconds
 *     position     1837219840000000       of the event; of a batch, of its first
 *     last         1837219840000000       of a batch, of its last
 *     positions    NULL                   of a batch: [1837219840000000,1837219840000001]
 *     failures     1                      decides the next wait
 *     attempts     [{"number":1,"at":1794160000000,"ms":12,"status":500,"error":"answered 500","response":"…"}]
 *     behind       NULL                   the position whose entry must leave the list before this one is tried
 *     replay       NULL                   of a replay, the value of `tim-relay-replay`: single, dead-letters, rpl_…
 *     format       1
 *
 * Rows written: insert 3 · delete 1.
 */
import type { Sql } from "../sql.ts";

/** The columns that are read with an entry; its attempts are read apart. */
export type RetryRow = {
  destination: string;
  due: number;
  position: number;
  positions: string | null;
  failures: number;
  behind: number | null;
  replay: string | null;
};

export const columns = "destination, due, position, positions, failures, behind, replay";

/** Conditions, each with the index that answers it: by itself SQLite looks through all rows of a destination. */
export const singles = "INDEXED BY retry_single WHERE positions IS NULL";
export const batches = "INDEXED BY retry_batch WHERE positions IS NOT NULL";
export const free = "INDEXED BY retry_free WHERE behind IS NULL";
export const followers = "INDEXED BY retry_behind WHERE behind IS NOT NULL";

/** Makes the table, or adds the columns and indexes that an older version's lacks. */
export function makeRetryTable(sql: Sql): void {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS retry (destination TEXT NOT NULL, due INTEGER NOT NULL, position INTEGER NOT NULL, last INTEGER NOT NULL, positions TEXT, failures INTEGER NOT NULL, attempts TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, behind INTEGER, replay TEXT, PRIMARY KEY (destination, due, position)) WITHOUT ROWID",
  );
  const [made] = sql
    .exec<{ statement: string }>("SELECT sql AS statement FROM sqlite_master WHERE name = 'retry'")
    .toArray();
  for (const column of ["behind INTEGER", "replay TEXT"])
    if (!made?.statement.includes(column)) sql.exec(`ALTER TABLE retry ADD COLUMN ${column}`);
  for (const index of [
    "retry_single ON retry (position, destination) WHERE positions IS NULL",
    "retry_batch ON retry (destination, last) WHERE positions IS NOT NULL",
    "retry_behind ON retry (destination, behind) WHERE behind IS NOT NULL",
    "retry_free ON retry (destination, due, position) WHERE behind IS NULL",
  ])
    sql.exec(`CREATE INDEX IF NOT EXISTS ${index}`);
  // A rollback to a version without this column removes entries and leaves their followers waiting.
  sql.exec(
    `UPDATE retry SET behind = NULL WHERE behind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM retry AS other ${singles} AND other.position = retry.behind AND other.destination = retry.destination)`,
  );
}
