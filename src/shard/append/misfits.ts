/**
 * Quarantined events that are kept, counted by command and by the path of each issue. Filed under the day of the
 * events, and forgotten with it.
 *
 * A row of `misfit_20261122`:
 *
 *     command  Group.CallbackAfterRecallMsg
 *     path     MsgSeqList[].MsgSeq
 *     count    40
 *
 * Rows written: 1 for each path at fault in a commit with quarantined events · a new day's table 1 or 2.
 */
import { startOfDay } from "../journal/position.ts";
import { daysWith, type Sql } from "../sql.ts";

export interface CountedMisfit {
  command: string;
  /** Empty: the body as a whole. */
  path: string;
  count: number;
  /** Some of these events are past retention, and wait for their day to be dropped. Absent: none is. */
  estimated?: true;
}

/** One quarantined event: its command, and the paths of its issues. */
export interface Misfit {
  command: string;
  paths: readonly string[];
}

/** Different paths of a day; further ones are counted under the empty path. */
const mostPaths = 500;

export class Misfits {
  readonly #sql: Sql;
  readonly #days = new Map<string, Map<string, CountedMisfit>>();

  constructor(sql: Sql, days: readonly string[]) {
    this.#sql = sql;
    this.load(days);
  }

  /**
   * Reads all counts again, as a write that has failed demands.
   * @param days whose events are kept: the version before drops a day without its misfits
   */
  load(days: readonly string[]): void {
    this.#days.clear();
    for (const day of daysWith(this.#sql, "misfit")) {
      if (!days.includes(day)) {
        this.#sql.exec(`DROP TABLE misfit_${day}`);
        continue;
      }
      const rows = this.#sql.exec<{ command: string; path: string; count: number }>(
        `SELECT * FROM misfit_${day}`,
      );
      this.#days.set(day, new Map(rows.toArray().map((row) => [keyOf(row.command, row.path), row])));
    }
  }

  /** Counts quarantined events of one commit. */
  count(day: string, misfits: readonly Misfit[]): void {
    const counted = this.#days.get(day) ?? new Map<string, CountedMisfit>();
    if (!this.#days.has(day))
      this.#sql.exec(
        `CREATE TABLE IF NOT EXISTS misfit_${day} (command TEXT NOT NULL, path TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (command, path)) WITHOUT ROWID`,
      );
    this.#days.set(day, counted);
    const changed = new Set<CountedMisfit>();
    for (const { command, paths } of misfits)
      for (const path of paths) {
        const known = counted.get(keyOf(command, path));
        const named = known || counted.size < mostPaths ? path : "";
        const key = keyOf(command, named);
        const one = counted.get(key) ?? { command, path: named, count: 0 };
        one.count++;
        counted.set(key, one);
        changed.add(one);
      }
    for (const { command, path, count } of changed)
      this.#sql.exec(`INSERT OR REPLACE INTO misfit_${day} VALUES (?, ?, ?)`, command, path, count);
  }

  /** Of all days. @param boundary events before this position are past retention */
  all(boundary: number): CountedMisfit[] {
    return mergeMisfits(
      [...this.#days].map(([day, counted]) => {
        const estimated = startOfDay(day) < boundary ? { estimated: true as const } : {};
        return [...counted.values()].map((misfit) => ({ ...misfit, ...estimated }));
      }),
    );
  }

  /** Forgets a day. */
  drop(day: string): void {
    if (this.#days.delete(day)) this.#sql.exec(`DROP TABLE misfit_${day}`);
  }
}

/** The sums of several counts, of days or of shards. */
export function mergeMisfits(counts: readonly (readonly CountedMisfit[])[]): CountedMisfit[] {
  const merged = new Map<string, CountedMisfit>();
  for (const misfit of counts.flat()) {
    const key = keyOf(misfit.command, misfit.path);
    const known = merged.get(key);
    merged.set(key, { ...known, ...misfit, count: misfit.count + (known?.count ?? 0) });
  }
  return [...merged.values()];
}

function keyOf(command: string, path: string): string {
  return JSON.stringify([command, path]);
}
