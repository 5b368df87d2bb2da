/** The storage of a gateway that is stopped: rows by table, and the last progress record. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The tables of all shards together, a table of a day without its day. */
export function rowsByTable(dataDir: string): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const database of shards(dataDir)) {
    for (const name of tablesOf(database)) {
      const table = name.replace(/_\d{8}$/, "");
      const counted = database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get() as { rows: number };
      rows[table] = (rows[table] ?? 0) + counted.rows;
    }
    database.close();
  }
  return rows;
}

/** The names of the counters that the last whole progress record of shard 0 holds, and the length of the record. */
export function lastRecord(dataDir: string): { counters: string[]; characters: number } {
  for (const database of shards(dataDir)) {
    const day = tablesOf(database)
      .filter((name) => name.startsWith("segment_"))
      .sort()
      .at(-1);
    const row = database
      .prepare(`SELECT news FROM ${day} WHERE instr(news, '"partial"') = 0 ORDER BY position DESC LIMIT 1`)
      .get() as { news: string };
    database.close();
    return { counters: Object.keys(JSON.parse(row.news).counters), characters: row.news.length };
  }
  throw new Error(`${dataDir} holds no shard`);
}

function* shards(dataDir: string): Iterable<DatabaseSync> {
  const folder = join(dataDir, "tim-relay-Shard");
  for (const name of readdirSync(folder))
    if (name.endsWith(".sqlite") && name !== "metadata.sqlite") yield new DatabaseSync(join(folder, name));
}

function tablesOf(database: DatabaseSync): string[] {
  return (database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("_cf_") && !name.startsWith("sqlite_"));
}
