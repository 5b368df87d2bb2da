/**
 * The fingerprints of the last minutes' events: an event that shares one of them is that event, sent again.
 *
 * Their memory is bounded, however many events come. They stand in a table for every two minutes. A table is
 * dropped as a whole: when all of it is too old, or when the fingerprints are too many.
 */
import { elapsed } from "../../elapsed.ts";
import { FingerprintTable } from "./fingerprint-table.ts";

/** How long two events with the same identity are one. Milliseconds. */
export const duplicateWindowMs = 10 * 60_000;

/** The time that one table covers. Milliseconds. */
const tableMs = 2 * 60_000;

/**
 * Fingerprints that are remembered, at 12 to 32 bytes each: two or three an event, so that about 1,000 events a second
 * fit. An object takes hardly more, and has 128 MB for everything.
 */
const mostFingerprints = 1_500_000;

/** With so many fingerprints, each of so many tables holds an equal part, and the oldest table makes room for a new one. */
const tablesWhenFull = 8;

/** A clock that is set back again and again begins a new table each time. */
const mostTables = 16;

interface Period {
  /** Unix milliseconds; the times of the table count from here. */
  from: number;
  table: FingerprintTable;
}

export class RecentFingerprints {
  /** In the order in which they were begun. */
  #periods: Period[] = [];
  /** Fingerprints of events that are being kept. */
  readonly #pending = new Map<number, Promise<void>>();
  readonly #most: number;
  /** The newest period that was forgotten early began then, Unix milliseconds. */
  #forgotFrom = Number.NEGATIVE_INFINITY;

  constructor(most = mostFingerprints) {
    this.#most = most;
  }

  /** The memory that the fingerprints take, bytes. */
  get bytes(): number {
    return this.#periods.reduce((sum, { table }) => sum + table.bytes, 0);
  }

  /** For how long duplicates are recognised, milliseconds: shorter than the window where too many events come. */
  reaches(now: number): number {
    const [oldest] = this.#periods;
    const shortened = elapsed(this.#forgotFrom, now) < duplicateWindowMs + tableMs;
    return shortened && oldest
      ? Math.min(Math.max(0, now - oldest.from), duplicateWindowMs)
      : duplicateWindowMs;
  }

  /** The keeping of the same event, done or under way; null if there is none. */
  find(fingerprints: readonly number[], now: number): Promise<void> | null {
    for (const fingerprint of fingerprints) {
      const pending = this.#pending.get(fingerprint);
      if (pending) return pending;
      const at = this.#keptAt(fingerprint);
      // After a clock was set back the event looks later than now: in doubt both are kept.
      if (at !== null && Math.abs(now - at) <= duplicateWindowMs) return Promise.resolve();
    }
    return null;
  }

  #keptAt(fingerprint: number): number | null {
    for (let index = this.#periods.length - 1; index >= 0; index--) {
      const { from, table } = this.#periods[index]!;
      const time = table.get(fingerprint);
      if (time !== undefined) return from + time;
    }
    return null;
  }

  /** Remembers an event while it is being kept, and from then on; forgets it if that fails. */
  async add(fingerprints: readonly number[], now: number, keeping: Promise<void>): Promise<void> {
    for (const fingerprint of fingerprints) this.#pending.set(fingerprint, keeping);
    try {
      await keeping;
      this.load(fingerprints, now);
    } finally {
      for (const fingerprint of fingerprints)
        if (this.#pending.get(fingerprint) === keeping) this.#pending.delete(fingerprint);
    }
  }

  /** Remembers events that were kept at a time. */
  load(fingerprints: Iterable<number>, at: number): void {
    const { from, table } = this.#periodOf(at);
    for (const fingerprint of fingerprints) table.set(fingerprint, at - from);
  }

  #periodOf(at: number): Period {
    const newest = this.#periods.at(-1);
    const most = this.#most / tablesWhenFull;
    if (newest && at >= newest.from && at < newest.from + tableMs && newest.table.size < most) return newest;
    this.#periods = this.#periods.filter(({ from }) => isRecent(from, at) || isRecent(from + tableMs, at));
    const period = { from: at, table: new FingerprintTable() };
    this.#periods.push(period);
    while (this.#size > this.#most - most || this.#periods.length > mostTables)
      this.#forgotFrom = this.#periods.shift()!.from;
    return period;
  }

  get #size(): number {
    return this.#periods.reduce((sum, { table }) => sum + table.size, 0);
  }
}

function isRecent(at: number, now: number): boolean {
  return Math.abs(now - at) <= duplicateWindowMs;
}
