/**
 * Settled deliveries: they have ended, delivered or as dead letters, after several attempts or in a blocked
 * conversation. Filed under the day of their event, and dropped with it.
 *
 * A row of `settled_20261122`:
 *
 *     position     1837219840000000       of the event
 *     destination  audit
 *     state        dead                   or delivered
 *     at           1794160005000          when it ended, Unix milliseconds
 *     attempts     [{"number":1,"at":1794160000000,"ms":12,"status":500,"error":"answered 500","response":"…"},…]
 *     format       1
 *
 * Rows written: settle 1, a dead letter 2 · take out 1 · a new day's table 2 to 4 · dropping a day 0. The partial index
 * finds and counts dead letters without the texts of their attempts.
 */

import { dayOf, endOfDay, startOfDay } from "../journal/position.ts";
import { daysWith, type Sql } from "../sql.ts";
import type { PackedAttempts } from "./attempts.ts";
import { DeadCounts } from "./dead-counts.ts";

export interface Settled {
  position: number;
  destination: string;
  state: "delivered" | "dead";
  at: number;
  attempts: PackedAttempts;
}

/** The key of a delivery; dead letters are listed in its order. */
export type DeadLetterKey = Pick<Settled, "position" | "destination">;

const columns = "position, destination, state, at, attempts";

export class SettledDeliveries {
  readonly #sql: Sql;
  readonly #days: Set<string>;
  readonly #dead = new DeadCounts((first, end) => this.#countDead(first, end));

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#days = new Set(daysWith(sql, "settled"));
    for (const day of this.#days) this.#index(day);
  }

  /** Dead letters by destination: of events from a position on, and of earlier ones. */
  deadCounts(boundary: number): ReturnType<DeadCounts["at"]> {
    return this.#dead.at(boundary);
  }

  /** Files a delivery that has ended; after a replay the later end takes the place of the earlier one. */
  add({ position, destination, state, at, attempts }: Settled): void {
    const day = dayOf(position);
    if (!this.#days.has(day)) {
      this.#sql.exec(
        `CREATE TABLE IF NOT EXISTS settled_${day} (position INTEGER NOT NULL, destination TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, attempts TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (position, destination)) WITHOUT ROWID`,
      );
      this.#index(day);
      this.#days.add(day);
    }
    this.#take({ position, destination });
    this.#sql.exec(
      `INSERT INTO settled_${day} (${columns}) VALUES (?, ?, ?, ?, ?)`,
      position,
      destination,
      state,
      at,
      attempts,
    );
    if (state === "dead") this.#dead.add(position, destination, 1);
  }

  /** Takes a delivery out again, to be replayed. Returns its attempts; null if it is not here. */
  take(place: DeadLetterKey): PackedAttempts | null {
    const settled = this.find(place);
    if (settled) this.#take(place);
    return settled?.attempts ?? null;
  }

  #take({ position, destination }: DeadLetterKey): void {
    const day = dayOf(position);
    const [row] = this.#sql
      .exec<{ state: string }>(
        `DELETE FROM settled_${day} WHERE position = ? AND destination = ? RETURNING state`,
        position,
        destination,
      )
      .toArray();
    if (row?.state === "dead") this.#dead.add(position, destination, -1);
  }

  /** A delivery; undefined if it is not here. */
  find(place: DeadLetterKey): Settled | undefined {
    return this.of(place.position).find(({ destination }) => destination === place.destination);
  }

  /** All settled deliveries of an event. */
  of(position: number): Settled[] {
    const day = dayOf(position);
    if (!this.#days.has(day)) return [];
    return this.#sql
      .exec<Settled & Row>(`SELECT ${columns} FROM settled_${day} WHERE position = ?`, position)
      .toArray();
  }

  /** Writes the attempts of a delivery anew. */
  rewrite({ position, destination }: DeadLetterKey, attempts: PackedAttempts): void {
    this.#sql.exec(
      `UPDATE settled_${dayOf(position)} SET attempts = ? WHERE position = ? AND destination = ?`,
      attempts,
      position,
      destination,
    );
  }

  has(key: DeadLetterKey): boolean {
    return this.stateOf(key) !== null;
  }

  /** Null: the delivery is not here. */
  stateOf({ position, destination }: DeadLetterKey): Settled["state"] | null {
    const day = dayOf(position);
    if (!this.#days.has(day)) return null;
    const [row] = this.#sql
      .exec<Pick<Settled, "state">>(
        `SELECT state FROM settled_${day} WHERE position = ? AND destination = ?`,
        position,
        destination,
      )
      .toArray();
    return row?.state ?? null;
  }

  /** Whether the delivery is a dead letter, given up at a time or before. */
  isDeadSince({ position, destination }: DeadLetterKey, time: number): boolean {
    const day = dayOf(position);
    if (!this.#days.has(day)) return false;
    const rows = this.#sql.exec(
      `SELECT 1 AS here FROM settled_${day} WHERE position = ? AND destination = ? AND state = 'dead' AND at <= ?`,
      position,
      destination,
      time,
    );
    return rows.toArray().length > 0;
  }

  /** The events with a dead letter between two positions, both included. */
  deadBetween(first: number, last: number): DeadLetterKey[] {
    return [...this.#days]
      .filter((day) => endOfDay(day) > first)
      .flatMap((day) =>
        this.#sql
          .exec<DeadLetterKey & Row>(
            `SELECT position, destination FROM settled_${day} WHERE state = 'dead' AND position BETWEEN ? AND ?`,
            first,
            last,
          )
          .toArray(),
      );
  }

  /** The deliveries of events between two positions, both included, without the texts of their attempts. */
  between(first: number, last: number): Omit<Settled, "at" | "attempts">[] {
    return [...this.#days]
      .filter((day) => day >= dayOf(first) && day <= dayOf(last))
      .flatMap((day) =>
        this.#sql
          .exec<Pick<Settled, "position" | "destination" | "state"> & Row>(
            `SELECT position, destination, state FROM settled_${day} WHERE position BETWEEN ? AND ?`,
            first,
            last,
          )
          .toArray(),
      );
  }

  /** The deliveries of a destination from a position on, without the texts of their attempts. */
  from(destination: string, position: number): Pick<Settled, "position" | "state">[] {
    return [...this.#days]
      .filter((day) => endOfDay(day) > position)
      .flatMap((day) =>
        this.#sql
          .exec<Pick<Settled, "position" | "state"> & Row>(
            `SELECT position, state FROM settled_${day} WHERE position >= ? AND destination = ?`,
            position,
            destination,
          )
          .toArray(),
      );
  }

  /**
   * Keys of dead letters before one, newest event first; of all destinations if none is named.
   * @param first events before this position are left out
   */
  dead(before: DeadLetterKey, destination: string | null, limit: number, first: number): DeadLetterKey[] {
    const found: DeadLetterKey[] = [];
    for (const day of [...this.#days].sort().reverse()) {
      if (found.length >= limit || endOfDay(day) <= first) break;
      const rows = this.#sql.exec<DeadLetterKey & Row>(
        `SELECT position, destination FROM settled_${day} WHERE state = 'dead' AND position >= ? AND (position, destination) < (?, ?) AND destination = coalesce(?, destination) ORDER BY position DESC, destination DESC LIMIT ?`,
        first,
        before.position,
        before.destination,
        destination,
        limit - found.length,
      );
      found.push(...rows.toArray());
    }
    return found;
  }

  /** Drops a day; returns how many dead letters each destination loses. */
  drop(day: string): Map<string, number> {
    if (!this.#days.has(day)) return new Map();
    const [first, end] = [startOfDay(day), endOfDay(day)];
    const lost = this.#countDead(first, end);
    this.#dead.drop(first, end);
    this.#sql.exec(`DROP TABLE settled_${day}`);
    this.#days.delete(day);
    return lost;
  }

  /** Forgets a destination's dead letters. */
  forget(destination: string): void {
    for (const day of this.#days)
      this.#sql.exec(`DELETE FROM settled_${day} WHERE state = 'dead' AND destination = ?`, destination);
    this.#dead.forget(destination);
  }

  #index(day: string): void {
    this.#sql.exec(
      `CREATE INDEX IF NOT EXISTS dead_${day} ON settled_${day} (position, destination) WHERE state = 'dead'`,
    );
  }

  /** Dead letters between two positions, the second one exclusive, by destination. */
  #countDead(first: number, end: number): Map<string, number> {
    const sums = new Map<string, number>();
    for (const day of this.#days) {
      if (endOfDay(day) <= first || startOfDay(day) >= end) continue;
      const rows = this.#sql.exec<{ destination: string; events: number }>(
        `SELECT destination, count(*) AS events FROM settled_${day} WHERE state = 'dead' AND position >= ? AND position < ? GROUP BY destination`,
        first,
        end,
      );
      for (const { destination, events } of rows)
        sums.set(destination, (sums.get(destination) ?? 0) + events);
    }
    return sums;
  }
}

type Row = Record<string, string | number>;
