/** A data folder as text: each database as SQL, which a reviewer can read and SQLite executes. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { hashOf } from "../../src/shard/cluster/shards.ts";
import { age, keptDays } from "../shard/ageing.ts";
import { databasesOf, objectsFolder, segmentTables } from "../support/data-folder.ts";

const msPerDay = 86_400_000;

/** Writes each database of a stopped gateway's folder as a text of SQL. */
export function dump(dataDir: string, texts: string): void {
  for (const [name, database] of databasesOf(dataDir))
    writeFileSync(join(texts, `${name}.sql`), sqlOf(database));
}

/** Makes the databases of a gateway's folder from their texts. */
export function restore(texts: string, dataDir: string): void {
  mkdirSync(objectsFolder(dataDir), { recursive: true });
  for (const file of readdirSync(texts).filter((name) => name.endsWith(".sql"))) {
    const database = new DatabaseSync(join(objectsFolder(dataDir), `${basename(file, ".sql")}.sqlite`));
    database.exec(readFileSync(join(texts, file), "utf8"));
    database.close();
  }
}

/** Moves all times of a folder, so that the one day of its events was some days ago. */
export function backdate(dataDir: string, days: number): void {
  const [day, ...others] = keptDays(dataDir);
  if (!day || others.length > 0)
    throw new Error(`expected events of one day, found ${keptDays(dataDir).join()}`);
  const written = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
  const daysAgo = Math.floor(Date.now() / msPerDay) - written / msPerDay;
  if (daysAgo !== days) age(dataDir, days - daysAgo);
}

/** Sets the url that a destination's stored breaker is about: the port of a receiver is another one in every run. */
export function moveTo(dataDir: string, destination: string, url: string): void {
  const place = `$.destinations."${destination}".urlMark`;
  for (const [, database] of databasesOf(dataDir))
    for (const name of segmentTables(database))
      database
        .prepare(`UPDATE ${name} SET news = json_replace(news, ?, ?) WHERE news ->> ? IS NOT NULL`)
        .run(place, hashOf(url), place);
}

/** The statements that make a database: every table with its rows, then the indexes. */
function sqlOf(database: DatabaseSync): string {
  const made = database
    .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name")
    .all() as { type: string; name: string; sql: string }[];
  const statements = made.flatMap(({ type, name, sql }) => [
    sql,
    ...(type === "table" ? rowsOf(database, name) : []),
  ]);
  return `${["BEGIN", ...statements, "COMMIT"].join(";\n")};\n`;
}

function rowsOf(database: DatabaseSync, table: string): string[] {
  const statement = database.prepare(`SELECT * FROM ${table}`);
  // The runtime's times are nanoseconds, beyond what a number holds.
  statement.setReadBigInts(true);
  return (statement.all() as Record<string, SQLOutputValue>[]).map(
    (row) => `INSERT INTO ${table} VALUES (${Object.values(row).map(literal).join(", ")})`,
  );
}

function literal(value: SQLOutputValue): string {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString("hex")}'`;
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
