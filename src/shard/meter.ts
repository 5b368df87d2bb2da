/**
 * A shard's counters, the rows that its storage bills among them. Counting writes no row: segments carry the sums.
 * https://developers.cloudflare.com/durable-objects/platform/pricing/#sqlite-storage-backend
 */
import type { CounterName } from "../counters.ts";
import type { Sql, SqlValue } from "./sql.ts";

/** Sums by counter name. Sums that another version has stored may have other names. */
export type Counters = Record<string, number>;

export function count(counters: Counters, name: CounterName, times = 1): void {
  counters[name] = (counters[name] ?? 0) + times;
}

/** Adds other sums, so many times: -1 takes them back. */
export function add(counters: Counters, other: Readonly<Counters>, times = 1): void {
  for (const [name, sum] of Object.entries(other)) counters[name] = (counters[name] ?? 0) + times * sum;
}

export class Meter {
  readonly counters: Counters = {};

  count(name: CounterName, times = 1): void {
    count(this.counters, name, times);
  }

  add(counters: Readonly<Counters>): void {
    add(this.counters, counters);
  }

  /** Takes back counts of work that has failed as a whole. */
  subtract(counters: Readonly<Counters>): void {
    add(this.counters, counters, -1);
  }
}

/**
 * The same storage, with its statements' rows added to `rowsWritten` and `rowsRead`. The rows that a cursor has read
 * are added when the next statement begins: no caller reads two cursors at a time.
 */
export function metered(sql: Sql, meter: Meter): Sql {
  let last: { readonly rowsRead: number } | null = null;
  return {
    exec<Row extends Record<string, SqlValue>>(text: string, ...bindings: unknown[]) {
      if (last) meter.count("rowsRead", last.rowsRead);
      const cursor = sql.exec<Row>(text, ...bindings);
      meter.count("rowsWritten", cursor.rowsWritten);
      last = cursor;
      return cursor;
    },
  };
}
