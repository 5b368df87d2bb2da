/**
 * Erasures of accounts: each goes through the journal, as far as it reached when the erasure was asked for.
 *
 * A row of `erasure`:
 *
 *     id        ers_m1abc2345678
 *     account   lan                    NULL once it is done: then nothing here names the account
 *     target    9f86d081               of the account's SHA-256
 *     position  1837219840000000       events before it are erased
 *     until     1837219850000000       events from there on are not
 *     matched   40                     events that named the account at the beginning
 *     erased    12                     events that are erased
 *     started   1794160000000          Unix milliseconds
 *     ended     NULL                   likewise
 *     format    1
 *
 * Rows written: ask 1 · a step 1, and one of the journal for its progress · forget 1.
 */
import { hasTable, type Sql } from "../sql.ts";

/** So many that have ended are kept. */
const mostEnded = 100;

export type ErasureRow = {
  id: string;
  account: string | null;
  /** The first 8 hexadecimal digits of the account's SHA-256. */
  target: string;
  position: number;
  until: number;
  matched: number;
  erased: number;
  started: number;
  ended: number | null;
};

const columns = "id, account, target, position, until, matched, erased, started, ended";

export class ErasureTable {
  readonly #sql: Sql;
  #isMade: boolean;
  #rows: ErasureRow[];

  constructor(sql: Sql) {
    this.#sql = sql;
    // Without an erasure there is no table: a start writes no row.
    this.#isMade = hasTable(sql, "erasure");
    this.#rows = this.#isMade
      ? sql.exec<ErasureRow>(`SELECT ${columns} FROM erasure ORDER BY started, id`).toArray()
      : [];
  }

  /** In the order in which they were asked for. */
  get all(): readonly ErasureRow[] {
    return this.#rows;
  }

  /** The one that goes on; undefined: none is left. */
  get next(): (ErasureRow & { account: string }) | undefined {
    return this.#rows.find((row): row is ErasureRow & { account: string } => row.account !== null);
  }

  add(row: ErasureRow): void {
    if (!this.#isMade)
      this.#sql.exec(
        "CREATE TABLE IF NOT EXISTS erasure (id TEXT PRIMARY KEY, account TEXT, target TEXT NOT NULL, position INTEGER NOT NULL, until INTEGER NOT NULL, matched INTEGER NOT NULL, erased INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER, format INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID",
      );
    this.#isMade = true;
    if (this.#rows.some(({ id }) => id === row.id)) return;
    this.#write(row);
    this.#rows = [...this.#rows, row];
    const ended = this.#rows.filter((one) => one.ended !== null);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - mostEnded))) {
      this.#sql.exec("DELETE FROM erasure WHERE id = ?", id);
      this.#rows = this.#rows.filter((one) => one.id !== id);
    }
  }

  update(row: ErasureRow): void {
    this.#write(row);
    this.#rows = this.#rows.map((one) => (one.id === row.id ? row : one));
  }

  #write({ id, account, target, position, until, matched, erased, started, ended }: ErasureRow): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO erasure (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      account,
      target,
      position,
      until,
      matched,
      erased,
      started,
      ended,
    );
  }
}
