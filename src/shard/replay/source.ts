/** The replays of one destination, of which the oldest that has an event ready goes first. */

import type { Entry } from "../journal/segment.ts";
import type { FirstAttempts, Replayed, ReplaySource } from "../pump/replay-source.ts";
import type { Turn } from "../turn.ts";
import type { ReplayReader } from "./reader.ts";

/** The stage that records progress. */
export interface ReplayRecords {
  /** Of all shards, which share the rate. */
  readonly shards: number;
  /** The row of a replay has changed, and is to be written soon. */
  changed(reader: ReplayReader): void;
}

export class DestinationReplays implements ReplaySource {
  readonly #readers = new Map<string, ReplayReader>();
  readonly #records: ReplayRecords;

  constructor(records: ReplayRecords) {
    this.#records = records;
  }

  add(reader: ReplayReader): void {
    this.#readers.set(reader.row.id, reader);
  }

  /** A cancelled replay sends nothing more; its posts under way are counted. */
  cancel(id: string): void {
    const reader = this.#readers.get(id);
    reader?.cancel();
    if (reader?.isOver) this.#readers.delete(id);
  }

  get readyAt(): number {
    let readyAt = Number.POSITIVE_INFINITY;
    for (const { row, readyAt: at } of this.#readers.values())
      if (row.state === "running") readyAt = Math.min(readyAt, at);
    return readyAt;
  }

  next(now: number, size: number, turn: Turn, deliveries: FirstAttempts): Replayed | null {
    const { shards } = this.#records;
    for (const reader of this.#readers.values()) {
      if (reader.row.state !== "running" || reader.readyAt > now) continue;
      const replayed = reader.next({ now, shards, size }, turn, deliveries);
      this.#note(reader);
      if (replayed !== null) return replayed;
    }
    return null;
  }

  ended(id: string, positions: readonly number[], delivered: boolean): void {
    const reader = this.#readers.get(id);
    if (!reader) return;
    reader.ended(positions, delivered);
    this.#note(reader);
  }

  settled(entries: readonly Entry[], deliveries: FirstAttempts): void {
    for (const reader of this.#readers.values()) {
      reader.settled(entries, deliveries);
      this.#note(reader);
    }
  }

  truncateBefore(position: number): void {
    for (const reader of this.#readers.values()) {
      reader.truncateBefore(position);
      this.#note(reader);
    }
  }

  setBack(ms: number): void {
    for (const reader of this.#readers.values()) reader.setBack(ms);
  }

  #note(reader: ReplayReader): void {
    const { isOver } = reader;
    if (reader.hasMoved() || isOver) this.#records.changed(reader);
    if (isOver) this.#readers.delete(reader.row.id);
  }
}
