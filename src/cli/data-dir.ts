/** A data folder belongs to one gateway at a time, however the one before ended. */
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { isErrno } from "./errno.ts";
import { commandLine } from "./processes.ts";

export interface DataDir {
  /** Absolute, without symbolic links. */
  path: string;
  /** Where workerd's configuration is: naming it, a workerd shows that it is this folder's. */
  configPath: string;
  configure(config: string): void;
  /** Notes which workerd works on the folder, for whoever comes after us. */
  note(workerd: number): void;
  release(): void;
}

interface Note {
  gateway: number;
  workerd?: number;
}

/** Takes a folder, made if need be, and ends the workerd that a killed gateway left working on it. */
export async function claimDataDir(name: string): Promise<DataDir> {
  const { path, lock } = lockFolder(name);
  const configPath = join(path, "workerd.capnp");
  const notePath = join(path, "gateway.json");
  const note = using(path, () => readNote(notePath));
  if (!lock) {
    const holder = note ? ` with process id ${note.gateway}` : "";
    throw new Error(`${path} is in use by the gateway${holder}: stop it, or choose another DATA_DIR`);
  }
  if (note?.workerd) await endOrphan(note.workerd, configPath);

  const write = (file: string, text: string) => using(path, () => writeFileSync(file, text));
  const noteDown = (value: Note) => write(notePath, `${JSON.stringify(value)}\n`);
  noteDown({ gateway: process.pid });
  return {
    path,
    configPath,
    configure: (config) => write(configPath, config),
    note: (workerd) => noteDown({ gateway: process.pid, workerd }),
    release() {
      rmSync(notePath, { force: true });
      lock.close();
    },
  };
}

/** Null: somebody else holds the lock. */
function lockFolder(name: string): { path: string; lock: DatabaseSync | null } {
  return using(name, () => {
    mkdirSync(name, { recursive: true, mode: 0o700 });
    const path = realpathSync(name);
    return { path, lock: lockFile(join(path, "gateway.lock")) };
  });
}

/** A full disk, a wrong owner, a file in the way: the operating system's word for it tells no folder. */
function using<Result>(name: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new Error(`DATA_DIR ${name} cannot be used: ${error instanceof Error ? error.message : error}`);
  }
}

/** A lock that the operating system drops when its holder dies, by whatever cause: an open transaction in SQLite. */
function lockFile(path: string): DatabaseSync | null {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === 5) return null;
    throw error;
  }
}

function readNote(path: string): Note | null {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // A note cut short by a crash names nobody.
    if (isErrno(error, "ENOENT") || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Only a workerd that was given this folder's configuration is ours to end. */
async function endOrphan(pid: number, configPath: string): Promise<void> {
  const isOurs = () => {
    const command = commandLine(pid);
    return command.includes("workerd") && command.includes(configPath);
  };
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!isOurs()) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < 5_000 && isOurs(); waited += 50) await sleep(50);
  }
  if (isOurs())
    throw new Error(`the workerd with process id ${pid} still uses ${configPath} and cannot be ended`);
}
