/**
 * The rows of the journal, in daily tables. A row costs the same whether it holds one event or a hundred.
 *
 * A row of `segment_20261122`:
 *
 *     position  1837219840000000          of its first event; the others follow one by one
 *     format    1                         how to read the rest
 *     count     2                         events; 0: a progress record alone
 *     marks     x'0000c0d1…'              their fingerprints, 8 bytes each
 *     news      {"kinds":"","destinations":{"audit":{"cursor":1837219839998976,"underway":[]}},
 *                "delivered":[["audit",1837219839997952,1794159999998,12,200]]}
 *                kinds: of its events, q some quarantined, r some refused; older rows lack it
 *     heads     [["evt_01kanj…","Group.CallbackAfterRecallMsg",6,"1400000000","group:@TGS#1",…],…]
 *     bodies    {"CallbackCommand":…}{"CallbackCommand":…}
 *
 * Rows written: insert 1 · a new day's table 1 or 2 · rewriting 1 · dropping a day 0 · reading 0.
 */
import { daysWith, type Sql } from "../sql.ts";
import { laterVersion, storageFault } from "../storage-fault.ts";
import type { DamagedRows } from "./damaged-rows.ts";
import { dayOf, endOfDay, timeOf } from "./position.ts";
import type { ProgressRecord } from "./progress-record.ts";
import { type EventColumns, type Segment, unpackFingerprints } from "./segment.ts";

const format = 1;

/** The beginning of a row. */
type RowStart = { position: number; format: number; count: number };

/** A row of which some columns were read; null: they are damaged. */
type Row<Columns> = RowStart & { columns: Columns | null };

/** A progress record, and the position of the row that holds it. */
export interface PlacedProgress {
  position: number;
  progress: ProgressRecord;
}

export class SegmentTable {
  readonly #sql: Sql;
  readonly #damaged: DamagedRows;
  #days: readonly string[];

  constructor(sql: Sql, damaged: DamagedRows) {
    this.#sql = sql;
    this.#damaged = damaged;
    this.#days = daysWith(sql, "segment");
  }

  /** Days that have a table, oldest first. */
  get days(): readonly string[] {
    return this.#days;
  }

  /** The position of the last event, or of the last progress record that stands alone; -1: there is none. */
  get last(): number {
    for (const day of this.#days.toReversed()) {
      const [row] = this.#sql
        .exec<{ last: number }>(
          `SELECT position + max(count, 1) - 1 AS last FROM segment_${day} ORDER BY position DESC LIMIT 1`,
        )
        .toArray();
      if (row) return row.last;
    }
    return -1;
  }

  insert({ position, count, marks, news, heads, bodies }: Segment): void {
    const day = dayOf(position);
    if (this.#days.at(-1) !== day) {
      this.#sql.exec(
        `CREATE TABLE IF NOT EXISTS segment_${day} (position INTEGER PRIMARY KEY, format INTEGER NOT NULL, count INTEGER NOT NULL, marks BLOB NOT NULL, news TEXT NOT NULL, heads TEXT NOT NULL, bodies TEXT NOT NULL)`,
      );
      this.#days = [...this.#days, day];
    }
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
  }

  /** Writes the events of a row anew; its position, its count and all else of it stay. */
  rewrite({ position, heads, bodies }: Omit<EventColumns, "count">): void {
    this.#sql.exec(
      `UPDATE segment_${dayOf(position)} SET heads = ?, bodies = ? WHERE position = ?`,
      heads,
      bodies,
      position,
    );
  }

  /** A transaction that made a day's table has failed: these are the days that were before it. */
  rolledBackTo(days: readonly string[]): void {
    this.#days = days;
  }

  /** The day in whose table a position stands, or the next day that has a table. */
  dayFor(position: number): string | undefined {
    return this.#days.find((day) => endOfDay(day) > position);
  }

  /** The segment that holds a position, or else the first after it. */
  holding(day: string, position: number): EventColumns | undefined {
    return (
      this.#segment(
        day,
        `position = (SELECT max(position) FROM segment_${day} WHERE position <= ?) AND position + count > ?`,
        position,
        position,
      ) ?? this.following(day, position)
    );
  }

  /** The first segment of a day with events, at a position or after it. */
  following(day: string, position: number): EventColumns | undefined {
    return this.#segment(day, "position >= ? AND count > 0 ORDER BY position", position);
  }

  /** The segment that begins at a position. */
  beginningAt(day: string, position: number): EventColumns | undefined {
    return this.#segment(day, "position = ?", position);
  }

  /** The segment between two positions that holds the event of an id. */
  withEvent(id: string, from: number, until: number): EventColumns | undefined {
    for (const day of this.#days) {
      if (endOfDay(day) <= from) continue;
      const row = this.#segment(
        day,
        "position BETWEEN ? AND ? AND instr(heads, ?) > 0",
        from,
        until,
        `["${id}"`,
      );
      if (row) return row;
    }
    return undefined;
  }

  /** Damaged columns are empty, which no row of events is. */
  #segment(day: string, condition: string, ...bindings: (number | string)[]): EventColumns | undefined {
    const row = this.#row<Pick<Segment, "heads" | "bodies">>(day, "heads, bodies", condition, ...bindings);
    if (!row) return undefined;
    const { position, count, columns } = row;
    return { position, count, ...(columns ?? { heads: "", bodies: "" }) };
  }

  /**
   * The first row that fits. One row a statement: no table can be dropped while a cursor stands half-read in another.
   * The beginning of a row stands apart from its long texts: it can often be read where they are damaged.
   */
  #row<Columns extends object>(
    day: string,
    columns: string,
    condition: string,
    ...bindings: (number | string)[]
  ): Row<Columns> | undefined {
    const read = (more: string) =>
      this.#sql
        .exec<RowStart>(
          `SELECT position, format, count${more} FROM segment_${day} WHERE ${condition} LIMIT 1`,
          ...bindings,
        )
        .toArray()[0];
    let row: RowStart | undefined;
    let damaged = false;
    try {
      row = read(`, ${columns}`);
    } catch (error) {
      if (storageFault(error) !== "damaged") throw error;
      damaged = true;
      row = read("");
    }
    if (!row) return undefined;
    if (row.format > format) throw laterVersion(row.format);
    return { ...row, columns: damaged ? null : (row as unknown as Columns) };
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

  /** The fingerprints of the events that stand at or after a position, with the times of keeping. */
  *fingerprintsFrom(position: number): Iterable<{ at: number; fingerprints: Float64Array }> {
    for (const day of this.#days) {
      if (endOfDay(day) <= position) continue;
      const rows = this.#sql.exec<{ position: number; marks: ArrayBuffer }>(
        `SELECT position, marks FROM segment_${day} WHERE position >= ? AND count > 0 ORDER BY position`,
        position,
      );
      for (const row of rows) yield { at: timeOf(row.position), fingerprints: unpackFingerprints(row.marks) };
    }
  }

  /** The last progress record before a position. */
  progressBefore(position: number): PlacedProgress | null {
    const step = (row: RowStart) => row.position;
    return this.#progress(this.#days.toReversed(), "position < ? ORDER BY position DESC", position, step);
  }

  /** The first progress record at a position or after it. */
  progressFrom(position: number): PlacedProgress | null {
    const days = this.#days.filter((day) => endOfDay(day) > position);
    return this.#progress(days, "position >= ? ORDER BY position", position, (row) => row.position + 1);
  }

  /** @param step the position from which to read on where a row's record is damaged */
  #progress(
    days: readonly string[],
    condition: string,
    position: number,
    step: (row: RowStart) => number,
  ): PlacedProgress | null {
    let from = position;
    for (const day of days) {
      for (;;) {
        const row = this.#row<Pick<Segment, "news">>(day, "news", condition, from);
        if (!row) break;
        const progress = this.#record(row);
        if (progress) return { position: row.position, progress };
        from = step(row);
      }
    }
    return null;
  }

  #record({ position, columns }: Row<Pick<Segment, "news">>): ProgressRecord | null {
    try {
      if (columns !== null) return JSON.parse(columns.news);
    } catch {
      // Named below.
    }
    this.#damaged.met({ position, events: 0 }, "its progress record cannot be read");
    return null;
  }

  /** Forgets a day, whole. */
  drop(day: string): void {
    this.#sql.exec(`DROP TABLE IF EXISTS segment_${day}`);
    this.#days = this.#days.filter((one) => one !== day);
  }
}
