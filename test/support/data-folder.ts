/** The data folder of a gateway: the databases of its shards, and the runtime's own. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The folder of the shards, as workerd names it by their class. */
export function objectsFolder(dataDir: string): string {
  return join(dataDir, "tim-relay-Shard");
}

/** The runtime's database of alarms, beside those of the shards. */
export function alarmFile(dataDir: string): string {
  return join(objectsFolder(dataDir), "metadata.sqlite");
}

/** The file of each shard that has one. Their order says nothing about the shards' indexes. */
export function shardFiles(dataDir: string): string[] {
  return databaseFiles(dataDir).filter((file) => file !== alarmFile(dataDir));
}

/** The files of the shards and the runtime's own. */
function databaseFiles(dataDir: string): string[] {
  const folder = objectsFolder(dataDir);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sqlite"))
    .sort()
    .map((name) => join(folder, name));
}

/** Each database with the name of its file, open until the next one is asked for. */
export function* databasesOf(dataDir: string): Iterable<[name: string, database: DatabaseSync]> {
  for (const file of databaseFiles(dataDir)) {
    const database = new DatabaseSync(file);
    try {
      yield [basename(file, ".sqlite"), database];
    } finally {
      database.close();
    }
  }
}

export function inDatabase<Result>(file: string, act: (database: DatabaseSync) => Result): Result {
  // The gateway may be writing.
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    return act(database);
  } finally {
    database.close();
  }
}

/** The journal's tables, a day each, the oldest first. */
export function segmentTables(database: DatabaseSync): string[] {
  const named = database.prepare("SELECT name FROM sqlite_master WHERE name GLOB 'segment_*' ORDER BY name");
  return named.all().map(({ name }) => String(name));
}
