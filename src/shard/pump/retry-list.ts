/**
 * The retry list: deliveries whose last attempt failed, and replays that were asked for. The happy path never comes
 * here. A delivery has one entry at most.
 *
 * Rows written: queue 3 · take out 1.
 */

import type { Entry } from "../journal/segment.ts";
import type { Sql } from "../sql.ts";
import { type PackedAttempts, shortened } from "./attempts.ts";
import { EventCounts } from "./counts.ts";
import { type Retry, type RetryKey, RetryRows } from "./retry-rows.ts";
import { batches, followers, free, makeRetryTable, singles } from "./retry-table.ts";

export interface NewRetry extends Omit<Retry, "behind" | "replay"> {
  attempts: PackedAttempts;
  behind?: number | null;
  replay?: string | null;
}

export class RetryList {
  readonly rows: RetryRows;
  readonly #sql: Sql;
  readonly #counts = new EventCounts(() => this.#counted());
  /** By destination: no entry that may be tried is due before this time. Every insert corrects it. */
  readonly #earliest = new Map<string, number>();

  constructor(sql: Sql) {
    this.#sql = sql;
    this.rows = new RetryRows(sql);
    makeRetryTable(sql);
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
   * Queues the events of a batch in parts: one bad event shall not spoil the others.
   * @param retry its entry; null: it has none
   * @param parts of these, one has all events of its conversations; or each has one event
   * @param ordered whether the events of one conversation follow each other
   */
  divide(
    retry: RetryKey | null,
    again: NewRetry,
    parts: readonly (readonly Entry[])[],
    ordered: boolean,
  ): void {
    if (retry) this.remove(retry);
    const attempts = shortened(again.attempts);
    const lastOf = new Map<string, number>();
    for (const part of parts) {
      const positions = part.map(({ position }) => position);
      const conversation = (ordered && part[0]?.event.conversation) || null;
      const behind = conversation === null ? null : (lastOf.get(conversation) ?? null);
      this.add({ ...again, positions, attempts, behind });
      if (conversation !== null) lastOf.set(conversation, positions[0]!);
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
    const retry = this.rows.find(destination, position);
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
    const retry = this.rows.find(destination, position);
    if (!retry) return null;
    this.#delete(retry);
    const rest = retry.positions.filter((one) => one !== position);
    if (rest.length > 0) this.add({ ...retry, positions: rest });
    if (retry.behind === null) this.#release(destination, position);
    else this.#follow(destination, position, retry.behind);
    return retry.attempts;
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
    for (const retry of this.rows.select(
      `${singles} AND position < ? LIMIT ? OFFSET ?`,
      position,
      limit,
      left,
    )) {
      lost.set(retry.destination, (lost.get(retry.destination) ?? 0) + 1);
      this.remove(retry);
    }
    return lost;
  }

  /** Drops all entries, and parts of batches, of events before a position; returns the same. */
  dropBefore(position: number): Map<string, number> {
    const lost = this.dropSomeBefore(position);
    for (const retry of this.rows.select(`${batches} AND position < ?`, position)) {
      const kept = retry.positions.filter((one) => one >= position);
      const events = retry.positions.length - kept.length;
      lost.set(retry.destination, (lost.get(retry.destination) ?? 0) + events);
      const attempts = this.rows.attemptsOf(retry);
      this.remove(retry);
      if (kept.length > 0) this.add({ ...retry, positions: kept, attempts });
    }
    return lost;
  }

  /** Forgets a destination; returns how many events waited for it here. */
  forget(destination: string): number {
    const events = this.counts.get(destination) ?? 0;
    this.#sql.exec("DELETE FROM retry WHERE destination = ?", destination);
    this.#earliest.delete(destination);
    this.#counts.forget(destination);
    return events;
  }

  #counted(): Map<string, number> {
    const rows = this.#sql.exec<{ destination: string; events: number }>(
      `SELECT destination, sum(events) AS events FROM (SELECT destination, count(*) AS events FROM retry ${singles} GROUP BY destination UNION ALL SELECT destination, sum(json_array_length(positions)) FROM retry ${batches} GROUP BY destination) GROUP BY destination`,
    );
    return new Map(rows.toArray().map(({ destination, events }) => [destination, events]));
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
    const [next] = this.rows.select(`${followers} AND destination = ? AND behind = ?`, destination, position);
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
