/** Reads the retry list: one entry, the entries that are due, and the entries of some events. */
import type { Sql } from "../sql.ts";
import { noAttempts, type PackedAttempts } from "./attempts.ts";
import { batches, columns, free, type RetryRow, singles } from "./retry-table.ts";

/** The key of an entry. */
export interface RetryKey {
  destination: string;
  due: number;
  /** In order; several for a batch. */
  positions: number[];
}

/** An entry without its attempts, which may be long. */
export interface Retry extends RetryKey {
  failures: number;
  behind: number | null;
  /** The value of `tim-relay-replay`; null: the delivery is no replay. */
  replay: string | null;
}

/** An entry with its attempts. */
export interface ListedRetry extends Retry {
  attempts: PackedAttempts;
}

export class RetryRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The entry that holds an event's delivery, with its attempts. */
  find(destination: string, position: number): ListedRetry | null {
    const retry = this.#holding(destination, position);
    return retry && { ...retry, attempts: this.attemptsOf(retry) };
  }

  has(destination: string, position: number): boolean {
    return this.#holding(destination, position) !== null;
  }

  #holding(destination: string, position: number): Retry | null {
    const [single] = this.select(`${singles} AND position = ? AND destination = ?`, position, destination);
    const batched = `${batches} AND destination = ? AND last >= ? AND position <= ?`;
    const inBatches = () => this.select(batched, destination, position, position);
    return single ?? inBatches().find(({ positions }) => positions.includes(position)) ?? null;
  }

  attemptsOf({ destination, due, positions }: RetryKey): PackedAttempts {
    const [row] = this.#sql
      .exec<{ attempts: string }>(
        "SELECT attempts FROM retry WHERE destination = ? AND due = ? AND position = ?",
        destination,
        due,
        positions[0]!,
      )
      .toArray();
    return row?.attempts ?? noAttempts;
  }

  /** Entries that are due and may be tried, the longest overdue first. */
  due(destination: string, now: number, limit: number): Retry[] {
    return this.select(
      `${free} AND destination = ? AND due <= ? ORDER BY due, position LIMIT ?`,
      destination,
      now,
      limit,
    );
  }

  /** When the last entry is due; null: there is none. */
  latest(destination: string): number | null {
    return this.#sql
      .exec<{ due: number | null }>("SELECT max(due) AS due FROM retry WHERE destination = ?", destination)
      .one().due;
  }

  /** The entries that hold a position between two, both included. */
  between(first: number, last: number): Retry[] {
    return [
      ...this.select(`${singles} AND position BETWEEN ? AND ?`, first, last),
      ...this.select(`${batches} AND position <= ? AND last >= ?`, last, first),
    ];
  }

  /** The last position before one that an entry may hold; -1: none does. */
  lastBefore(position: number): number {
    const last = (text: string, ...bindings: number[]) =>
      this.#sql.exec<{ last: number | null }>(text, ...bindings).one().last ?? -1;
    return Math.max(
      last(`SELECT max(position) AS last FROM retry ${singles} AND position < ?`, position),
      last(`SELECT max(min(last, ? - 1)) AS last FROM retry ${batches} AND position < ?`, position, position),
    );
  }

  /** The positions of a destination from one on. */
  positionsFrom(destination: string, from: number): number[] {
    const rows = this.#sql.exec<{ position: number }>(
      `SELECT position FROM retry ${singles} AND position >= ? AND destination = ?`,
      from,
      destination,
    );
    return [
      ...rows.toArray().map(({ position }) => position),
      ...this.select(`${batches} AND destination = ? AND last >= ?`, destination, from).flatMap(
        ({ positions }) => positions,
      ),
    ];
  }

  /** The single entries of events before a position, by destination: how many, and the first position. */
  before(position: number): Map<string, { count: number; first: number }> {
    const rows = this.#sql.exec<{ destination: string; count: number; first: number }>(
      `SELECT destination, count(*) AS count, min(position) AS first FROM retry ${singles} AND position < ? GROUP BY destination`,
      position,
    );
    return new Map(rows.toArray().map(({ destination, ...rest }) => [destination, rest]));
  }

  /** The first positions of a destination's single entries before one. */
  firstBefore(position: number, destination: string, limit: number): number[] {
    const rows = this.#sql.exec<{ position: number }>(
      `SELECT position FROM retry ${singles} AND position < ? AND destination = ? ORDER BY position LIMIT ?`,
      position,
      destination,
      limit,
    );
    return rows.toArray().map(({ position }) => position);
  }

  /** The entries that fit a condition of the table's. */
  select(condition: string, ...bindings: (string | number)[]): Retry[] {
    return this.#sql
      .exec<RetryRow>(`SELECT ${columns} FROM retry ${condition}`, ...bindings)
      .toArray()
      .map(({ destination, due, position, positions, failures, behind, replay }) => ({
        destination,
        due,
        positions: positions === null ? [position] : JSON.parse(positions),
        failures,
        behind,
        replay,
      }));
  }
}
