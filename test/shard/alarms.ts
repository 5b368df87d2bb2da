/** Reads the alarms of a gateway that is stopped. */
import type { DatabaseSync } from "node:sqlite";
import { databasesOf } from "../support/data-folder.ts";

/** When the alarms of the shards are set for, Unix milliseconds, the earliest first. A shard may have none. */
export function alarms(dataDir: string): number[] {
  const found: bigint[] = [];
  for (const [, database] of databasesOf(dataDir))
    found.push(
      ...nanoseconds(database, "_cf_ALARM", "scheduled_time"),
      ...nanoseconds(database, "_cf_METADATA", "value"),
    );
  return found.map((time) => Number(time / 1_000_000n)).sort((a, b) => a - b);
}

/** Times in one of the runtime's own tables, in which other integers are small. */
function nanoseconds(database: DatabaseSync, table: string, column: string): bigint[] {
  if (!database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table)) return [];
  const statement = database.prepare(
    `SELECT ${column} AS at FROM ${table} WHERE typeof(${column}) = 'integer'`,
  );
  statement.setReadBigInts(true);
  return (statement.all() as { at: bigint }[]).map(({ at }) => at).filter((at) => at > 10n ** 15n);
}
