/** SQLite as a shard sees it, in memory, for tests of stages and tables without a platform. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Sql, SqlValue } from "../../src/shard/sql.ts";

export interface TestSql extends Sql {
  /** How SQLite would find the rows of a statement. */
  plan(text: string, ...bindings: SqlValue[]): string;
}

/** @param database shared by the starts of an object; absent: a new one */
export function newSql(database: DatabaseSync = new DatabaseSync(":memory:")): TestSql {
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string) => {
    const statement = statements.get(text) ?? database.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  const changes = () => Number(prepare("SELECT total_changes() AS changes").get()!.changes);
  return {
    exec<Row extends Record<string, SqlValue>>(text: string, ...bindings: unknown[]) {
      const statement = prepare(text);
      const before = changes();
      const values = bindings.map(bound);
      const rows = statement.all(...(values as string[])).map(unbound) as Row[];
      return {
        toArray: () => rows,
        one: () => rows[0]!,
        rowsRead: rows.length,
        rowsWritten: changes() - before,
        [Symbol.iterator]: () => rows[Symbol.iterator](),
      };
    },
    plan: (text, ...bindings) =>
      (database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...(bindings as string[])) as { detail: string }[])
        .map(({ detail }) => detail)
        .join("; "),
  };
}

/** A storage that writes several rows without a transaction: none of them fails. */
export const withoutTransactions = { tryAtomically: (write: () => void) => write() };

/** An empty BLOB would be bound as NULL. */
function bound(value: unknown): unknown {
  if (!(value instanceof ArrayBuffer)) return value;
  return value.byteLength === 0 ? "" : new Uint8Array(value);
}

/** The platform gives BLOBs as an `ArrayBuffer`. */
function unbound(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row))
    if (value instanceof Uint8Array) row[name] = value.slice().buffer;
  return row;
}
