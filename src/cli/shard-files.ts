/**
 * The files of the shards, looked at before the runtime opens them. It makes missing files anew, and does not say which
 * one is damaged.
 */
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { isErrno } from "./errno.ts";
import { logProblem } from "./wal.ts";

/** The runtime's file of alarms, beside the shards' files. */
const alarmFile = "metadata.sqlite";

const remedy =
  "stop the gateway, and restore the file from a backup, or move it away with its -wal and -shm: without it the events in it are lost";

/**
 * Sentences about files that the gateway can do without for now.
 * @param folder of one class of objects; it may be missing
 * @throws Error if no shard could work, or if the runtime would delete events that may be rescued
 */
export function shardFileProblems(folder: string): string[] {
  const names = readableNames(folder);
  if (names === null) return [];
  const shards = shardsWithAlarm(folder, names);
  const files = names.filter((name) => name.endsWith(".sqlite") && name !== alarmFile);
  for (const name of names)
    if (name.endsWith(".sqlite-wal") && name !== `${alarmFile}-wal`)
      mustHaveDatabase(join(folder, name.slice(0, -"-wal".length)));
  return [
    ...files.flatMap((name) => fileProblems(join(folder, name))),
    ...[...shards].flatMap(([name, shard]) =>
      isEmpty(join(folder, name))
        ? `${join(folder, name)} of ${shard} is missing or empty: the shard starts without the events that were in it. If a backup has the file, stop the gateway and restore it`
        : [],
    ),
  ];
}

/**
 * Whether a shard with a file may have lost its alarm: the runtime's file of alarms is missing, or has no row of it. A
 * shard that never had an alarm counts too, which does no harm.
 * @throws Error if the file of alarms cannot be used
 */
export function lacksAlarms(folder: string): boolean {
  const names = readableNames(folder) ?? [];
  const shards = shardsWithAlarm(folder, names);
  return names.some(
    (name) =>
      name.endsWith(".sqlite") && name !== alarmFile && !shards.has(name) && !isEmpty(join(folder, name)),
  );
}

function readableNames(folder: string): string[] | null {
  try {
    const names = readdirSync(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return names;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw new Error(`${folder} cannot be used: ${messageOf(error)}`);
  }
}

/** The files of the shards that have an alarm, which nearly all have, with the shards' names. */
function shardsWithAlarm(folder: string, names: readonly string[]): Map<string, string> {
  const path = join(folder, alarmFile);
  if (!names.includes(alarmFile)) return new Map();
  const refusal = unusable(path);
  if (refusal !== null)
    throw new Error(
      `${path} ${refusal}: without it no shard can set an alarm. Mend it, or move it away with its -wal and -shm: it holds alarms alone, which the shards set again`,
    );
  if (isEmpty(path)) return new Map();
  // The runtime makes a missing table at its start, and adds the names, which older releases did not write.
  const columns = read(path, "SELECT name FROM pragma_table_info('_cf_ALARM')").map(({ name }) => name);
  if (!columns.includes("actor_id")) return new Map();
  const shard = columns.includes("actor_name") ? "actor_name" : "NULL";
  const rows = read(path, `SELECT actor_id AS id, ${shard} AS name FROM _cf_ALARM`);
  return new Map(rows.map(({ id, name }) => [`${id}.sqlite`, String(name ?? "its shard")]));
}

/** SQLite deletes a log that it finds beside an empty database. */
function mustHaveDatabase(path: string): void {
  if (!isEmpty(path) || isEmpty(`${path}-wal`)) return;
  throw new Error(
    `${path} is missing or empty, but ${path}-wal may hold all of its events, and a start would delete them: restore the file from a backup, or move ${path}-wal away`,
  );
}

function fileProblems(path: string): string[] {
  if (isEmpty(path)) return [];
  const refusal = unusable(path);
  if (refusal !== null) return [`${path} ${refusal}; events of its shard are refused meanwhile: ${remedy}`];
  const problem = logProblem(path);
  return problem === null ? [] : [problem];
}

/** Why a database cannot be used; null if it can. It is opened to be read only: nothing of it changes. */
function unusable(path: string): string | null {
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    try {
      accessSync(file, constants.R_OK | constants.W_OK);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) return `cannot be used (${messageOf(error)})`;
    }
  if (statSync(path).isDirectory()) return "is a folder";
  // SQLite would delete a log beside it.
  if (isEmpty(path)) return null;
  try {
    const tables = read(path, "SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) =>
      String(name),
    );
    const isOurs = tables.every((name) => /^(_cf|sqlite)_/.test(name)) || tables.includes("standing");
    return isOurs ? null : "is the database of another program";
  } catch (error) {
    return `is damaged (${messageOf(error)})`;
  }
}

function read(path: string, statement: string): Record<string, unknown>[] {
  const url = pathToFileURL(path);
  // Without a log SQLite need not look for other users of the file, for which it would create a -wal and a -shm.
  if (isEmpty(`${path}-wal`)) url.searchParams.set("immutable", "1");
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}

function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
