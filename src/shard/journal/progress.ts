/**
 * Progress since the last row: deliveries, cursors, counters. The next segment records it; if none comes within a
 * second, progress gets a row of its own.
 */
import { elapsed } from "../../elapsed.ts";
import { log } from "../../log.ts";
import type { Clock } from "../clock.ts";
import type { Counters, Meter } from "../meter.ts";
import type { ShardStorage } from "../storage.ts";
import { activeBetween } from "../usage.ts";
import { unpacked } from "./delivered-batch.ts";
import type { Journal } from "./journal.ts";
import { ProgressEncoder } from "./progress-encoder.ts";
import type { DeliveryNote, DestinationState, ProgressRecord } from "./progress-record.ts";
import type { RelayRecord } from "./relay-record.ts";

/** How long progress waits for a segment before it gets a row of its own. Milliseconds. */
const progressDelayMs = 1_000;

/** How long after a write that has failed the next one is tried, unless events come. Milliseconds. */
const failedDelayMs = 10_000;

/** How long the storage is taken to be writable after a write. Milliseconds. */
const writableForMs = 60_000;

/** The destinations whose states are recorded. */
interface Tracked {
  readonly states: Readonly<Record<string, DestinationState>>;
  /** Whether the rows before this start did not tell of each. */
  readonly unrecorded: boolean;
}

/** The state of relay events. */
interface TrackedRelay {
  /** Grows with every change of the record. */
  readonly version: number;
  readonly record: RelayRecord | undefined;
}

export class Progress {
  readonly #journal: Journal;
  readonly #storage: ShardStorage;
  readonly #meter: Meter;
  readonly #clock: Clock;
  readonly #encoder: ProgressEncoder;
  #tracked: Tracked = { states: {}, unrecorded: false };
  #relay: TrackedRelay = { version: 0, record: undefined };
  #delivered: DeliveryNote[] = [];
  /** Calls off the row of its own that is planned; null: no row must record anything. */
  #callOff: (() => void) | null = null;
  #wroteAt = 0;
  #writeFailed = false;
  #failedAt = 0;

  /**
   * When the clock was last looked at, Unix milliseconds. A row records no earlier time: the next start must see that a
   * clock was set back since.
   */
  seenAt: number;

  /**
   * @param counters as the rows have recorded them
   * @param seenAt likewise
   */
  constructor(
    journal: Journal,
    storage: ShardStorage,
    meter: Meter,
    clock: Clock,
    counters: Counters,
    seenAt: number,
  ) {
    this.seenAt = seenAt;
    this.#journal = journal;
    this.#storage = storage;
    this.#meter = meter;
    this.#clock = clock;
    this.#encoder = new ProgressEncoder(counters);
  }

  /** From now on, records hold the states of these destinations, and of relay events. */
  track(destinations: Tracked, relay: TrackedRelay): void {
    this.#tracked = destinations;
    this.#relay = relay;
  }

  /** A first attempt has succeeded. */
  delivered(note: DeliveryNote): void {
    this.#delivered.push(note);
    this.changed();
  }

  /** A row must record that something has changed. */
  changed(): void {
    const delay = this.#writeFailed ? failedDelayMs : progressDelayMs;
    this.#callOff ??= this.#clock.after(delay, () => void this.tryWrite());
  }

  /** Records progress now; later, if the storage takes no row now. */
  tryWrite(): boolean {
    try {
      this.write();
      return true;
    } catch (error) {
      log.error("storage", { shard: this.#storage.shard, error: String(error) });
      this.#storage.writeFailed(error);
      return false;
    }
  }

  /** Whether a row of its own is still to be written. */
  get unfinished(): boolean {
    return this.#callOff !== null;
  }

  /** Deliveries that no row records yet. */
  get unrecorded(): readonly DeliveryNote[] {
    return this.#delivered;
  }

  /** The counters, as far as rows record them: a sum that was reported once never falls. */
  counters(): Counters {
    if (this.#encoder.isBehind(this.#meter.counters)) this.tryWrite();
    return { ...this.#encoder.counters };
  }

  /** Records progress in a row of its own. */
  write(): void {
    this.#storage.mustBeWhole();
    const record = this.#take(true);
    try {
      this.#journal.note(record, this.#clock.now());
    } catch (error) {
      this.giveBack(record);
      throw error;
    }
    this.written();
  }

  /**
   * Makes sure that a row tells of every destination: a full disk may have kept the start from writing it. Rows about a
   * name that no row tells of would stay for ever once its rule goes. The caller's transaction holds the write.
   */
  recordNames(): void {
    if (this.#tracked.unrecorded && this.#wroteAt === 0) this.write();
  }

  /** The record for a row of the caller's. The caller calls `written` or `giveBack` in the same turn. */
  take(): ProgressRecord {
    return this.#take(false);
  }

  /** The row of a record could not be written: the next row records its progress. */
  giveBack({ delivered, batches = [] }: ProgressRecord): void {
    this.#writeFailed = true;
    this.#failedAt = this.#clock.now();
    this.#delivered.unshift(...delivered, ...unpacked(batches));
    this.#encoder.lost();
    this.changed();
  }

  /** The row of a record is written. */
  written(): void {
    this.#wroteAt = this.#clock.now();
    this.#writeFailed = false;
  }

  /** Whether the storage takes a row. A full disk shows only in a write, so now and then this writes one. */
  canWrite(): boolean {
    const sinceWrite = elapsed(this.#wroteAt, this.#clock.now());
    return (!this.#writeFailed && sinceWrite < writableForMs) || this.tryWrite();
  }

  /** Whether the last write since this start has shown that the storage takes rows. */
  get provenWritable(): boolean {
    return this.#wroteAt > 0 && !this.#writeFailed;
  }

  /** Writes a row to learn whether the storage takes one; no row soon after a write that has failed. */
  proveWritable(): boolean {
    if (elapsed(this.#failedAt, this.#clock.now()) < failedDelayMs) return false;
    return this.tryWrite();
  }

  #take(alone: boolean): ProgressRecord {
    const delivered = this.#delivered;
    this.#delivered = [];
    this.#callOff?.();
    this.#callOff = null;
    this.#meter.count("activeMs", activeBetween(this.#wroteAt, this.#clock.now()));
    const current = {
      states: this.#tracked.states,
      delivered,
      counters: this.#meter.counters,
      relay: this.#relay,
    };
    return this.#encoder.encode(current, alone, Math.max(this.#clock.now(), this.seenAt));
  }
}
