/** The storage of a gateway that is stopped: rows by table, and the last progress record. */
import type { DatabaseSync } from "node:sqlite";
import { inDatabase, segmentTables, shardFiles } from "../support/data-folder.ts";

/** The tables of all shards together, a table of a day without its day. */
export function rowsByTable(dataDir: string): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const file of shardFiles(dataDir))
    inDatabase(file, (database) => {
      for (const name of tablesOf(database)) {
        const table = name.replace(/_\d{8}$/, "");
        const counted = database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get() as { rows: number };
        rows[table] = (rows[table] ?? 0) + counted.rows;
      }
    });
  return rows;
}

/** The names of the counters that the last whole progress record of the only shard holds, and the length of the record. */
export function lastRecord(dataDir: string): { counters: string[]; characters: number } {
  const [file] = shardFiles(dataDir);
  if (file === undefined) throw new Error(`${dataDir} holds no shard`);
  return inDatabase(file, (database) => {
    const day = segmentTables(database).at(-1);
    const { news } = database
      .prepare(`SELECT news FROM ${day} WHERE instr(news, '"partial"') = 0 ORDER BY position DESC LIMIT 1`)
      .get() as { news: string };
    return { counters: Object.keys(JSON.parse(news).counters), characters: news.length };
  });
}

function tablesOf(database: DatabaseSync): string[] {
  return (database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("_cf_") && !name.startsWith("sqlite_"));
}
