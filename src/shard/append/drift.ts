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
import type { Difference } from "../journal/relay-record.ts";
import type { Sql, SqlValue } from "../sql.ts";

export interface CountedDrift extends Drift {
  command: string;
  count: number;
  first: number;
  last: number;
}

/** A change of counts. Its rows are written first: a storage that takes none leaves the counts as they are. */
export interface DriftChange {
  /** Differences that were not met before, whatever was seen. */
  readonly fresh: readonly Difference[];
  /** How many counts take a row. */
  readonly rows: number;
  /** Writes the rows. */
  write(): void;
  /** The rows are written: the change counts from now on. */
  keep(): void;
}

/** More differences than a person reads. Beyond that the rarest are forgotten, of equally rare ones the oldest. */
const mostDifferences = 1_000;

/** Several are forgotten at a time, so that not every new difference sorts them all. */
const forgottenAtOnce = mostDifferences / 20;

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

  #insert({ command, path, kind, seen, count, first, last }: CountedDrift): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO drift VALUES (?, ?, ?, ?, ?, ?, ?)",
      command,
      path,
      kind,
      seen,
      recordedOf(count),
      first,
      last,
    );
  }

  #remove({ command, path, kind, seen }: CountedDrift): void {
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
      if (!isSeen && !one.path.includes(shown)) continue;
      this.#counted.delete(key);
      this.#remove(one);
    }
  }

  /** Counts differences of callbacks. */
  counting(differences: readonly Difference[], now: number): DriftChange {
    return this.#changing(differences, 1, now);
  }

  /** Remembers differences that another shard has counted. */
  meeting(differences: readonly Difference[], now: number): DriftChange {
    const met = differences.filter((one) => !this.#knows(one));
    return this.#changing(met, 0, now);
  }

  #changing(differences: readonly Difference[], times: 0 | 1, now: number): DriftChange {
    const fresh: Difference[] = [];
    const counted = new Map<string, CountedDrift>();
    for (const difference of differences) {
      const key = keyOf(difference);
      const before = counted.get(key) ?? this.#counted.get(key);
      if (!before && !this.#knows(difference) && !fresh.some((one) => isSame(one, difference)))
        fresh.push(difference);
      const { count = 0, first = now } = before ?? {};
      counted.set(key, { ...difference, count: count + times, first, last: now });
    }
    const rows = [...counted].flatMap(([key, one]) => (hasDoubled(this.#counted.get(key), one) ? one : []));
    const forgotten = this.#rarest(counted);
    return {
      fresh,
      rows: rows.length,
      write: () => {
        for (const one of forgotten.values()) this.#remove(one);
        for (const one of rows) this.#insert(one);
      },
      keep: () => {
        for (const key of forgotten.keys()) this.#counted.delete(key);
        for (const [key, one] of counted) this.#counted.set(key, one);
      },
    };
  }

  /** The differences that make room for new ones. */
  #rarest(counted: ReadonlyMap<string, CountedDrift>): ReadonlyMap<string, CountedDrift> {
    const more = [...counted.keys()].filter((key) => !this.#counted.has(key)).length;
    const excess = this.#counted.size + more - mostDifferences;
    if (more === 0 || excess <= 0) return new Map();
    const rarest = [...this.#counted]
      .filter(([key]) => !counted.has(key))
      .sort(([, a], [, b]) => a.count - b.count || a.last - b.last);
    return new Map(rarest.slice(0, Math.max(excess, forgottenAtOnce)));
  }

  #knows(difference: Difference): boolean {
    return this.all.some((one) => isSame(one, difference));
  }
}

/** Whether two differences are the same, whatever was seen. */
function isSame(a: Difference, b: Difference): boolean {
  return a.command === b.command && a.path === b.path && a.kind === b.kind;
}

/** Whether a row is to hold a count that none holds yet. */
function hasDoubled(before: CountedDrift | undefined, { count }: CountedDrift): boolean {
  return !before || recordedOf(before.count) < recordedOf(count);
}

/** The part of a count that a row holds: the last power of two. A commit may count a difference several times. */
function recordedOf(count: number): number {
  return count === 0 ? 0 : 2 ** Math.floor(Math.log2(count));
}

function keyOf({ command, path, kind, seen }: Difference): string {
  return JSON.stringify([command, path, kind, seen]);
}
