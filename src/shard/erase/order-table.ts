/**
 * Erasures that a shard is still to begin, on shard 0. A row goes when all shards have begun: then each has a row of
 * its own, and no order names the account.
 *
 * A row of `erasure_orders`:
 *
 *     id       ers_m1abc2345678
 *     account  lan
 *     target   9f86d081                   of the account's SHA-256
 *     started  1794160000000              Unix milliseconds
 *     untold   [[1,40,1837219850000000]]  shards to be told, with `matched` and `until` of each
 *     format   1
 *
 * Rows written: ask 1 · each round of telling in which a shard has begun 1.
 */
import { hasTable, listIn, type Sql } from "../sql.ts";
import type { ShardStorage } from "../storage.ts";

/** A shard that is still to be told, and its part. */
export type Untold = [shard: number, matched: number, until: number];

export interface OrderRow {
  id: string;
  account: string;
  target: string;
  started: number;
  untold: readonly Untold[];
}

type Stored = Omit<OrderRow, "untold"> & { untold: string };

export class OrderTable {
  readonly #sql: Sql;
  readonly #storage: ShardStorage;
  #isMade: boolean;
  readonly #rows = new Map<string, OrderRow>();

  constructor(sql: Sql, storage: ShardStorage) {
    this.#sql = sql;
    this.#storage = storage;
    // Without an erasure there is no table: a start writes no row.
    this.#isMade = hasTable(sql, "erasure_orders");
    if (!this.#isMade) return;
    const rows = sql.exec<Stored & Record<string, string | number>>(
      "SELECT id, account, target, started, untold FROM erasure_orders ORDER BY started, id",
    );
    for (const row of rows.toArray()) this.#rows.set(row.id, { ...row, untold: listIn<Untold>(row.untold) });
  }

  /** In the order in which they were asked for. */
  get all(): readonly OrderRow[] {
    return [...this.#rows.values()];
  }

  find(id: string): OrderRow | null {
    return this.#rows.get(id) ?? null;
  }

  /** Adds a row, writes it anew, or removes it where no shard is left to be told. */
  write(row: OrderRow): void {
    this.#storage.atomically(() => {
      if (row.untold.length > 0) this.#put(row);
      else this.#remove(row.id);
    });
  }

  setUntold(id: string, untold: Untold[]): void {
    const row = this.#rows.get(id);
    if (row) this.write({ ...row, untold });
  }

  #put(row: OrderRow): void {
    if (!this.#isMade)
      this.#sql.exec(
        "CREATE TABLE IF NOT EXISTS erasure_orders (id TEXT PRIMARY KEY, account TEXT NOT NULL, target TEXT NOT NULL, started INTEGER NOT NULL, untold TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID",
      );
    this.#isMade = true;
    const { id, account, target, started, untold } = row;
    this.#sql.exec(
      "INSERT OR REPLACE INTO erasure_orders (id, account, target, started, untold) VALUES (?, ?, ?, ?, ?)",
      id,
      account,
      target,
      started,
      JSON.stringify(untold),
    );
    this.#rows.set(id, row);
  }

  #remove(id: string): void {
    this.#sql.exec("DELETE FROM erasure_orders WHERE id = ?", id);
    this.#rows.delete(id);
  }
}
