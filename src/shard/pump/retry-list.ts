/**
 * The retry list: deliveries whose last attempt failed, and replays that were asked for. The happy path never comes
 * here. A delivery has one entry at most.
 *
 * Rows written: queue 3 · take out 1.
 */

import type { Entry } from "../journal/segment.ts";
import type { Sql } from "../sql.ts";
import { noAttempts, type PackedAttempts, shortened } from "./attempts.ts";
import { EventCounts } from "./counts.ts";
import { batches, columns, followers, free, makeRetryTable, type RetryRow, singles } from "./retry-table.ts";

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

export interface NewRetry extends Omit<Retry, "behind" | "replay"> {
  attempts: PackedAttempts;
  behind?: number | null;
  replay?: string | null;
}

export class RetryList {
  readonly #sql: Sql;
  readonly #counts = new EventCounts();
  /** By destination: no entry that may be tried is due before this time. Every insert corrects it. */
  readonly #earliest = new Map<string, number>();

  constructor(sql: Sql) {
    this.#sql = sql;
    makeRetryTable(sql);
    const events = sql.exec<{ destination: string; events: number }>(
      `SELECT destination, count(*) AS events FROM retry ${singles} GROUP BY destination UNION ALL SELECT destination, sum(json_array_length(positions)) FROM retry ${batches} GROUP BY destination`,
    );
    for (const row of events.toArray()) this.#counts.add(row.destination, row.events);
  }

  /** Events by destination. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts.byDestination;
  }

  /** Queues an entry; a millisecond later, if one of the same time and event is in the list already. */
  add({ destination, due, positions, failures, attempts, behind = null, replay = null }: NewRetry): void {
    for (let at = Math.ceil(due); ; at++) {
      const { rowsWritten } = this.#sql.exec(
        "INSERT INTO retry (destination, due, position, last, positions, failures, attempts, behind, replay) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        destination,
        at,
        positions[0]!,
        positions.at(-1)!,
        positions.length > 1 ? JSON.stringify(positions) : null,
        failures,
        attempts,
        behind,
        replay,
      );
      if (rowsWritten === 0) continue;
      this.#counts.add(destination, positions.length);
      if (behind === null) this.#mayBeDue(destination, at);
      return;
    }
  }

  /**
   * Queues the events of a batch one by one: one bad event shall not spoil the others.
   * @param retry its entry; null: it has none
   * @param ordered whether the events of one conversation follow each other
   */
  splitUp(retry: RetryKey | null, again: NewRetry, entries: readonly Entry[], ordered: boolean): void {
    if (retry) this.remove(retry);
    const attempts = shortened(again.attempts);
    const lastOf = new Map<string, number>();
    for (const { position, event } of entries) {
      const conversation = ordered ? event.conversation : null;
      const behind = conversation === null ? null : (lastOf.get(conversation) ?? null);
      this.add({ ...again, positions: [position], attempts, behind });
      if (conversation !== null) lastOf.set(conversation, position);
    }
  }

  /** Takes an entry out; the one that waits behind it may be tried. */
  remove(retry: RetryKey): void {
    this.#delete(retry);
    for (const position of retry.positions) this.#release(retry.destination, position);
  }

  /** One attempt more has failed: the entry stays in the list, and the entries behind it go on waiting. */
  postpone(retry: RetryKey, again: NewRetry): void {
    this.#delete(retry);
    this.add(again);
  }

  /**
   * Makes one event's delivery due anew, also out of a batch or from behind another entry. Entries behind it go on
   * waiting. False if the list does not hold the delivery.
   * @param replay the value of `tim-relay-replay`
   */
  renew(destination: string, position: number, due: number, replay: string): boolean {
    const retry = this.find(destination, position);
    if (!retry) return false;
    const { attempts } = retry;
    const anew: NewRetry = { destination, due, positions: [position], failures: 0, attempts, replay };
    const rest = retry.positions.filter((one) => one !== position);
    this.#delete(retry);
    this.add(anew);
    if (rest.length > 0) this.add({ ...retry, positions: rest, attempts });
    // The entry leaves its place in a chain: the one behind it now follows the one before it.
    if (retry.behind !== null) this.#follow(destination, position, retry.behind);
    return true;
  }

  /**
   * Makes some entries due now that are due later, the latest first.
   * @param until later ones stay
   * @returns where to go on; null: no such entry is left
   */
  hasten(destination: string, until: number, now: number, limit: number): number | null {
    const rows = this.#sql
      .exec<{ due: number; position: number }>(
        "SELECT due, position FROM retry WHERE destination = ? AND due > ? AND due <= ? ORDER BY due DESC, position DESC LIMIT ?",
        destination,
        now,
        until,
        limit,
      )
      .toArray();
    for (const { due, position } of rows)
      this.#sql.exec(
        "UPDATE retry SET due = ? WHERE destination = ? AND due = ? AND position = ?",
        now,
        destination,
        due,
        position,
      );
    this.#mayBeDue(destination, now);
    return rows.length < limit ? null : rows.at(-1)!.due;
  }

  /** The entry behind one position now follows another. */
  #follow(destination: string, position: number, behind: number): void {
    this.#sql.exec(
      `UPDATE retry SET behind = ? WHERE behind IS NOT NULL AND destination = ? AND behind = ?`,
      behind,
      destination,
      position,
    );
  }

  /**
   * Takes one event's delivery out, also out of a batch. Entries behind it go on waiting for the one before it, if
   * there is one.
   * @returns its attempts; null: the list does not hold it
   */
  take(destination: string, position: number): PackedAttempts | null {
    const retry = this.find(destination, position);
    if (!retry) return null;
    this.#delete(retry);
    const rest = retry.positions.filter((one) => one !== position);
    if (rest.length > 0) this.add({ ...retry, positions: rest });
    if (retry.behind === null) this.#release(destination, position);
    else this.#follow(destination, position, retry.behind);
    return retry.attempts;
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
    const [single] = this.#rows(`${singles} AND position = ? AND destination = ?`, position, destination);
    const batched = `${batches} AND destination = ? AND last >= ? AND position <= ?`;
    const inBatches = () => this.#rows(batched, destination, position, position);
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

  /** Writes the attempts of an entry anew. */
  rewrite({ destination, due, positions }: RetryKey, attempts: PackedAttempts): void {
    this.#sql.exec(
      "UPDATE retry SET attempts = ? WHERE destination = ? AND due = ? AND position = ?",
      attempts,
      destination,
      due,
      positions[0]!,
    );
  }

  /** No entry that may be tried is due before; infinity: there is none. */
  earliest(destination: string): number {
    return this.#earliest.get(destination) ?? this.nextAfter(destination, 0);
  }

  /** When the next entry is due after a time up to which every entry is under way; infinity: there is none. */
  nextAfter(destination: string, time: number): number {
    const { due } = this.#sql
      .exec<{ due: number | null }>(
        `SELECT min(due) AS due FROM retry ${free} AND destination = ? AND due > ?`,
        destination,
        time,
      )
      .one();
    this.#earliest.set(destination, due ?? Number.POSITIVE_INFINITY);
    return due ?? Number.POSITIVE_INFINITY;
  }

  /** Entries that are due and may be tried, the longest overdue first. */
  due(destination: string, now: number, limit: number): Retry[] {
    return this.#rows(
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
      ...this.#rows(`${singles} AND position BETWEEN ? AND ?`, first, last),
      ...this.#rows(`${batches} AND position <= ? AND last >= ?`, last, first),
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
      ...this.#rows(`${batches} AND destination = ? AND last >= ?`, destination, from).flatMap(
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

  /** The clock was set back: no wait becomes longer by that. */
  setBack(ms: number, now: number): void {
    this.#sql.exec("UPDATE OR IGNORE retry SET due = due - ? WHERE due > ?", ms, now);
    this.#earliest.clear();
  }

  /**
   * Drops so many entries of events before a position, or all, and leaves some. Returns how many events each
   * destination loses.
   */
  dropSomeBefore(position: number, limit = -1, left = 0): Map<string, number> {
    const lost = new Map<string, number>();
    for (const retry of this.#rows(`${singles} AND position < ? LIMIT ? OFFSET ?`, position, limit, left)) {
      lost.set(retry.destination, (lost.get(retry.destination) ?? 0) + 1);
      this.remove(retry);
    }
    return lost;
  }

  /** Drops all entries, and parts of batches, of events before a position; returns the same. */
  dropBefore(position: number): Map<string, number> {
    const lost = this.dropSomeBefore(position);
    for (const retry of this.#rows(`${batches} AND position < ?`, position)) {
      const kept = retry.positions.filter((one) => one >= position);
      const events = retry.positions.length - kept.length;
      lost.set(retry.destination, (lost.get(retry.destination) ?? 0) + events);
      const attempts = this.attemptsOf(retry);
      this.remove(retry);
      if (kept.length > 0) this.add({ ...retry, positions: kept, attempts });
    }
    return lost;
  }

  /** Forgets a destination; returns how many events waited for it here. */
  forget(destination: string): number {
    this.#sql.exec("DELETE FROM retry WHERE destination = ?", destination);
    this.#earliest.delete(destination);
    return this.#counts.forget(destination);
  }

  #rows(condition: string, ...bindings: (string | number)[]): Retry[] {
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

  #delete({ destination, due, positions }: RetryKey): void {
    const { rowsWritten } = this.#sql.exec(
      "DELETE FROM retry WHERE destination = ? AND due = ? AND position = ?",
      destination,
      due,
      positions[0]!,
    );
    if (rowsWritten > 0) this.#counts.add(destination, -positions.length);
  }

  #release(destination: string, position: number): void {
    const [next] = this.#rows(`${followers} AND destination = ? AND behind = ?`, destination, position);
    if (!next) return;
    this.#sql.exec(
      "UPDATE retry SET behind = NULL WHERE destination = ? AND due = ? AND position = ?",
      destination,
      next.due,
      next.positions[0]!,
    );
    this.#mayBeDue(destination, next.due);
  }

  #mayBeDue(destination: string, at: number): void {
    const known = this.#earliest.get(destination);
    if (known !== undefined && at < known) this.#earliest.set(destination, at);
  }
}
