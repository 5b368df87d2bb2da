/** The part of an object's SQLite storage that a shard uses; the platform's `SqlStorage` has it. */
import { log } from "../log.ts";

export type SqlValue = ArrayBuffer | string | number | null;

export interface Sql {
  exec<Row extends Record<string, SqlValue>>(text: string, ...bindings: unknown[]): SqlCursor<Row>;
}

export interface SqlCursor<Row> extends Iterable<Row> {
  toArray(): Row[];
  one(): Row;
  /** Rows read so far: a cursor reads on while its rows are taken. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** Whether there is such a table. */
export function hasTable(sql: Sql, name: string): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name).toArray().length > 0;
}

/** The days that have a table of this kind, `segment_20261122`, oldest first. */
export function daysWith(sql: Sql, kind: string): string[] {
  return sql
    .exec<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '${kind}\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .toArray()
    .map(({ name }) => name.slice(kind.length + 1));
}

/**
 * The list that a text of a row holds; empty if the text is torn. For texts that a delivery can do without: one of
 * them must not keep a shard from all its events.
 */
export function listIn<Item>(text: string): Item[] {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text, which may be an answer.
    log.error("torn text of a row", { characters: text.length });
    return [];
  }
}
