/** A copy of a data folder, also while a gateway writes to it. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { backup as copyDatabase, DatabaseSync } from "node:sqlite";

export interface Backup {
  databases: number;
  /** Of all copied files. */
  bytes: number;
}

/** Read again by the database that has them beside it. */
const journals = /-(wal|shm|journal)$/;

/**
 * Copies the databases of the objects, and the lists of words. Each database is copied as it is at one moment. Files of
 * the running process alone, such as its lock, are left out.
 * @param target a folder that does not exist; it appears when it is whole
 * @throws Error if a database is damaged, or a file cannot be read or written
 */
export async function backupDataDir(dataDir: string, target: string): Promise<Backup> {
  const files = filesOf(dataDir);
  if (!files.some(isDatabase))
    throw new Error(`${dataDir} holds no events: is it the DATA_DIR of a gateway?`);
  if (existsSync(target)) throw new Error(`${target} exists: a backup goes into a folder of its own`);
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  let bytes = 0;
  try {
    for (const file of files) {
      const to = join(partial, file);
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      if (isDatabase(file)) await copyWhole(join(dataDir, file), to);
      else cpSync(join(dataDir, file), to);
      bytes += statSync(to).size;
    }
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return { databases: files.filter(isDatabase).length, bytes };
}

const isDatabase = (file: string) => file.endsWith(".sqlite");

/** The files in the folders of a data folder, by their paths in it. */
function filesOf(dataDir: string): string[] {
  const folders = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) =>
    readdirSync(join(dataDir, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !journals.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(dataDir.length + 1)),
  );
}

/**
 * Copies all pages in one step: a copy in several steps would begin again whenever the gateway writes.
 * @throws Error with the file's name, which SQLite's errors leave out
 */
async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await opened(from, (database) => copyDatabase(database, to, { rate: 2 ** 31 - 1 }));
    const [found] = await opened(to, (copy) => copy.prepare("PRAGMA quick_check(1)").all());
    if (found?.quick_check !== "ok") throw new Error(`its copy is damaged: ${found?.quick_check}`);
  } catch (error) {
    throw new Error(`${from}: ${error instanceof Error ? error.message : error}`);
  }
}

async function opened<Result>(
  file: string,
  use: (database: DatabaseSync) => Result | Promise<Result>,
): Promise<Result> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return await use(database);
  } finally {
    database.close();
  }
}
