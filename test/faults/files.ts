/** The files of a gateway that is stopped, and ways to damage them. */
import {
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { alarmFile, inDatabase, objectsFolder, segmentTables } from "../support/data-folder.ts";

const pageBytes = 4096;

/** The file of each shard, by its index. SQLite's log is moved into it first. */
export function filesByShard(dataDir: string): string[] {
  const files: string[] = [];
  inDatabase(alarmFile(dataDir), (alarms) => {
    for (const { actor_id, actor_name } of alarms.prepare("SELECT actor_id, actor_name FROM _cf_ALARM").all())
      files[Number(String(actor_name).slice("shard-".length))] = join(
        objectsFolder(dataDir),
        `${actor_id}.sqlite`,
      );
  });
  for (const file of files) settleLog(file);
  return files;
}

/** Moves SQLite's log into its database. */
export function settleLog(file: string): void {
  inDatabase(file, (database) => database.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
}

/** The name of the only day's table. */
function segmentTable(database: DatabaseSync): string {
  return segmentTables(database)[0]!;
}

/** How many events the first row with events has. */
export function firstRowEvents(file: string): number {
  return inDatabase(file, (database) => {
    const table = segmentTable(database);
    return Number(
      database.prepare(`SELECT count FROM ${table} WHERE count > 0 ORDER BY position LIMIT 1`).get()!.count,
    );
  });
}

/** Changes the first row with events, or the last row. */
function inRow(which: "first" | "last", change: string): (file: string) => void {
  return (file) =>
    inDatabase(file, (database) => {
      const table = segmentTable(database);
      const position = which === "first" ? "min(position)" : "max(position)";
      const where = which === "first" ? "WHERE count > 0" : "";
      database.exec(
        `UPDATE ${table} SET ${change} WHERE position = (SELECT ${position} FROM ${table} ${where})`,
      );
    });
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

/** @param page the first one is 1 */
function spoilPage(file: string, page: number, byte = 0xa7): void {
  overwrite(file, (page - 1) * pageBytes, Buffer.alloc(pageBytes, byte));
}

/** The page of a table's root. */
function rootPage(file: string): number {
  return inDatabase(file, (database) =>
    Number(
      database.prepare("SELECT rootpage FROM sqlite_master WHERE name = ?").get(segmentTable(database))!
        .rootpage,
    ),
  );
}

/** The first page that holds nothing but a part of a body: the overflow of a row. */
function overflowPage(file: string): number {
  const bytes = readFileSync(file);
  for (let page = 1; page * pageBytes <= bytes.length; page++) {
    const text = bytes.subarray((page - 1) * pageBytes + 4, page * pageBytes).toString("latin1");
    if (/^x+$/.test(text)) return page;
  }
  throw new Error("no row has such a page");
}

/** How a shard's file can be damaged. */
export const damages = {
  "is cut to a half": (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  "has a header of zeros": (file: string) => overwrite(file, 0, Buffer.alloc(100)),
  "is another file": (file: string) => writeFileSync(file, "not a database\n".repeat(4_000)),
  "has noise in all pages but the first": (file: string) =>
    overwrite(file, pageBytes, Buffer.alloc(statSync(file).size - pageBytes, 0xa7)),
  "has noise in a page of its rows": (file: string) => spoilPage(file, rootPage(file)),
  "has zeros in a page of its rows": (file: string) => spoilPage(file, rootPage(file), 0),
  "is another program's database": (file: string) => {
    rmSync(file);
    inDatabase(file, (database) =>
      database.exec("CREATE TABLE users (name); INSERT INTO users VALUES ('lan')"),
    );
  },
  "holds rows of a later version": inRow("last", "format = 2"),
  "holds torn JSON in its metadata": (file: string) =>
    inDatabase(file, (database) => database.exec("UPDATE standing SET value = substr(value, 1, 12)")),
  "has a row with torn heads": inRow("first", "heads = substr(heads, 1, 30)"),
  "has a row with short bodies": inRow("first", "bodies = substr(bodies, 1, 30)"),
  "has a row with noise in a body": (file: string) => spoilPage(file, overflowPage(file)),
  "has a torn progress record": inRow("last", "news = substr(news, 1, 30)"),
} satisfies Record<string, (file: string) => void>;
