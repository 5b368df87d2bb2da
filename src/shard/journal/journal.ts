/**
 * The journal: a shard's append-only record, in daily tables. What goes in is many events at once; a row costs the
 * same whether it holds one or a hundred.
 *
 * A row of `segment_20261122`:
 *
 *     position  1837219840000000          of its first event; the others follow one by one
 *     format    1                         how to read the rest
 *     count     2                         events; 0: news alone
 *     marks     x'0000c0d1…'              their fingerprints, 8 bytes each
 *     news      {"destinations":{"audit":{"cursor":1837219839998976,"underway":[]}},
 *                "delivered":[["audit",1837219839997952,1794159999998,12,200]]}
 *     heads     [["evt_01kanj…","Group.CallbackAfterRecallMsg",6,"1400000000","group:@TGS#1",…],…]
 *     bodies    {"CallbackCommand":…}{"CallbackCommand":…}
 *
 * Rows written: append 1 a segment · note 1 · a new day's table 1 or 2 · dropping a day 0 · reading 0.
 */
import { readEventId } from "../../callback/event-id.ts";
import { daysWith, type Sql } from "../sql.ts";
import { dayOf, endOfDay, nextPosition, positionAt, timeOf } from "./position.ts";
import { cursorsOnly, decodeProgress } from "./progress-encoder.ts";
import {
  type Arrived,
  type DeliveryNote,
  type Entry,
  type ProgressRecord,
  packSegment,
  type Segment,
  split,
  unpackFingerprints,
  unpackSegment,
} from "./segment.ts";

const format = 1;

/** The newest segments stay in memory, for destinations that keep up: they read no rows. */
const tail = { segments: 256, characters: 4_000_000 };

/** A page of reading: enough to keep a destination busy. */
const page = { events: 256, characters: 1_000_000 };

/** Pages that stay in memory: destinations that keep up all read the same, others read at places of their own. */
const pages = { most: 8, characters: 4_000_000 };

/** Rows in which a delivery's note is looked for. */
const noteRows = 32;

/** An event is nearly always kept within the first of these times of its own. Milliseconds. */
const findWithin = [2_000, 30_000];

interface Page {
  from: number;
  entries: Entry[];
  /** Where to read on. */
  next: number;
  characters: number;
}

/** What reading events takes from a row. */
type Held = Pick<Segment, "position" | "count" | "heads" | "bodies">;

const held = "position, count, heads, bodies";

export class Journal {
  readonly #sql: Sql;
  /** Days that have a table, oldest first. */
  #days: string[];
  #last: number;
  #tail: Segment[] = [];
  #tailCharacters = 0;
  /** What was read last, the latest first. */
  #pages: Page[] = [];
  #tailFrom: number;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#days = daysWith(sql, "segment");
    this.#last = -1;
    for (const day of this.#days.toReversed()) {
      const [row] = sql
        .exec<{ last: number }>(
          `SELECT position + max(count, 1) - 1 AS last FROM segment_${day} ORDER BY position DESC LIMIT 1`,
        )
        .toArray();
      if (!row) continue;
      this.#last = row.last;
      break;
    }
    this.#tailFrom = this.#last + 1;
  }

  /** Where the next event will stand, at the earliest. */
  get end(): number {
    return this.#last + 1;
  }

  get days(): readonly string[] {
    return this.#days;
  }

  /**
   * Keeps arrivals, in their order, with the news: all or, if it throws, none.
   * @param atomically writes several rows as one
   */
  append(
    arrived: readonly Arrived[],
    news: ProgressRecord,
    now: number,
    atomically: (write: () => void) => void,
  ): void {
    const rows = split(arrived);
    const segments: Segment[] = [];
    const [days, last] = [this.#days, this.#last];
    const write = () => {
      for (const row of rows) {
        const told = segments.length === 0 ? news : cursorsOnly(news);
        segments.push(this.#write(packSegment(nextPosition(this.#last, now), row, told)));
      }
    };
    try {
      if (rows.length > 1) atomically(write);
      else write();
    } catch (error) {
      this.#days = days;
      this.#last = last;
      throw error;
    }
    for (const segment of segments) this.#remember(segment);
  }

  /** Keeps news that no segment came for. */
  note(news: ProgressRecord, now: number): void {
    this.#remember(this.#write(packSegment(nextPosition(this.#last, now), [], news)));
  }

  #write(segment: Segment): Segment {
    const day = dayOf(segment.position);
    if (this.#days.at(-1) !== day) {
      this.#sql.exec(
        `CREATE TABLE IF NOT EXISTS segment_${day} (position INTEGER PRIMARY KEY, format INTEGER NOT NULL, count INTEGER NOT NULL, marks BLOB NOT NULL, news TEXT NOT NULL, heads TEXT NOT NULL, bodies TEXT NOT NULL)`,
      );
      this.#days = [...this.#days, day];
    }
    const { position, count, marks, news, heads, bodies } = segment;
    this.#sql.exec(
      `INSERT INTO segment_${day} VALUES (?, ?, ?, ?, ?, ?, ?)`,
      position,
      format,
      count,
      marks,
      news,
      heads,
      bodies,
    );
    this.#last = position + Math.max(count, 1) - 1;
    return segment;
  }

  #remember(segment: Segment): void {
    this.#tail.push(segment);
    this.#tailCharacters += segment.bodies.length;
    while (this.#tail.length > tail.segments || this.#tailCharacters > tail.characters)
      this.#tailCharacters -= this.#tail.shift()!.bodies.length;
    this.#tailFrom = this.#tail[0]?.position ?? this.end;
  }

  /** Everything that rows have told so far: where every destination stands. */
  latestProgress(): ProgressRecord {
    return this.progressBefore(Number.MAX_SAFE_INTEGER)?.news ?? { destinations: {}, delivered: [] };
  }

  /** Everything that rows before a position told, and where the last of them stands. */
  progressBefore(position: number): { position: number; news: ProgressRecord } | null {
    const last = this.#rowBefore(position);
    return last && { position: last.position, news: decodeProgress(this.#newsBack(last)) };
  }

  *#newsBack(last: { position: number; news: ProgressRecord }): Iterable<ProgressRecord> {
    for (let row: typeof last | null = last; row; row = this.#rowBefore(row.position)) yield row.news;
  }

  #rowBefore(position: number): { position: number; news: ProgressRecord } | null {
    for (const day of this.#days.toReversed()) {
      const [row] = this.#sql
        .exec<{ position: number; news: string }>(
          `SELECT position, news FROM segment_${day} WHERE position < ? ORDER BY position DESC LIMIT 1`,
          position,
        )
        .toArray();
      if (row) return { position: row.position, news: JSON.parse(row.news) };
    }
    return null;
  }

  /**
   * Events from a position on, oldest first: those of `entries` from `index` on, and where to read after them. Beyond
   * the end there are none, and `next` is no less than the position.
   */
  read(from: number): { readonly entries: readonly Entry[]; readonly index: number; readonly next: number } {
    const known = this.#pages.find((one) => one.from <= from && from < one.next);
    if (!known) return { ...this.#remembered(this.#read(from)), index: 0 };
    return { ...known, index: firstFrom(known.entries, from) };
  }

  #remembered(read: Page): Page {
    if (read.entries.length === 0) return read;
    this.#pages.unshift(read);
    let characters = 0;
    this.#pages = this.#pages.filter((one, index) => {
      characters += one.characters;
      return index === 0 || (index < pages.most && characters <= pages.characters);
    });
    return read;
  }

  #read(from: number): Page {
    let next = from;
    while (next < this.end) {
      if (next >= this.#tailFrom) return this.#readTail(next);
      const day = this.#days.find((one) => endOfDay(one) > next);
      if (day === undefined) break;
      const read = this.#readDay(day, next);
      if (read.entries.length > 0) return read;
      next = Math.max(read.next, endOfDay(day));
    }
    return { from, entries: [], next: Math.max(from, this.end), characters: 0 };
  }

  #readDay(day: string, from: number): Page {
    const entries: Entry[] = [];
    let next = from;
    let characters = 0;
    for (let row = this.#holding(day, from); row; row = this.#following(day, next)) {
      for (const entry of unpackSegment(row)) if (entry.position >= from) entries.push(entry);
      next = Math.max(next, row.position + row.count);
      characters += row.bodies.length;
      if (entries.length >= page.events || characters >= page.characters) break;
    }
    return { from, entries, next, characters };
  }

  /** The segment that holds a position, or the next. */
  #holding(day: string, position: number): Held | undefined {
    return (
      this.#segment(
        `SELECT ${held} FROM segment_${day} WHERE position = (SELECT max(position) FROM segment_${day} WHERE position <= ?) AND position + count > ?`,
        position,
        position,
      ) ?? this.#following(day, position)
    );
  }

  #following(day: string, position: number): Held | undefined {
    return this.#segment(
      `SELECT ${held} FROM segment_${day} WHERE position >= ? AND count > 0 ORDER BY position LIMIT 1`,
      position,
    );
  }

  /** One row a statement: nobody may drop a table while a cursor stands half-read in another. */
  #segment(statement: string, ...bindings: number[]): Held | undefined {
    return this.#sql.exec<Held>(statement, ...bindings).toArray()[0];
  }

  #readTail(from: number): Page {
    const entries: Entry[] = [];
    let characters = 0;
    let index = Math.max(
      0,
      this.#tail.findLastIndex(({ position }) => position <= from),
    );
    for (; index < this.#tail.length; index++) {
      if (entries.length >= page.events || characters >= page.characters) break;
      for (const entry of unpackSegment(this.#tail[index]!)) {
        if (entry.position < from) continue;
        entries.push(entry);
        characters += entry.event.body.length;
      }
    }
    return { from, entries, next: this.#tail[index]?.position ?? this.end, characters };
  }

  /** The event at a position; null if its day is gone. */
  at(position: number): Entry | null {
    const known = this.#pages.find((one) => one.from <= position && position < one.next);
    if (known) {
      const entry = known.entries[firstFrom(known.entries, position)];
      return entry?.position === position ? entry : null;
    }
    const day = this.#days.find((one) => endOfDay(one) > position);
    const row =
      position >= this.#tailFrom
        ? this.#tail.findLast((segment) => segment.position <= position)
        : day !== undefined && this.#holding(day, position);
    return (row && unpackSegment(row).find((one) => one.position === position)) || null;
  }

  /** A page of events before a position, newest first, and where to read on; null at the beginning. */
  readBack(before: number): { entries: Entry[]; next: number | null } {
    for (const day of this.#days.toReversed()) {
      const entries: Entry[] = [];
      let next = before;
      let characters = 0;
      while (entries.length < page.events && characters < page.characters) {
        const row = this.#segment(
          `SELECT ${held} FROM segment_${day} WHERE position < ? AND count > 0 ORDER BY position DESC LIMIT 1`,
          next,
        );
        if (!row) break;
        next = row.position;
        characters += row.bodies.length;
        for (const entry of unpackSegment(row).reverse()) if (entry.position < before) entries.push(entry);
      }
      if (entries.length > 0) return { entries, next };
    }
    return { entries: [], next: null };
  }

  /**
   * The event of an id. Its id tells when the Worker received it; it was kept near that time.
   * @param window how far both may be apart, milliseconds
   */
  find(id: string, window: number): Entry | null {
    const known = readEventId(id);
    if (!known) return null;
    for (const within of [...findWithin.filter((ms) => ms < window), window]) {
      const entry = this.#findBetween(id, positionAt(known.at - within), positionAt(known.at + within));
      if (entry) return entry;
    }
    return null;
  }

  #findBetween(id: string, from: number, until: number): Entry | null {
    for (const day of this.#days) {
      if (endOfDay(day) <= from) continue;
      const [row] = this.#sql
        .exec<Pick<Segment, "position" | "heads" | "bodies">>(
          `SELECT position, heads, bodies FROM segment_${day} WHERE position BETWEEN ? AND ? AND instr(heads, ?) > 0 LIMIT 1`,
          from,
          until,
          `["${id}"`,
        )
        .toArray();
      const entry = row && unpackSegment(row).find(({ event }) => event.id === id);
      if (entry) return entry;
    }
    return null;
  }

  /** The fingerprints of the events kept since a time, with the times of keeping. */
  *fingerprintsSince(ms: number): Iterable<{ at: number; marks: Float64Array }> {
    const from = positionAt(ms);
    for (const day of this.#days) {
      if (endOfDay(day) <= from) continue;
      const rows = this.#sql.exec<{ position: number; marks: ArrayBuffer }>(
        `SELECT position, marks FROM segment_${day} WHERE position >= ? AND count > 0 ORDER BY position`,
        from,
      );
      for (const { position, marks } of rows)
        yield { at: timeOf(position), marks: unpackFingerprints(marks) };
    }
  }

  /** How many events stand at or after a position. */
  countFrom(position: number): number {
    let count = 0;
    for (const day of this.#days) {
      if (endOfDay(day) <= position) continue;
      count += this.#sql
        .exec<{ events: number }>(
          `SELECT coalesce(sum(count), 0) AS events FROM segment_${day} WHERE position >= ?`,
          position,
        )
        .one().events;
    }
    return count;
  }

  /**
   * When and how an event was delivered at the first attempt. Every row tells what was read and is still under way;
   * the first to tell that the event no longer is, found by halving, also holds the note.
   */
  deliveryNote(destination: string, position: number): DeliveryNote | null {
    const hasEnded = ({ destinations }: ProgressRecord) => {
      const { cursor, underway, done = [] } = destinations[destination] ?? { cursor: 0, underway: [] };
      return cursor > position ? !underway.includes(position) : done.includes(position);
    };
    let low = position;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#newsAt(middle);
      if (row && !hasEnded(row.news)) low = row.position + 1;
      else high = middle;
    }
    let row = this.#newsAt(low);
    // A row that could not tell all that is under way tells less, and the note stands in one before.
    for (let looked = 0; row && row.position >= position && looked < noteRows; looked++) {
      const note = row.news.delivered.find(([name, at]) => name === destination && at === position);
      if (note) return note;
      row = this.#rowBefore(row.position);
    }
    return null;
  }

  #newsAt(from: number): { position: number; news: ProgressRecord } | null {
    for (const day of this.#days) {
      if (endOfDay(day) <= from) continue;
      const [row] = this.#sql
        .exec<{ position: number; news: string }>(
          `SELECT position, news FROM segment_${day} WHERE position >= ? ORDER BY position LIMIT 1`,
          from,
        )
        .toArray();
      if (row) return { position: row.position, news: JSON.parse(row.news) };
    }
    return null;
  }

  /** Forgets a day, whole. */
  drop(day: string): void {
    this.#sql.exec(`DROP TABLE IF EXISTS segment_${day}`);
    this.#days = this.#days.filter((one) => one !== day);
    this.#tail = this.#tail.filter(({ position }) => dayOf(position) !== day);
    this.#tailCharacters = this.#tail.reduce((sum, { bodies }) => sum + bodies.length, 0);
    this.#tailFrom = this.#tail[0]?.position ?? this.end;
    this.#pages = [];
  }
}

/** The index of the first entry at or after a position. */
function firstFrom(entries: readonly Entry[], position: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.position < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
