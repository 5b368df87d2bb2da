/**
 * What a shard's storage is billed for, counted as the storage reports it, without writing a row to do so.
 * https://developers.cloudflare.com/durable-objects/platform/pricing/#sqlite-storage-backend
 */

/** Names and how often, ever. Every segment tells the sums: they survive without a row of their own. */
export type Counters = Record<string, number>;

export function count(counters: Counters, name: string, times = 1): void {
  counters[name] = (counters[name] ?? 0) + times;
}

/**
 * The same storage, with its statements' rows added to `rowsWritten` and `rowsRead`. A cursor goes on reading after
 * its statement has begun: what it has read is added when the next begins, for nobody reads two at a time.
 */
export function metered(sql: SqlStorage, counters: Counters): SqlStorage {
  let last: { rowsRead: number } | null = null;
  return {
    Cursor: sql.Cursor,
    Statement: sql.Statement,
    get databaseSize() {
      return sql.databaseSize;
    },
    exec<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]) {
      if (last) count(counters, "rowsRead", last.rowsRead);
      const cursor = sql.exec<Row>(query, ...bindings);
      count(counters, "rowsWritten", cursor.rowsWritten);
      last = cursor;
      return cursor;
    },
  };
}
