/**
 * The storage of a simulated object: SQLite in memory with one open transaction. A commit makes its rows durable some
 * milliseconds after the first write, and a rollback takes them back.
 */
import { DatabaseSync } from "node:sqlite";
import type { Chance } from "../support/chance.ts";
import type { Timeline } from "./timeline.ts";

/** A day that is dropped leaves this share of the database. */
const leftByDrop = 0.6;

/** A disk without room takes no write at all. A database at its limit takes deletions, and has room after a drop. */
export const fulls = ["disk", "limit"] as const;
export type Full = (typeof fulls)[number];

/** An operator finds room within this time. Milliseconds. */
const longestFullMs: Record<Full, number> = { disk: 3_600_000, limit: 86_400_000 };

export class SimulatedDisk {
  readonly database = new DatabaseSync(":memory:");
  /** Bytes of the database, as the object is told. */
  size = 0;
  /** When the shard's metadata were last written, on the timeline. */
  metadataWrittenAt = 0;
  /** Whether the disk was full at some time. */
  wasFull = false;
  /** Times of the timeline at which it took no row. */
  readonly refusals: number[] = [];
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #flushed: () => void;
  #full: Full | null = null;
  /** Its state once the transaction has ended: deletions make room for a row of the same transaction. */
  #fullAfter: Full | null = null;
  #atomic = false;
  #fullAt: { write: number; how: Full } | null = null;
  #flushing: PromiseWithResolvers<void> | null = null;

  /** @param flushed called when every row has become durable */
  constructor(timeline: Timeline, chance: Chance, flushed: () => void) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#flushed = flushed;
  }

  /** Resolves when every row written so far is durable; null if it is. Never, if the rows are rolled back. */
  get flushing(): Promise<void> | null {
    return this.#flushing?.promise ?? null;
  }

  get isFull(): boolean {
    return this.#full !== null;
  }

  /** @param how null: there is room again */
  fill(how: Full | null): void {
    this.#full = how;
    this.#fullAt = null;
    if (how === null) return;
    this.wasFull = true;
    this.#timeline.after(longestFullMs[how], () => {
      if (this.#full === how) this.#full = null;
    });
  }

  /** It is full from the write on that is so many from now. */
  fillAt(write: number, how: Full): void {
    this.#fullAt = { write, how };
  }

  /** Makes a statement that may write. */
  write<Result>(text: string, run: () => Result): Result {
    this.dirty();
    if (this.#fullAt && this.#fullAt.write-- <= 0) this.fill(this.#fullAt.how);
    const drops = text.startsWith("DROP TABLE");
    if (this.#full === "limit" && (drops || text.startsWith("DELETE"))) {
      this.#full = null;
      this.#fullAfter = drops ? null : "limit";
    }
    const result = this.#full ? this.#onFullDisk(text, run) : run();
    if (drops) this.size *= leftByDrop;
    if (text.includes("INTO standing")) this.metadataWrittenAt = this.#timeline.now;
    if (!this.#atomic) this.#transactionEnded();
    return result;
  }

  /** Several statements that are one. */
  atomically(write: () => void, alive: () => boolean): void {
    this.dirty();
    const full = this.#full;
    this.#atomic = true;
    this.database.exec("SAVEPOINT written");
    try {
      write();
      this.database.exec("RELEASE written");
    } catch (error) {
      this.#fullAfter ??= full;
      if (alive()) this.database.exec("ROLLBACK TO written; RELEASE written");
      throw error;
    } finally {
      this.#atomic = false;
      this.#transactionEnded();
    }
  }

  #transactionEnded(): void {
    this.#full ??= this.#fullAfter;
    this.#fullAfter = null;
  }

  /** A statement that changes nothing succeeds on a full disk too. */
  #onFullDisk<Result>(text: string, run: () => Result): Result {
    if (text.startsWith("INSERT")) throw this.#refusal();
    const before = this.#changes();
    this.database.exec("SAVEPOINT full");
    const result = run();
    const changed = this.#changes() !== before;
    this.database.exec(changed ? "ROLLBACK TO full; RELEASE full" : "RELEASE full");
    if (changed) throw this.#refusal();
    return result;
  }

  #refusal(): Error {
    this.refusals.push(this.#timeline.now);
    return new Error("database or disk is full: SQLITE_FULL");
  }

  #changes(): string {
    const [rows] = this.database.prepare("SELECT total_changes() AS n").all();
    const [schema] = this.database.prepare("PRAGMA schema_version").all();
    return JSON.stringify([rows, schema]);
  }

  /** Opens the transaction of the rows that are not durable, which is committed some milliseconds later. */
  dirty(): void {
    if (this.#flushing) return;
    this.database.exec("BEGIN");
    const flushing = Promise.withResolvers<void>();
    this.#flushing = flushing;
    this.#timeline.after(this.#chance.between(0, 8), () => {
      if (this.#flushing === flushing) this.flush();
    });
  }

  flush(): void {
    const flushing = this.#flushing;
    if (!flushing) return;
    this.database.exec("COMMIT");
    this.#flushing = null;
    this.#flushed();
    flushing.resolve();
  }

  rollBack(): void {
    if (!this.#flushing) return;
    this.database.exec("ROLLBACK");
    this.#flushing = null;
  }
}
