/** Makes the storage of a gateway that is stopped look as if it had been stopped for days. */
import type { DatabaseSync } from "node:sqlite";
import { newEventId, readEventId } from "../../src/callback/event-id.ts";
import { dayOf, endOfDay, positionAt } from "../../src/shard/journal/position.ts";
import { databasesOf } from "../support/data-folder.ts";

const msPerDay = 86_400_000;

export function age(dataDir: string, days: number): void {
  for (const [name, database] of databasesOf(dataDir))
    if (name === "metadata") ageAlarms(database, "_cf_ALARM", "scheduled_time", days);
    else ageShard(database, days);
}

/** The days of which a gateway keeps events, on any shard. */
export function keptDays(dataDir: string): string[] {
  const days = new Set<string>();
  for (const [, database] of databasesOf(dataDir))
    for (const { day } of dailyTables(database, "segment")) days.add(day);
  return [...days].sort();
}

/** The day's name, some days before another. */
export function dayBefore(day: string, days: number): string {
  return dayOf(endOfDay(day) - positionAt(days * msPerDay) - 1);
}

function ageShard(database: DatabaseSync, days: number): void {
  const positions = BigInt(positionAt(days * msPerDay));
  const ms = BigInt(days * msPerDay);
  database.exec("BEGIN");
  for (const { name, kind, day } of [
    ...dailyTables(database, "segment"),
    ...dailyTables(database, "settled"),
  ]) {
    database.prepare(`UPDATE ${name} SET position = position - ?`).run(positions);
    ageTexts(database, name, kind === "segment" ? ["news", "heads"] : ["attempts"], days);
    if (kind === "settled") database.prepare(`UPDATE ${name} SET at = at - ?`).run(ms);
    database.exec(`ALTER TABLE ${name} RENAME TO ${kind}_${dayBefore(day, days)}`);
  }
  for (const { name, day } of dailyTables(database, "misfit"))
    database.exec(`ALTER TABLE ${name} RENAME TO misfit_${dayBefore(day, days)}`);
  database
    .prepare("UPDATE retry SET due = due - ?, position = position - ?, last = last - ?, behind = behind - ?")
    .run(ms, positions, positions, positions);
  ageTexts(database, "retry", ["positions", "attempts"], days);
  database.prepare("UPDATE blocked SET position = position - ?").run(positions);
  ageTexts(database, "blocked", ["heads"], days);
  ageAlarms(database, "_cf_METADATA", "value", days);
  database.exec("COMMIT");
}

/** Oldest first: no table takes the name of one that is still to be renamed. */
function dailyTables(database: DatabaseSync, kind: "segment" | "settled" | "misfit") {
  const rows = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ? ORDER BY name")
    .all(`${kind}_*`) as { name: string }[];
  return rows.map(({ name }) => ({ name, kind, day: name.slice(kind.length + 1) }));
}

function ageTexts(database: DatabaseSync, table: string, columns: string[], days: number): void {
  for (const column of columns) {
    const rows = database.prepare(`SELECT DISTINCT ${column} AS text FROM ${table}`).all() as {
      text: string | null;
    }[];
    const update = database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`);
    for (const { text } of rows) if (text !== null) update.run(older(text, days), text);
  }
}

/** In JSON: times have 13 digits, positions 16, and ids begin with a time. */
function older(json: string, days: number): string {
  return JSON.stringify(
    JSON.parse(json, (_, value) => {
      if (typeof value === "number" && value > 1e15) return value - positionAt(days * msPerDay);
      if (typeof value === "number" && value > 1e12) return value - days * msPerDay;
      const id = typeof value === "string" ? readEventId(value) : null;
      if (id === null) return value;
      return newEventId(0, id.at - days * msPerDay, new Uint8Array(12)).slice(0, 14) + value.slice(14);
    }),
  );
}

/** The runtime's own tables: a time in nanoseconds. */
function ageAlarms(database: DatabaseSync, table: string, column: string, days: number): void {
  database
    .prepare(`UPDATE ${table} SET ${column} = ${column} - ? WHERE typeof(${column}) = 'integer'`)
    .run(BigInt(days * msPerDay) * 1_000_000n);
}
