/**
 * How callbacks differ from Tencent's documents, counted: a team hears of a change at Tencent before its users do.
 *
 * A row of `drift`:
 *
 *     command  Group.CallbackAfterSendMsg
 *     path     MsgPriority
 *     kind     unknown field
 *     seen     string
 *     count    4096
 *     first    1794160000000                Unix milliseconds
 *     last     1794163600000
 *
 * Rows written: 1 when a difference is new and whenever its count has doubled; a crash forgets less than half.
 * 1 for each difference that makes room for another.
 */
import { type Drift, shownText } from "../../callback/drift.ts";
import type { Sql, SqlValue } from "../sql.ts";

export interface CountedDrift extends Drift {
  command: string;
  count: number;
  first: number;
  last: number;
}

/** More differences than a person reads. Beyond that the rarest are forgotten, of equally rare ones the oldest. */
const mostDifferences = 1_000;

export class DriftReport {
  readonly #sql: Sql;
  readonly #counted = new Map<string, CountedDrift>();

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS drift (command TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, seen TEXT NOT NULL, count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (command, path, kind, seen)) WITHOUT ROWID",
    );
    const rows = sql.exec<Record<keyof CountedDrift, SqlValue>>("SELECT * FROM drift");
    for (const row of rows)
      this.#counted.set(keyOf(row as unknown as CountedDrift), row as unknown as CountedDrift);
  }

  get all(): CountedDrift[] {
    return [...this.#counted.values()];
  }

  /** Forgets several at a time, so that not every new difference sorts them all. */
  #forgetRarest(): void {
    const rarest = [...this.#counted].sort(([, a], [, b]) => a.count - b.count || a.last - b.last);
    for (const [key, one] of rarest.slice(0, mostDifferences / 20)) this.#forget(key, one);
  }

  #forget(key: string, { command, path, kind, seen }: CountedDrift): void {
    this.#counted.delete(key);
    this.#sql.exec(
      "DELETE FROM drift WHERE command = ? AND path = ? AND kind = ? AND seen = ?",
      command,
      path,
      kind,
      seen,
    );
  }

  /**
   * Forgets the differences that show an account: as a value, or in a path. Names in a path may hold dots: rather too
   * much is forgotten, and counted anew.
   */
  erase(account: string): void {
    const shown = shownText(account);
    for (const [key, one] of this.#counted) {
      const isSeen = one.kind === "unexpected value" && one.seen === shown;
      if (isSeen || one.path.includes(shown)) this.#forget(key, one);
    }
  }

  /** Remembers a difference that another shard has counted. Returns whether it is new, whatever was seen. */
  meet({ command, ...drift }: Drift & { command: string }, now: number): boolean {
    const isNew = !this.#knows(command, drift);
    if (isNew) this.#add(command, drift, 0, now);
    return isNew;
  }

  /** Counts a difference. Returns whether it is new, whatever was seen. */
  count(command: string, drift: Drift, now: number): boolean {
    const isNew = !this.#counted.has(keyOf({ command, ...drift })) && !this.#knows(command, drift);
    this.#add(command, drift, 1, now);
    return isNew;
  }

  #knows(command: string, { path, kind }: Drift): boolean {
    return this.all.some((one) => one.command === command && one.path === path && one.kind === kind);
  }

  #add(command: string, drift: Drift, times: 0 | 1, now: number): void {
    const key = keyOf({ command, ...drift });
    const before = this.#counted.get(key);
    if (!before && this.#counted.size >= mostDifferences) this.#forgetRarest();
    const counted = {
      command,
      ...drift,
      count: (before?.count ?? 0) + times,
      first: before?.first ?? now,
      last: now,
    };
    this.#counted.set(key, counted);
    if (times === 1 && !Number.isInteger(Math.log2(counted.count))) return;
    const { path, kind, seen, count, first, last } = counted;
    this.#sql.exec(
      "INSERT OR REPLACE INTO drift VALUES (?, ?, ?, ?, ?, ?, ?)",
      command,
      path,
      kind,
      seen,
      count,
      first,
      last,
    );
  }
}

function keyOf({ command, path, kind, seen }: Drift & { command: string }): string {
  return JSON.stringify([command, path, kind, seen]);
}
