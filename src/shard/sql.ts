/** As much of an object's SQLite storage as a shard uses; `SqlStorage` of the platform is one. */

export type SqlValue = ArrayBuffer | string | number | null;

export interface Sql {
  exec<Row extends Record<string, SqlValue>>(text: string, ...bindings: unknown[]): SqlCursor<Row>;
}

export interface SqlCursor<Row> extends Iterable<Row> {
  toArray(): Row[];
  one(): Row;
  /** So far: a cursor reads on while its rows are taken. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}
