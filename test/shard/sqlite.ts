/** SQLite as a shard sees it, in memory, for tests of what owns a table. */
import { DatabaseSync } from "node:sqlite";
import type { Sql, SqlValue } from "../../src/shard/sql.ts";

export interface TestSql extends Sql {
  /** How SQLite would find the rows of a statement. */
  plan(text: string, ...bindings: SqlValue[]): string;
}

export function newSql(): TestSql {
  const database = new DatabaseSync(":memory:");
  return {
    exec<Row extends Record<string, SqlValue>>(text: string, ...bindings: unknown[]) {
      const statement = database.prepare(text);
      const before = changes(database);
      const values = bindings.map(bound);
      const rows = statement.all(...(values as string[])) as Row[];
      return {
        toArray: () => rows,
        one: () => rows[0]!,
        rowsRead: rows.length,
        rowsWritten: changes(database) - before,
        [Symbol.iterator]: () => rows[Symbol.iterator](),
      };
    },
    plan: (text, ...bindings) =>
      (database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...(bindings as string[])) as { detail: string }[])
        .map(({ detail }) => detail)
        .join("; "),
  };
}

/** An empty BLOB would be bound as NULL. */
function bound(value: unknown): unknown {
  if (!(value instanceof ArrayBuffer)) return value;
  return value.byteLength === 0 ? "" : new Uint8Array(value);
}

function changes(database: DatabaseSync): number {
  const [row] = database.prepare("SELECT total_changes() AS changes").all() as { changes: number }[];
  return row!.changes;
}
