/**
 * The replays of this shard: it begins and cancels them, writes their progress down, and forgets old ones. A replay
 * goes on from its row after a restart, at most a second's posts are repeated.
 */
import { log } from "../../log.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { Replaying, ReplaySource } from "../pump/replay-source.ts";
import type { ShardStorage } from "../storage.ts";
import { fitsReplay, type HandedOrder } from "./order.ts";
import { type ReadTables, ReplayReader } from "./reader.ts";
import { DestinationReplays, type ReplayRecords } from "./source.ts";
import { newRow, type ReplayRow, type ReplayTable, type Untold } from "./table.ts";

/** How long progress waits before a row records it, and how long after a write that has failed. Milliseconds. */
const recordEveryMs = 1_000;
const failedDelayMs = 10_000;

/** The narrowing of a replay that has ended. */
const everything = "{}";

/** Replays that have ended and are still listed. */
const mostEnded = 100;

/** The state that all shards have agreed on. */
export interface ReplayCluster {
  readonly shards: number;
  /** Whether a destination is sent nothing. */
  holds(destination: string): boolean;
}

/** The record of how far each destination has come. */
export interface ReplayProgress {
  /** Makes sure that a row tells of every destination. */
  recordNames(): void;
}

export class Replays implements Replaying, ReplayRecords {
  readonly #table: ReplayTable;
  readonly #read: ReadTables;
  readonly #progress: ReplayProgress;
  readonly #storage: ShardStorage;
  readonly #cluster: ReplayCluster;
  readonly #clock: Clock;
  readonly #rows: Map<string, ReplayRow>;
  readonly #rules = new Map<string, ForwardRule>();
  readonly #sources = new Map<string, DestinationReplays>();
  readonly #readers = new Map<string, ReplayReader>();
  /** Ids of replays whose row is to be written. */
  readonly #changed = new Set<string>();
  #timed = false;

  constructor(
    table: ReplayTable,
    read: ReadTables,
    progress: ReplayProgress,
    storage: ShardStorage,
    cluster: ReplayCluster,
    clock: Clock,
  ) {
    this.#table = table;
    this.#read = read;
    this.#progress = progress;
    this.#storage = storage;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#rows = new Map(table.all().map((row) => [row.id, row]));
  }

  get shards(): number {
    return this.#cluster.shards;
  }

  /** All replays, the oldest first. */
  get all(): readonly ReplayRow[] {
    return [...this.#rows.values()];
  }

  get running(): readonly ReplayRow[] {
    return this.all.filter(({ state }) => state === "running");
  }

  /** Whether a replay could go on, or progress is still to be written. */
  get unfinished(): boolean {
    return (
      this.#changed.size > 0 || this.running.some(({ destination }) => !this.#cluster.holds(destination))
    );
  }

  find(id: string): ReplayRow | null {
    return this.#rows.get(id) ?? null;
  }

  of(rule: ForwardRule): ReplaySource {
    const source = new DestinationReplays(this);
    this.#rules.set(rule.name, rule);
    this.#sources.set(rule.name, source);
    for (const row of this.running) {
      if (row.destination !== rule.name) continue;
      // A rule that is switched off lets events pass by: their first attempts will not come.
      if (!rule.enabled && row.fresh < row.last) {
        row.fresh = row.last;
        this.#changed.add(row.id);
      }
      this.#addReader(row, rule, source);
    }
    // Before the next row of the journal, which tells the next start that the rule was switched off.
    this.record();
    return source;
  }

  #addReader(row: ReplayRow, rule: ForwardRule, source: DestinationReplays): void {
    const reader = new ReplayReader(row, this.#read, fitsReplay(row, rule, this.#read.settled));
    this.#readers.set(row.id, reader);
    source.add(reader);
  }

  /**
   * Takes an order over, or its cancellation; a known order changes nothing.
   * @param fresh events from this position on wait for their first attempt
   * @param shared shard 0's: the sum of all shards, and the shards to be told
   */
  take(order: HandedOrder, fresh: number, shared?: { total: number; untold: Untold[] }): void {
    if (this.#rows.has(order.id)) {
      if (order.cancelled) this.cancel(order.id);
      return;
    }
    const row: ReplayRow = { ...newRow(order, fresh, this.#clock.now()), ...shared };
    this.#storage.atomically(() => {
      this.#write(row);
      this.#forgetOld();
      this.#progress.recordNames();
    });
    this.#rows.set(row.id, row);
    const [rule, source] = [this.#rules.get(row.destination), this.#sources.get(row.destination)];
    if (row.state === "running" && rule && source) this.#addReader(row, rule, source);
  }

  /**
   * Cancels a replay. On shard 0 it runs while any part does, so that its own part may be done.
   * @param untold shard 0's: the shards to be told
   */
  cancel(id: string, untold?: Untold[]): void {
    const row = this.#rows.get(id);
    if (!row) return;
    if (row.state === "running" || untold) {
      this.#end(row, "cancelled");
      this.#sources.get(row.destination)?.cancel(id);
    }
    if (untold) row.untold = untold;
    this.#storage.atomically(() => this.#write(row));
  }

  /** Shard 0's: these shards are still to be told. */
  setUntold(id: string, untold: Untold[]): void {
    const row = this.#rows.get(id);
    if (!row) return;
    row.untold = untold;
    this.#storage.atomically(() => this.#write(row));
  }

  /** Cancels the replays of a name that is forgotten. The caller's transaction holds the writes. */
  forget(destination: string): void {
    for (const row of this.running) {
      if (row.destination !== destination) continue;
      this.#end(row, "cancelled");
      this.#write(row);
    }
  }

  /**
   * Blanks patterns that hold an account, where the version before has kept them beyond the end of their replay. The
   * caller's transaction holds the writes.
   */
  erase(account: string): void {
    const shown = JSON.stringify(account).slice(1, -1);
    for (const row of this.all)
      if (row.state !== "running" && row.narrowing.includes(shown)) this.#write(row);
  }

  #end(row: ReplayRow, state: "done" | "cancelled"): void {
    row.state = state;
    row.ended = this.#clock.now();
  }

  /** Each write of a row holds the positions that are under way at that time, which belong to its cursor. */
  #write(row: ReplayRow): void {
    if (row.state !== "running") this.#readers.delete(row.id);
    // A pattern may name an account. It is needed while this shard or one to be told sends events.
    if (row.state !== "running" && row.untold.length === 0) row.narrowing = everything;
    if (row.state !== "running") row.underway = [];
    else row.underway = this.#readers.get(row.id)?.underway ?? row.underway;
    this.#table.write(row);
  }

  changed(reader: ReplayReader): void {
    const { row } = reader;
    this.#note(row.id);
    if (row.state !== "running" || !reader.done) return;
    this.#end(row, "done");
    this.record();
  }

  #note(id: string): void {
    this.#changed.add(id);
    this.#recordAfter(recordEveryMs);
  }

  #recordAfter(ms: number): void {
    if (this.#timed) return;
    this.#timed = true;
    this.#clock.after(ms, () => {
      this.#timed = false;
      this.record();
    });
  }

  /** Writes the progress of each replay that has gone on; later, if the storage takes no row now. */
  record(): void {
    try {
      for (const id of this.#changed) {
        this.#storage.mustBeWhole();
        const row = this.#rows.get(id);
        if (row) this.#write(row);
        this.#changed.delete(id);
      }
    } catch (error) {
      log.error("replays", { shard: this.#storage.shard, error: String(error) });
      this.#storage.writeFailed(error);
      this.#recordAfter(failedDelayMs);
    }
  }

  /** Of too many replays that have ended, the first to begin are forgotten. */
  #forgetOld(): void {
    const ended = this.all.filter(({ state, untold }) => state !== "running" && untold.length === 0);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - mostEnded))) {
      this.#table.remove(id);
      this.#rows.delete(id);
      this.#readers.delete(id);
      this.#changed.delete(id);
    }
  }
}
