/**
 * The retry list: deliveries whose last attempt failed, and replays that somebody asked for. The happy path never
 * comes here.
 *
 * A row of `retry`:
 *
 *     destination  audit
 *     due          1794160005000          Unix milliseconds
 *     position     1837219840000000       of the event; of a batch, of its first
 *     last         1837219840000000       of a batch, of its last
 *     positions    NULL                   of a batch: [1837219840000000,1837219840000001]
 *     failures     1                      decides the next wait
 *     attempts     [{"at":1794160000000,"ms":12,"status":500,"error":"answered 500","response":"…"}]
 *     format       1
 *
 * Rows written: queue 1 · move to another time 2 · take out 1.
 */
import type { Outcome } from "../delivery/outcome.ts";
import type { Sql } from "./sql.ts";

export type Attempt = Pick<Outcome, "at" | "ms" | "status" | "error" | "response">;

export interface Retry {
  destination: string;
  due: number;
  /** In order; several for a batch. */
  positions: number[];
  failures: number;
  attempts: Attempt[];
}

type Row = {
  destination: string;
  due: number;
  position: number;
  positions: string | null;
  failures: number;
  attempts: string;
};

const columns = "destination, due, position, positions, failures, attempts";

export class RetryList {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS retry (destination TEXT NOT NULL, due INTEGER NOT NULL, position INTEGER NOT NULL, last INTEGER NOT NULL, positions TEXT, failures INTEGER NOT NULL, attempts TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (destination, due, position)) WITHOUT ROWID",
    );
  }

  /** Queues; where an entry of the same time and event stands already, a millisecond later. */
  add({ destination, due, positions, failures, attempts }: Retry): void {
    for (let at = Math.ceil(due); ; at++) {
      const { rowsWritten } = this.#sql.exec(
        "INSERT INTO retry (destination, due, position, last, positions, failures, attempts) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        destination,
        at,
        positions[0]!,
        positions.at(-1)!,
        positions.length > 1 ? JSON.stringify(positions) : null,
        failures,
        JSON.stringify(attempts),
      );
      if (rowsWritten > 0) return;
    }
  }

  remove({ destination, due, positions }: Retry): void {
    this.#sql.exec(
      "DELETE FROM retry WHERE destination = ? AND due = ? AND position = ?",
      destination,
      due,
      positions[0]!,
    );
  }

  /** What is due, the longest overdue first. */
  due(destination: string, now: number, limit: number): Retry[] {
    return this.#sql
      .exec<Row>(
        `SELECT ${columns} FROM retry WHERE destination = ? AND due <= ? ORDER BY due, position LIMIT ?`,
        destination,
        now,
        limit,
      )
      .toArray()
      .map(retryOf);
  }

  /** When the first is due that is due after a time. */
  nextDue(destination: string, after: number): number | null {
    return this.#sql
      .exec<{ due: number | null }>(
        "SELECT min(due) AS due FROM retry WHERE destination = ? AND due > ?",
        destination,
        after,
      )
      .one().due;
  }

  /** The entries that hold a position between two, both included. */
  between(first: number, last: number): Retry[] {
    return this.#sql
      .exec<Row>(`SELECT ${columns} FROM retry WHERE position <= ? AND last >= ?`, last, first)
      .toArray()
      .map(retryOf);
  }

  /** The positions of a destination from one on. */
  positionsFrom(destination: string, from: number): number[] {
    return this.#sql
      .exec<Row>(`SELECT ${columns} FROM retry WHERE destination = ? AND last >= ?`, destination, from)
      .toArray()
      .flatMap((row) => retryOf(row).positions);
  }

  /** Events by destination. */
  counts(): Map<string, number> {
    const rows = this.#sql.exec<{ destination: string; events: number }>(
      "SELECT destination, sum(coalesce(json_array_length(positions), 1)) AS events FROM retry GROUP BY destination",
    );
    return new Map(rows.toArray().map(({ destination, events }) => [destination, events]));
  }

  /** Forgets what stood before a position; says how many events of which destination that were. */
  dropBefore(position: number): Map<string, number> {
    const lost = new Map<string, number>();
    const rows = this.#sql
      .exec<Row>(`SELECT ${columns} FROM retry WHERE position < ?`, position)
      .toArray()
      .map(retryOf);
    for (const retry of rows) {
      const kept = retry.positions.filter((one) => one >= position);
      lost.set(retry.destination, (lost.get(retry.destination) ?? 0) + retry.positions.length - kept.length);
      this.remove(retry);
      if (kept.length > 0) this.add({ ...retry, positions: kept });
    }
    return lost;
  }
}

function retryOf({ destination, due, position, positions, failures, attempts }: Row): Retry {
  return {
    destination,
    due,
    positions: positions === null ? [position] : JSON.parse(positions),
    failures,
    attempts: JSON.parse(attempts),
  };
}
