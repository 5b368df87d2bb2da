/**
 * The object's storage as its stages use it. Where a write failed half-way, memory and rows may differ. Then nothing
 * more is written, and the object starts again from its rows.
 */
import { log } from "../log.ts";
import type { Clock } from "./clock.ts";
import type { Schedule } from "./schedule.ts";
import type { Sql } from "./sql.ts";
import { needsOperator } from "./storage-fault.ts";
import { watchdogMs } from "./watchdog.ts";

/** The part of the platform's storage that stages use: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/ */
export interface ObjectStorage {
  readonly sql: Sql & { readonly databaseSize: number };
  transactionSync(write: () => void): void;
  /** Resolves when everything written so far is durable. */
  sync(): Promise<void>;
}

/** The part of the platform's object state that stages use. */
export interface ObjectState {
  waitUntil(promise: Promise<unknown>): void;
  abort(reason: string): void;
}

const restarting = "starts again from its rows";

export class ShardStorage {
  /** The shard's index, for the log. */
  readonly shard: number;
  readonly #storage: ObjectStorage;
  readonly #state: ObjectState;
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  #broken = false;
  #fault: unknown = null;

  constructor(shard: number, storage: ObjectStorage, state: ObjectState, schedule: Schedule, clock: Clock) {
    this.shard = shard;
    this.#storage = storage;
    this.#state = state;
    this.#schedule = schedule;
    this.#clock = clock;
  }

  /** Bytes of the database. Asking for them costs as much as a statement. */
  get size(): number {
    return this.#storage.sql.databaseSize;
  }

  /** Whether nothing may be written any more: the object is about to start again, or waits for an operator. */
  get broken(): boolean {
    return this.#broken;
  }

  /** The error that only an operator can mend; null: there is none. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Resolves when everything written so far is durable. */
  sync(): Promise<void> {
    return this.#storage.sync();
  }

  /** Fails if memory and rows may differ, or the storage is damaged. */
  mustBeWhole(): void {
    if (this.#fault !== null) throw this.#fault;
    if (this.#broken) throw new Error(restarting);
  }

  /**
   * Several statements that are one. If they fail, memory may count them as done all the same, so the object starts
   * again.
   */
  atomically(write: () => void): void {
    try {
      this.tryAtomically(write);
    } catch (error) {
      this.restart(error);
      throw error;
    }
  }

  /** Several statements that are one. If they fail, the caller has changed nothing in memory, or changes it back. */
  tryAtomically(write: () => void): void {
    this.mustBeWhole();
    this.#storage.transactionSync(write);
  }

  /** A write has failed that its caller takes back: the next may succeed, unless the storage is damaged. */
  writeFailed(error: unknown): void {
    if (needsOperator(error)) this.restart(error);
  }

  /** An object that is about to start again is woken by an alarm: also where that alarm has fired just before. */
  wakeAgain(): void {
    if (this.#broken && !this.#fault) this.#schedule.alarmBy(this.#clock.now() + watchdogMs);
  }

  /**
   * An error of the object's own work fails no caller: the next call finds the object started again from its rows. If no
   * start mends it, the object stays as it is, writes nothing, and refuses events.
   */
  restart(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    const shown = error instanceof Error ? error.stack : String(error);
    log.error("shard", { shard: this.shard, error: shown });
    if (needsOperator(error)) {
      this.#fault = error;
      return;
    }
    this.wakeAgain();
    const written = this.sync().catch(() => {});
    this.#state.waitUntil(written.then(() => this.#state.abort(restarting)));
  }
}
