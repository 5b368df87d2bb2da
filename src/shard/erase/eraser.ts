/**
 * Erases accounts from a shard, in turns. Rows of the journal are written anew, deliveries that wait are given up, and
 * kept answers are blanked. Each step is one transaction with the row that tells how far it has come.
 */
import { concerns, erased, hiding } from "../../callback/erase.ts";
import type { DriftReport } from "../append/drift.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import { blanked } from "../pump/attempts.ts";
import type { Destination } from "../pump/destination.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import type { Schedule } from "../schedule.ts";
import type { ShardStorage } from "../storage.ts";
import { costOf, endTurn, newTurn, Turns } from "../turn.ts";
import { watchdogMs } from "../watchdog.ts";
import type { ErasureReport } from "./report.ts";
import type { ErasureRow, ErasureTable } from "./table.ts";

/** How long to wait for the end of a post that carries an event. Milliseconds. */
const waitForPostMs = 250;

export interface ErasedTables {
  readonly erasures: ErasureTable;
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly drift: DriftReport;
  readonly replays: { erase(account: string): void };
  readonly progress: { write(): void };
}

/** The part of an erasure that one shard has, before it begins. */
export type ErasurePart = Pick<ErasureRow, "matched" | "until">;

/** An erasure as a shard is told of it. */
export type ErasureOrder = ErasurePart & Pick<ErasureRow, "id" | "target" | "started"> & { account: string };

/** A row of the journal that names an account. */
interface Found {
  entries: readonly Entry[];
  named: readonly Entry[];
}

export class Eraser {
  readonly #tables: ErasedTables;
  readonly #destinations: { readonly all: ReadonlyMap<string, Destination> };
  readonly #storage: ShardStorage;
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  #running = false;

  constructor(
    tables: ErasedTables,
    destinations: { readonly all: ReadonlyMap<string, Destination> },
    storage: ShardStorage,
    schedule: Schedule,
    clock: Clock,
  ) {
    this.#tables = tables;
    this.#destinations = destinations;
    this.#storage = storage;
    this.#schedule = schedule;
    this.#clock = clock;
  }

  /** An erasure is under way. */
  get unfinished(): boolean {
    return this.#tables.erasures.next !== undefined;
  }

  /** Erasures under way, and the last that have ended; without the accounts. */
  get reports(): ErasureReport[] {
    return this.#tables.erasures.all.map(({ id, target, matched, erased, started, ended }) => {
      return { id, target, matched, erased, started, ended, shard: this.#storage.shard };
    });
  }

  /** Counts the events that name an account, up to the present end of the journal. */
  async count(account: string): Promise<ErasurePart> {
    const { journal } = this.#tables;
    const until = journal.end;
    let matched = 0;
    const turns = new Turns(this.#clock);
    for (let row = journal.row(0); row !== null; row = journal.row(row.next)) {
      matched += named(row.entries, account, until).length;
      await turns.looked(row.entries);
    }
    return { matched, until };
  }

  /** Begins an erasure. Told of again, it goes on. */
  begin(order: ErasureOrder): void {
    const row = { ...order, position: 0, erased: 0, ended: null };
    this.#storage.atomically(() => this.#tables.erasures.add(row));
    this.#schedule.alarmBy(this.#clock.now() + watchdogMs);
    this.wake();
  }

  /** Goes on with the erasures that are left. */
  wake(): void {
    if (!this.#running && this.unfinished && !this.#storage.broken) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (
        let row = this.#tables.erasures.next;
        row && !this.#storage.broken;
        row = this.#tables.erasures.next
      )
        if (this.#step(row)) await endTurn(this.#clock);
        else await new Promise<void>((resolve) => this.#clock.after(waitForPostMs, resolve));
    } catch (error) {
      this.#storage.restart(error);
    } finally {
      this.#running = false;
    }
  }

  /** False: a post carries an event of the next row. */
  #step(row: ErasureRow & { account: string }): boolean {
    const { journal, erasures, drift, replays, progress } = this.#tables;
    const { account, until } = row;
    const found: Found[] = [];
    const turn = newTurn();
    let { position } = row;
    let awaited: readonly Entry[] = [];
    let ended = false;
    while (turn.left > 0) {
      const next = journal.row(position);
      if (next === null || position >= until) {
        ended = true;
        break;
      }
      const { entries } = next;
      turn.left -= Math.max(
        1,
        entries.reduce((sum, { event }) => sum + costOf(event), 0),
      );
      const those = named(entries, account, until);
      if (those.some((entry) => this.#isCarried(entry))) {
        awaited = those;
        break;
      }
      if (those.length > 0) found.push({ entries, named: those });
      position = next.next;
    }
    if (awaited.length > 0 && position === row.position) {
      this.#withhold(awaited);
      return false;
    }
    this.#storage.atomically(() => {
      for (const one of found) this.#erase(one, account);
      // Deliveries that memory alone knows of would not be made again after a crash, and had no outcome.
      if (found.length > 0) progress.write();
      if (ended) {
        drift.erase(account);
        replays.erase(account);
      }
      erasures.update({
        ...row,
        position,
        erased: row.erased + found.reduce((sum, { named }) => sum + named.length, 0),
        ...(ended && { account: null, ended: this.#clock.now() }),
      });
    });
    // Conversations that waited for these events are released by a run of the pumps.
    if (found.length > 0) this.#schedule.at(this.#clock.now());
    return true;
  }

  #isCarried({ position }: Entry): boolean {
    return [...this.#destinations.all.values()].some((destination) => destination.carries(position));
  }

  /** Gives up deliveries that no post carries, so that none begins while another post is waited for. */
  #withhold(entries: readonly Entry[]): void {
    const now = this.#clock.now();
    this.#storage.atomically(() => {
      for (const destination of this.#destinations.all.values())
        for (const entry of entries) if (!destination.carries(entry.position)) destination.giveUp(entry, now);
    });
  }

  #erase({ entries, named }: Found, account: string): void {
    const { journal, retries, settled } = this.#tables;
    const blank = (attempts: string) => blanked(attempts, hiding(account));
    const now = this.#clock.now();
    for (const entry of named) {
      const { position } = entry;
      for (const retry of retries.rows.between(position, position))
        if (retry.positions.includes(position)) retries.rewrite(retry, blank(retries.rows.attemptsOf(retry)));
      for (const destination of this.#destinations.all.values()) destination.giveUp(entry, now);
      for (const one of settled.of(position)) settled.rewrite(one, blank(one.attempts));
    }
    journal.rewrite(
      entries.map((entry) =>
        named.includes(entry) ? { ...entry, event: erased(entry.event, account) } : entry,
      ),
    );
  }
}

/** The events before a position that name an account. */
function named(entries: readonly Entry[], account: string, until: number): Entry[] {
  return entries.filter(({ position, event }) => position < until && concerns(event, account));
}
