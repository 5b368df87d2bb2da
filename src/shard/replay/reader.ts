/**
 * Reads the events of one replay at one destination, within its rate. One row holds its cursor: no event has a row. The
 * row also counts the outcomes: `sent`, `failed`.
 *
 * An event that waits for its first attempt is left to that attempt, whose outcome counts as the replay's. One in the
 * retry list is taken out of its turn. So no event is on its way twice.
 */

import { maxBatchBytes } from "../../delivery/batch.ts";
import { perShard, take } from "../../delivery/rate.ts";
import { elapsed } from "../../elapsed.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import type { FirstAttempts, Replayed } from "../pump/replay-source.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import { costOf, type Turn } from "../turn.ts";
import type { ReplayRow } from "./table.ts";

/** Positions that may have no outcome yet: the row holds all of them. */
const mostUnderway = 1_000;

/**
 * The ends of posts are heard of. Should one be missed, a look asks after so many events with a first attempt ahead, at
 * most so often. Milliseconds.
 */
const awaitedALook = 64;
const lookEveryMs = 30_000;

/** With `batch`, the time for which the rate lets events gather to a post. Milliseconds. */
const gatherMs = 100;

export interface ReadTables {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
}

/** The pace of a call: rate and size of its posts. */
export interface Pace {
  now: number;
  shards: number;
  /** Events that one post may hold. */
  size: number;
}

export class ReplayReader {
  readonly row: ReplayRow;
  readonly #tables: ReadTables;
  readonly #fits: (entry: Entry) => boolean;
  /** Positions that were under way when the object started. */
  readonly #resumed: number[];
  readonly #posted = new Set<number>();
  /** Positions of events that are left to their first attempt; the one looked at longest ago first. */
  readonly #awaited = new Set<number>();
  #lookedAt = 0;
  /** The parts of the row that change, when they were last asked for. */
  #shown: string;
  #dueAt = 0;
  /** When the rate allows the next post. */
  #nextAt = 0;
  /** When the next events may be ready, Unix milliseconds. */
  readyAt = 0;

  /** @param fits whether the replay sends an event */
  constructor(row: ReplayRow, tables: ReadTables, fits: (entry: Entry) => boolean) {
    this.row = row;
    this.#tables = tables;
    this.#fits = fits;
    this.#resumed = row.underway.toSorted((a, b) => a - b);
    this.#shown = this.#progress;
  }

  /** Whether the row has changed since this was last asked. */
  hasMoved(): boolean {
    const before = this.#shown;
    this.#shown = this.#progress;
    return this.#shown !== before;
  }

  /** Positions come under way as the cursor passes them: their number tells whether they have changed. */
  get #progress(): string {
    const { cursor, sent, failed } = this.row;
    return [cursor, sent, failed, this.#open].join();
  }

  /** Positions before the cursor that have no outcome yet, in order. */
  get underway(): number[] {
    return [...this.#resumed, ...this.#posted, ...this.#awaited].sort((a, b) => a - b);
  }

  /** Every event has an outcome. */
  get done(): boolean {
    return this.row.cursor >= this.row.last && this.#open === 0;
  }

  /** Nothing of it is left to do: it is done, or it was cancelled and its posts have ended. */
  get isOver(): boolean {
    return this.row.state === "cancelled" ? this.#posted.size === 0 : this.done;
  }

  get #open(): number {
    return this.#resumed.length + this.#posted.size + this.#awaited.size;
  }

  /**
   * The events of the next post; null: none is ready before `readyAt`.
   * @param deliveries tells which events are left to their first attempt
   */
  next({ now, shards, size }: Pace, turn: Turn, deliveries: FirstAttempts): Replayed | null {
    this.#look(now, turn, deliveries);
    const rate = perShard(this.row.perSecond, shards);
    const { posts } = take(this.#dueAt, rate, size, now);
    const entries: Entry[] = [];
    let bytes = 0;
    while (turn.left > 0 && this.#open < mostUnderway) {
      const entry = this.#peek(turn);
      if (entry === null) break;
      const { position, event } = entry;
      if (this.#isLeft(entry, deliveries)) {
        this.#passed(position);
        continue;
      }
      bytes += event.size;
      if (entries.length >= posts || (entries.length > 0 && bytes > maxBatchBytes)) break;
      const inList = this.#tables.retries.rows.has(this.row.destination, position);
      if (inList && entries.length > 0) break;
      this.#passed(position);
      this.#posted.add(position);
      entries.push(entry);
      if (inList) break;
    }
    const { dueAt } = take(this.#dueAt, rate, entries.length, now);
    if (entries.length > 0) this.#dueAt = dueAt;
    this.#nextAt = dueAt + (size > 1 && entries.length > 0 ? gatherMs : 0);
    this.readyAt = turn.left <= 0 ? now : this.#nextReady(now);
    return entries.length === 0 ? null : { id: this.row.id, entries };
  }

  #nextReady(now: number): number {
    const isRead = this.row.cursor >= this.row.last && this.#resumed.length === 0;
    if (!isRead && this.#open < mostUnderway) return this.#nextAt;
    return this.#awaited.size > 0 ? now + lookEveryMs : Number.POSITIVE_INFINITY;
  }

  /** The next event that fits, which the cursor or the positions of the last start have come to. */
  #peek(turn: Turn): Entry | null {
    const { journal } = this.#tables;
    while (turn.left > 0) {
      const [resumed] = this.#resumed;
      if (resumed !== undefined) {
        const entry = journal.at(resumed);
        turn.left -= entry === null ? 1 : costOf(entry.event);
        if (entry !== null && this.#fits(entry)) return entry;
        // A dead letter that is none any more was posted before a crash.
        if (entry !== null && this.row.choice === "dead") this.#count(resumed);
        this.#resumed.shift();
        continue;
      }
      const { row } = this;
      if (row.cursor >= row.last) return null;
      const { entries, index = 0, next } = journal.read(row.cursor);
      for (const entry of entries.slice(index)) {
        if (entry.position >= row.last) break;
        row.cursor = entry.position;
        if (turn.left <= 0) return null;
        turn.left -= costOf(entry.event);
        if (this.#fits(entry)) return entry;
      }
      row.cursor = Math.min(next, row.last);
    }
    return null;
  }

  #passed(position: number): void {
    if (this.#resumed[0] === position) this.#resumed.shift();
    else this.row.cursor = position + 1;
  }

  /** Whether the event's outcome is that of another post, which is counted now or awaited. */
  #isLeft({ position, event }: Entry, deliveries: FirstAttempts): boolean {
    if (deliveries.waits(position, event)) {
      this.#awaited.add(position);
      return true;
    }
    if (!this.#wasPending(position) && !this.#hasFailed(position)) return false;
    this.#count(position);
    return true;
  }

  /** Whether the event waited for its first attempt when the replay began, and was not given up before. */
  #wasPending(position: number): boolean {
    const { fresh, choice, destination, orderedAt } = this.row;
    if (position < fresh || choice !== "all") return false;
    return !this.#tables.settled.isDeadSince({ position, destination }, orderedAt);
  }

  /** Whether the replay's own post has failed, before a crash that forgot that. */
  #hasFailed(position: number): boolean {
    const { id, destination } = this.row;
    const retry = this.#tables.retries.rows.find(destination, position);
    return retry !== null && retry.replay === id && retry.failures > 0;
  }

  /** Counts an event by the state of its delivery. */
  #count(position: number): void {
    const { retries, settled } = this.#tables;
    const { row } = this;
    const key = { position, destination: row.destination };
    if (retries.rows.has(row.destination, position) || settled.stateOf(key) === "dead") row.failed++;
    else row.sent++;
  }

  /** Asks after events that are left to their first attempts. */
  #look(now: number, turn: Turn, deliveries: FirstAttempts): void {
    if (this.#awaited.size === 0 || elapsed(this.#lookedAt, now) < lookEveryMs) return;
    this.#lookedAt = now;
    for (const position of [...this.#awaited].slice(0, awaitedALook)) {
      if (turn.left <= 0) return;
      this.#awaited.delete(position);
      const entry = this.#tables.journal.at(position);
      turn.left -= entry === null ? 1 : costOf(entry.event);
      if (entry === null) continue;
      if (deliveries.waits(position, entry.event)) this.#awaited.add(position);
      else this.#count(position);
    }
  }

  /** A post of the replay has ended, or a later attempt, which does not count. */
  ended(positions: readonly number[], delivered: boolean): void {
    const own = positions.filter((position) => this.#posted.delete(position));
    if (delivered) this.row.sent += own.length;
    else this.row.failed += own.length;
    this.readyAt = Math.min(this.readyAt, this.#nextAt);
  }

  /** Any deliveries of the destination have ended, or failed: the replay may have left these events to them. */
  settled(entries: readonly Entry[], deliveries: FirstAttempts): void {
    for (const { position, event } of entries) {
      if (!this.#awaited.has(position) || deliveries.waits(position, event)) continue;
      this.#awaited.delete(position);
      this.#count(position);
      this.readyAt = Math.min(this.readyAt, this.#nextAt);
    }
  }

  /** Events before a position are gone from the journal: they are neither sent nor failed. */
  truncateBefore(position: number): void {
    this.#resumed.splice(0, this.#resumed.length, ...this.#resumed.filter((one) => one >= position));
    for (const one of this.#awaited) if (one < position) this.#awaited.delete(one);
    this.row.cursor = Math.max(this.row.cursor, Math.min(position, this.row.last));
  }

  /** The clock was set back: no event is sent later by that. */
  setBack(ms: number): void {
    this.#dueAt -= ms;
    this.#nextAt -= ms;
    this.readyAt -= ms;
  }

  /** The replay is cancelled: posts under way end, and are counted. */
  cancel(): void {
    this.#resumed.length = 0;
    this.#awaited.clear();
  }
}
