/** Claims a data folder for one gateway at a time, however the previous gateway ended. */
import { mkdirSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { isErrno } from "./errno.ts";
import { commandLine } from "./processes.ts";

export interface DataDir {
  /** Absolute, without symbolic links. */
  path: string;
  /** The path of workerd's configuration. The command line of this folder's workerd names it. */
  configPath: string;
  /** Writes workerd's configuration. */
  configure(config: string): void;
  /** Stores the process id of the workerd on this folder, for the next gateway. */
  note(workerd: number): void;
  release(): void;
}

interface Note {
  gateway: number;
  workerd?: number;
}

/** Claims a folder, created if it is missing, and ends a workerd that a killed gateway left running on it. */
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

/** Creates and locks a folder. The lock is null if another gateway holds it. */
function lockFolder(name: string): { path: string; lock: DatabaseSync | null } {
  return using(name, () => {
    mkdirSync(name, { recursive: true, mode: 0o700 });
    const path = realpathSync(name);
    return { path, lock: lockFile(join(path, "gateway.lock")) };
  });
}

/** Runs `act`. Its error gets the folder's name, which the operating system's message leaves out. */
function using<Result>(name: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new Error(`DATA_DIR ${name} cannot be used: ${error instanceof Error ? error.message : error}`);
  }
}

/** A lock that the operating system releases when the process ends in any way: an open transaction in SQLite. */
function lockFile(path: string): DatabaseSync | null {
  try {
    return openLocked(path);
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? error.errcode : null;
    if (code === sqlite.busy) return null;
    if (code !== sqlite.notADatabase && code !== sqlite.corrupt) throw inLock(error);
  }
  // A crash of the machine has spoilt the file. It held nothing, and no gateway has locked it: that would be found first.
  truncateSync(path);
  try {
    return openLocked(path);
  } catch (error) {
    throw inLock(error);
  }
}

/** https://sqlite.org/rescode.html */
const sqlite = { busy: 5, corrupt: 11, notADatabase: 26 };

/**
 * Gateways that start at the same moment may each find the lock half taken by another one. Waiting lets one of them have
 * it. Milliseconds.
 */
const lockWithinMs = 500;

function openLocked(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: lockWithinMs });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite's errors do not name the file. */
function inLock(error: unknown): Error {
  return new Error(`gateway.lock: ${error instanceof Error ? error.message : error}`);
}

function readNote(path: string): Note | null {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // A crash may have cut the note short.
    if (isErrno(error, "ENOENT") || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Ends the process if it is a workerd with this folder's configuration. */
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
