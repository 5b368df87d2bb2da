/** Faults of a shard's storage. An error crosses from a shard to a Worker as its text, so the text tells the fault. */
import type { Sql } from "./sql.ts";

/**
 * - full: no row can be written until there is room
 * - damaged: SQLite finds its own pages broken, or JSON that a row holds is torn
 * - later: a later version of the gateway has written rows that this one cannot read
 * - foreign: the database belongs to another program
 * - failing: the operating system refuses to read, write or open
 */
export type StorageFault = "full" | "damaged" | "later" | "foreign" | "failing";

const laterText = "the storage holds rows of a later version";
const foreignText = "the storage holds the database of another program";

/** https://sqlite.org/rescode.html: the runtime appends the name of SQLite's code to an error's text. */
const signs: readonly [StorageFault, RegExp][] = [
  ["full", /\bSQLITE_FULL\b/],
  ["damaged", /\bSQLITE_(CORRUPT|NOTADB)\b|^SyntaxError: .*\bJSON\b/],
  ["later", new RegExp(laterText)],
  ["foreign", new RegExp(foreignText)],
  ["failing", /\bSQLITE_(IOERR|CANTOPEN|READONLY|PERM|NOLFS)\b/],
];

/** The fault that an error is about; null if it is about none. */
export function storageFault(error: unknown): StorageFault | null {
  const text = String(error);
  return signs.find(([, sign]) => sign.test(text))?.[0] ?? null;
}

/**
 * Whether only an operator ends the fault. No start of the object ends it, and a write could destroy rows that may be
 * rescued.
 */
export function needsOperator(error: unknown): boolean {
  const fault = storageFault(error);
  return fault === "damaged" || fault === "later" || fault === "foreign";
}

/** @param format of a row */
export function laterVersion(format: number): Error {
  return new Error(`${laterText} (format ${format})`);
}

/** Fails if other tables than a shard's stand in the database. Tables of the runtime begin with `_cf_`. */
export function mustNotBeForeign(sql: Sql): void {
  const names = sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .toArray()
    .map(({ name }) => name)
    .filter((name) => !/^(_cf|sqlite)_/.test(name));
  if (names.length > 0 && !names.includes("standing")) throw new Error(foreignText);
}
