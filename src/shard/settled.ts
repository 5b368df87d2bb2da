/**
 * Deliveries that needed more than one attempt, or had to wait behind another of their conversation, and have come
 * to an end: delivered after all, or dead letters. Filed under the day of their event, and forgotten with it.
 *
 * A row of `settled_20261122`:
 *
 *     position     1837219840000000       of the event
 *     destination  audit
 *     state        dead                   or delivered
 *     at           1794160005000          when it ended, Unix milliseconds
 *     attempts     [{"at":1794160000000,"ms":12,"status":500,"error":"answered 500","response":"…"},…]
 *     format       1
 *
 * Rows written: settle 1 · take out 1 · a new day's table 1 or 2 · dropping a day 0.
 */
import { dayOf, endOfDay } from "./position.ts";
import type { Attempt } from "./retry-list.ts";
import type { Sql } from "./sql.ts";

export interface Settled {
  position: number;
  destination: string;
  state: "delivered" | "dead";
  at: number;
  attempts: Attempt[];
}

/** Where a dead letter stands among the others: by event, then by destination. */
export type DeadLetterPlace = Pick<Settled, "position" | "destination">;

type Row = Omit<Settled, "attempts"> & { attempts: string };

const columns = "position, destination, state, at, attempts";

export class SettledDeliveries {
  readonly #sql: Sql;
  readonly #days: Set<string>;

  constructor(sql: Sql) {
    this.#sql = sql;
    const tables = sql.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'settled\\_%' ESCAPE '\\' ORDER BY name",
    );
    this.#days = new Set(tables.toArray().map(({ name }) => name.slice("settled_".length)));
  }

  /** Notes an end; a later one of the same delivery, after a replay, takes its place. */
  add({ position, destination, state, at, attempts }: Settled): void {
    const day = dayOf(position);
    if (!this.#days.has(day)) {
      this.#sql.exec(
        `CREATE TABLE IF NOT EXISTS settled_${day} (position INTEGER NOT NULL, destination TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, attempts TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (position, destination)) WITHOUT ROWID`,
      );
      this.#days.add(day);
    }
    this.#sql.exec(
      `INSERT OR REPLACE INTO settled_${day} (${columns}) VALUES (?, ?, ?, ?, ?)`,
      position,
      destination,
      state,
      at,
      JSON.stringify(attempts),
    );
  }

  /** Takes a delivery out again: it is replayed. */
  remove({ position, destination }: DeadLetterPlace): void {
    const day = dayOf(position);
    if (!this.#days.has(day)) return;
    this.#sql.exec(
      `DELETE FROM settled_${day} WHERE position = ? AND destination = ?`,
      position,
      destination,
    );
  }

  /** Between two positions, both included. */
  between(first: number, last: number): Settled[] {
    return [...this.#days]
      .filter((day) => endOfDay(day) > first)
      .flatMap((day) =>
        this.#sql
          .exec<Row>(`SELECT ${columns} FROM settled_${day} WHERE position BETWEEN ? AND ?`, first, last)
          .toArray()
          .map(settledOf),
      );
  }

  /** The positions of a destination from one on. */
  positionsFrom(destination: string, from: number): number[] {
    return [...this.#days]
      .filter((day) => endOfDay(day) > from)
      .flatMap((day) =>
        this.#sql
          .exec<{ position: number }>(
            `SELECT position FROM settled_${day} WHERE position >= ? AND destination = ?`,
            from,
            destination,
          )
          .toArray()
          .map(({ position }) => position),
      );
  }

  /** Dead letters before a place, newest event first; of all destinations if none is named. */
  dead(before: DeadLetterPlace, destination: string | null, limit: number): Settled[] {
    const dead: Settled[] = [];
    for (const day of [...this.#days].sort().reverse()) {
      if (dead.length >= limit) break;
      const rows = this.#sql.exec<Row>(
        `SELECT ${columns} FROM settled_${day} WHERE (position, destination) < (?, ?) AND state = 'dead' AND destination = coalesce(?, destination) ORDER BY position DESC, destination DESC LIMIT ?`,
        before.position,
        before.destination,
        destination,
        limit - dead.length,
      );
      dead.push(...rows.toArray().map(settledOf));
    }
    return dead;
  }

  /** Dead letters by destination. */
  deadCounts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const day of this.#days)
      for (const { destination, events } of this.#sql.exec<{ destination: string; events: number }>(
        `SELECT destination, count(*) AS events FROM settled_${day} WHERE state = 'dead' GROUP BY destination`,
      ))
        counts.set(destination, (counts.get(destination) ?? 0) + events);
    return counts;
  }

  /** Forgets a day; says how many dead letters of which destination went with it. */
  drop(day: string): Map<string, number> {
    const lost = new Map<string, number>();
    if (!this.#days.has(day)) return lost;
    const rows = this.#sql.exec<{ destination: string; events: number }>(
      `SELECT destination, count(*) AS events FROM settled_${day} WHERE state = 'dead' GROUP BY destination`,
    );
    for (const { destination, events } of rows.toArray()) lost.set(destination, events);
    this.#sql.exec(`DROP TABLE settled_${day}`);
    this.#days.delete(day);
    return lost;
  }
}

function settledOf(row: Row): Settled {
  return { ...row, attempts: JSON.parse(row.attempts) };
}
