/**
 * The journal: a shard's append-only record of its events. Many events go in at once, and one row, a segment, holds
 * them. Each has a position, which grows.
 *
 * Rows written: append 1 a segment · note 1 · reading 0.
 */
import { readEventId } from "../../callback/event-id.ts";
import type { Sql } from "../sql.ts";
import { DamagedRows, type DamageMemory } from "./damaged-rows.ts";
import { DeliveryNotes } from "./delivery-note.ts";
import type { PackedEvent } from "./packed-event.ts";
import { indexFrom, type Page, Pages, pageSize } from "./pages.ts";
import { endOfDay, nextPosition, positionAt } from "./position.ts";
import { cursorsOnly, decodeProgress } from "./progress-encoder.ts";
import type { ProgressRecord } from "./progress-record.ts";
import {
  type Entry,
  type EventColumns,
  packSegment,
  repack,
  type Segment,
  split,
  unpackSegment,
} from "./segment.ts";
import { type PlacedProgress, SegmentTable } from "./segment-table.ts";
import type { Sieve } from "./sieve.ts";
import { type Direction, sift } from "./sift.ts";
import { Tail } from "./tail.ts";

/** An event is nearly always kept within the first of these times of its own. Milliseconds. */
const findWithin = [2_000, 30_000];

/** The part of the storage that makes several rows one. */
interface Transactions {
  /** Throws if the rows cannot be written: then none is. */
  tryAtomically(write: () => void): void;
}

export class Journal {
  /** Rows that cannot be read: their events are passed over. */
  readonly damaged: DamagedRows;
  readonly #sql: Sql;
  readonly #table: SegmentTable;
  readonly #tail = new Tail();
  readonly #pages = new Pages();
  #last: number;

  constructor(sql: Sql, memory: DamageMemory = { read: () => null, write() {} }) {
    this.damaged = new DamagedRows(memory);
    this.#sql = sql;
    this.#table = new SegmentTable(sql, this.damaged);
    this.#last = this.#table.last;
  }

  /** Where the next event will stand, at the earliest. */
  get end(): number {
    return this.#last + 1;
  }

  /** Days that have a table, oldest first. */
  get days(): readonly string[] {
    return this.#table.days;
  }

  /** Keeps events, in their order, with a progress record: all or, if it throws, none. */
  append(events: readonly PackedEvent[], progress: ProgressRecord, now: number, storage: Transactions): void {
    const rows = split(events);
    const segments: Segment[] = [];
    const [days, last] = [this.#table.days, this.#last];
    const write = () => {
      for (const row of rows) {
        const recorded = segments.length === 0 ? progress : cursorsOnly(progress);
        segments.push(this.#write(packSegment(nextPosition(this.#last, now), row, recorded)));
      }
    };
    try {
      if (rows.length > 1) storage.tryAtomically(write);
      else write();
    } catch (error) {
      this.#table.rolledBackTo(days);
      this.#last = last;
      throw error;
    }
    for (const segment of segments) this.#tail.push(segment);
  }

  /** Keeps a progress record in a row of its own. */
  note(progress: ProgressRecord, now: number): void {
    const { days } = this.#table;
    try {
      this.#tail.push(this.#write(packSegment(nextPosition(this.#last, now), [], progress)));
    } catch (error) {
      this.#table.rolledBackTo(days);
      throw error;
    }
  }

  #write(segment: Segment): Segment {
    this.#table.insert(segment);
    this.#last = segment.position + Math.max(segment.count, 1) - 1;
    return segment;
  }

  /** Everything that rows have recorded so far. */
  latestProgress(): ProgressRecord {
    return this.progressBefore(Number.MAX_SAFE_INTEGER)?.progress ?? { destinations: {}, delivered: [] };
  }

  /** Everything that rows before a position recorded, and where the last of them stands. */
  progressBefore(position: number): PlacedProgress | null {
    const last = this.#table.progressBefore(position);
    return last && { position: last.position, progress: decodeProgress(this.#progressBack(last)) };
  }

  *#progressBack(last: PlacedProgress): Iterable<ProgressRecord> {
    for (let row: PlacedProgress | null = last; row; row = this.#table.progressBefore(row.position))
      yield row.progress;
  }

  /** The notes of deliveries that rows hold now. */
  deliveryNotes(): DeliveryNotes {
    return new DeliveryNotes(this.#table, this.end);
  }

  /**
   * Events from a position on, oldest first: `entries` from `index` on, and where to read after them. Beyond the end
   * there are none, and `next` is no less than the position.
   */
  read(from: number): { readonly entries: readonly Entry[]; readonly index: number; readonly next: number } {
    const known = this.#pages.over(from);
    if (known) {
      const index = indexFrom(known.entries, from);
      // Positions after the last entry may be taken by progress records: events may follow in the next page.
      return index < known.entries.length ? { ...known, index } : this.read(known.next);
    }
    const page = this.#read(from);
    this.#pages.keep(page);
    return { ...page, index: 0 };
  }

  #read(from: number): Page {
    let next = from;
    while (next < this.end) {
      if (next >= this.#tail.from(this.end)) return this.#readTail(next);
      const day = this.#table.dayFor(next);
      if (day === undefined) break;
      const page = this.#readDay(day, next);
      if (page.entries.length > 0) return page;
      next = Math.max(page.next, endOfDay(day));
    }
    return { from, entries: [], next: Math.max(from, this.end), characters: 0 };
  }

  #readDay(day: string, from: number): Page {
    const entries: Entry[] = [];
    let next = from;
    let characters = 0;
    let row = this.#table.holding(day, from);
    while (row) {
      for (const entry of this.#entriesOf(row)) if (entry.position >= from) entries.push(entry);
      next = Math.max(next, row.position + row.count);
      characters += row.bodies.length;
      row = isFull(entries, characters) ? undefined : this.#table.following(day, next);
    }
    return { from, entries, next, characters };
  }

  /** The events of a stored row; none if it is damaged. */
  #entriesOf(row: EventColumns): Entry[] {
    try {
      return unpackSegment(row);
    } catch (error) {
      this.damaged.met({ position: row.position, events: row.count }, String(error));
      return [];
    }
  }

  #readTail(from: number): Page {
    const { segments } = this.#tail;
    const entries: Entry[] = [];
    let characters = 0;
    let index = Math.max(
      0,
      segments.findLastIndex(({ position }) => position <= from),
    );
    for (; index < segments.length && !isFull(entries, characters); index++) {
      for (const entry of unpackSegment(segments[index]!)) {
        if (entry.position < from) continue;
        entries.push(entry);
        characters += entry.event.body.length;
      }
    }
    return { from, entries, next: segments[index]?.position ?? this.end, characters };
  }

  /** The event at a position; null if its day is gone. */
  at(position: number): Entry | null {
    const known = this.#pages.over(position);
    if (known) {
      const entry = known.entries[indexFrom(known.entries, position)];
      return entry?.position === position ? entry : null;
    }
    const row = this.#rowAt(position);
    return (row && this.#entriesOf(row).find((one) => one.position === position)) ?? null;
  }

  #rowAt(position: number) {
    if (position >= this.#tail.from(this.end)) return this.#tail.holding(position);
    const day = this.#table.dayFor(position);
    return day === undefined ? undefined : this.#table.holding(day, position);
  }

  /**
   * A page of the events in rows that pass a sieve, and where to go on; null: there is no further row. The page may be
   * empty: so many rows were looked through.
   */
  sift(direction: Direction, position: number, sieve: Sieve): { entries: Entry[]; next: number | null } {
    const back = direction === "before";
    for (const day of back ? this.#table.days.toReversed() : this.#table.days) {
      const sifted = sift(this.#sql, day, direction, position, sieve);
      if (sifted === null) continue;
      const entries: Entry[] = [];
      let characters = 0;
      for (const place of sifted.passing) {
        if (isFull(entries, characters)) return { entries, next: back ? entries.at(-1)!.position : place };
        const row = this.#table.beginningAt(day, place);
        if (!row) continue;
        characters += row.bodies.length;
        const there = this.#entriesOf(row).filter((one) => one.position < position === back);
        entries.push(...(back ? there.reverse() : there));
      }
      return { entries, next: sifted.next };
    }
    return { entries: [], next: null };
  }

  /**
   * The events of the row that holds a position, or of the next one with events, and where to read on. None if the row
   * is damaged. Null: no events follow.
   */
  row(from: number): { entries: Entry[]; next: number } | null {
    for (let day = this.#table.dayFor(from); day !== undefined; day = this.#table.dayFor(endOfDay(day))) {
      const row = this.#table.holding(day, from);
      if (row) return { entries: this.#entriesOf(row), next: row.position + row.count };
    }
    return null;
  }

  /** Writes all events of a row anew, within a transaction. */
  rewrite(entries: readonly Entry[]): void {
    const row = repack(entries);
    this.#table.rewrite(row);
    this.#tail.rewritten(row);
    this.#pages.clear();
  }

  /**
   * The event of an id, which tells when the Worker received the event; it was kept near that time.
   * @param window how far both times may be apart, milliseconds
   */
  find(id: string, window: number): Entry | null {
    const known = readEventId(id);
    if (!known) return null;
    for (const within of [...findWithin.filter((ms) => ms < window), window]) {
      const row = this.#table.withEvent(id, positionAt(known.at - within), positionAt(known.at + within));
      const entry = row && this.#entriesOf(row).find(({ event }) => event.id === id);
      if (entry) return entry;
    }
    return null;
  }

  /** The fingerprints of the events kept since a time, with the times of keeping. */
  fingerprintsSince(ms: number): Iterable<{ at: number; fingerprints: Float64Array }> {
    return this.#table.fingerprintsFrom(positionAt(ms));
  }

  /** How many events stand at or after a position. */
  countFrom(position: number): number {
    return this.#table.countFrom(position);
  }

  /** Forgets a day, whole. */
  drop(day: string): void {
    this.#table.drop(day);
    this.damaged.dropBefore(endOfDay(day));
    this.#tail.drop(day);
    this.#pages.clear();
  }
}

function isFull(entries: readonly Entry[], characters: number): boolean {
  return entries.length >= pageSize.events || characters >= pageSize.characters;
}
