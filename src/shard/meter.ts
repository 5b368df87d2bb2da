/**
 * What a shard's storage is billed for, counted as the storage reports it, without writing a row to do so.
 * https://developers.cloudflare.com/durable-objects/platform/pricing/#sqlite-storage-backend
 */
import type { Sql, SqlValue } from "./sql.ts";

/** Names and how often, ever. Every segment tells the sums: they survive without a row of their own. */
export type Counters = Record<string, number>;

export function count(counters: Counters, name: string, times = 1): void {
  counters[name] = (counters[name] ?? 0) + times;
}

/**
 * The same storage, with its statements' rows added to `rowsWritten` and `rowsRead`. What a cursor has read is added
 * when the next statement begins, for nobody reads two at a time.
 */
export function metered(sql: Sql, counters: Counters): Sql {
  let last: { readonly rowsRead: number } | null = null;
  return {
    exec<Row extends Record<string, SqlValue>>(text: string, ...bindings: unknown[]) {
      if (last) count(counters, "rowsRead", last.rowsRead);
      const cursor = sql.exec<Row>(text, ...bindings);
      count(counters, "rowsWritten", cursor.rowsWritten);
      last = cursor;
      return cursor;
    },
  };
}
