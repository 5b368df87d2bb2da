/**
 * Days that end, and storage that fills. A day goes whole. First every cursor moves behind it: each event that a
 * destination loses by that is counted as expired.
 */
import { elapsed } from "../elapsed.ts";
import { log } from "../log.ts";
import type { Misfits } from "./append/misfits.ts";
import type { Clock } from "./clock.ts";
import type { Journal } from "./journal/journal.ts";
import { endOfDay, positionAt, timeOf } from "./journal/position.ts";
import type { Progress } from "./journal/progress.ts";
import type { Destination } from "./pump/destination.ts";
import type { Destinations } from "./pump/destinations.ts";
import { countEvents } from "./pump/event-counter.ts";
import type { RetryList } from "./pump/retry-list.ts";
import type { SettledDeliveries } from "./pump/settled.ts";
import { ownLosses } from "./relay/own-losses.ts";
import type { ShardStorage } from "./storage.ts";
import { endTurn } from "./turn.ts";

/** An object holds 10 GB. From here on it drops its oldest day early. Bytes. */
export const fullBytes = 8e9;
export const nearlyFullBytes = 6e9;

/** Retries that are dropped with their day in one turn. */
const retriesPerTurn = 200;

/**
 * Names without a rule that are kept: every row of the journal holds each of them. The settings hold fewer rules, so
 * that a deploy without any rules, made by mistake, loses no name.
 */
const mostGone = 1_500;

/** A day that has ended is dropped so much later at the earliest. Milliseconds. */
const dropDelayMs = 60_000;

export interface RetainedTables {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly misfits: Misfits;
  readonly progress: Progress;
}

/** Each commit asks whether the storage is full, and its size costs as much as a statement. Milliseconds. */
const askSizeEveryMs = 1_000;

/** How many unread events each destination loses with a day; and its `unreadChanges` when they were counted. */
type Losses = Map<Destination, { events: number; unreadChanges: number }>;

/** Hears of losses, and of names that are forgotten. */
export interface LossRole {
  expired(destination: string, events: number): void;
  forget(destination: string): void;
}

export class Retention {
  readonly #tables: RetainedTables;
  readonly #destinations: Destinations;
  readonly #relay: LossRole;
  readonly #storage: ShardStorage;
  readonly #clock: Clock;
  readonly #retentionMs: number;
  /** Whether the storage was full, and when it was asked. */
  #lately = { full: false, at: Number.NEGATIVE_INFINITY };

  constructor(
    tables: RetainedTables,
    destinations: Destinations,
    relay: LossRole,
    storage: ShardStorage,
    clock: Clock,
    retentionMs: number,
  ) {
    this.#tables = tables;
    this.#destinations = destinations;
    this.#relay = relay;
    this.#storage = storage;
    this.#clock = clock;
    this.#retentionMs = retentionMs;
  }

  /** When the next day must go, Unix milliseconds; null: there is none. */
  nextAt(now: number): number | null {
    const [oldest, ...later] = this.#tables.journal.days;
    if (oldest === undefined) return null;
    const isFresh = elapsed(this.#lately.at, now) < askSizeEveryMs;
    const full = isFresh ? this.#lately.full : this.#full;
    if (full && later.length > 0) return now;
    return Math.max(now + dropDelayMs, timeOf(endOfDay(oldest)) + (full ? 0 : this.#retentionMs));
  }

  /** Drops the days that are over, and the names without a rule whose last event went with them. */
  async run(): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      this.#forgetGone(now);
      const day = this.#dueDay(now);
      if (day === null) return;
      await this.#drop(day);
      log.info("day dropped", { shard: this.#storage.shard, day, early: !this.#isOver(day, now) });
      await endTurn(this.#clock);
    }
  }

  /** Forgets names without a rule whose last event is dropped. Of too many names, it forgets the ones gone first. */
  #forgetGone(now: number): void {
    const gone = [...this.#destinations.dormant]
      .flatMap(([name, { goneAt }]) => (goneAt === null ? [] : [{ name, goneAt }]))
      .sort((a, b) => b.goneAt - a.goneAt);
    const names = gone
      .filter(({ goneAt }, index) => now >= goneAt + this.#retentionMs || index >= mostGone)
      .map(({ name }) => name);
    if (names.length === 0) return;
    this.#forget(names);
    log.info("destinations forgotten", { shard: this.#storage.shard, names: names.join(" ") });
  }

  #dueDay(now: number): string | null {
    const [oldest, ...later] = this.#tables.journal.days;
    if (oldest === undefined) return null;
    // A database at its limit has no room for the table of a new day: the last one must not wait for it.
    const early = this.#full && (later.length > 0 || this.#isOver(oldest, now, 0));
    return early || this.#isOver(oldest, now) ? oldest : null;
  }

  #isOver(day: string, now: number, kept = this.#retentionMs): boolean {
    return endOfDay(day) <= positionAt(now - kept);
  }

  get #full(): boolean {
    this.#lately = { full: this.#storage.size > fullBytes, at: this.#clock.now() };
    return this.#lately.full;
  }

  async #drop(day: string): Promise<void> {
    const { journal } = this.#tables;
    const end = endOfDay(day);
    const until = Math.min(end, journal.end);
    const untold = await ownLosses(this.#destinations.pumps, this.#tables, until, this.#clock);
    const frozen = new Set<Destination>();
    try {
      for (let dropped = false; !dropped; ) {
        const losing = this.#losing(until);
        for (const destination of losing) {
          // From now on it begins nothing, so that its count holds.
          destination.freeze(true);
          frozen.add(destination);
        }
        const lost = await this.#countLost(losing, until);
        while (this.#dropRetries(end, untold)) await endTurn(this.#clock);
        // A post that failed meanwhile has left events to its blocked conversation: under way before, unread now. An
        // unread event that was given up meanwhile is a dead letter now.
        dropped = this.#losing(until).every(
          (destination) => lost.get(destination)?.unreadChanges === destination.unreadChanges,
        );
        if (dropped) this.#storage.atomically(() => this.#truncate(day, end, lost, untold));
      }
    } finally {
      for (const destination of frozen) destination.freeze(false);
    }
  }

  /** Destinations with unread events before a position. */
  #losing(until: number): Destination[] {
    return [...this.#destinations.all.values()].filter(({ firstLosable }) => firstLosable < until);
  }

  async #countLost(losing: readonly Destination[], until: number): Promise<Losses> {
    const lost: Losses = new Map();
    for (const destination of losing) {
      const { unreadChanges, firstLosable } = destination;
      const events = await countEvents(this.#tables.journal, firstLosable, until, destination, this.#clock);
      lost.set(destination, { events, unreadChanges });
    }
    return lost;
  }

  /** @param untold losses of which no relay event tells, by destination */
  #truncate(day: string, end: number, lost: Losses, untold: Map<string, number>): void {
    const { journal, retries, settled, misfits, progress } = this.#tables;
    // Tables first, so that a full database has room for the rows.
    journal.drop(day);
    misfits.drop(day);
    this.#tellingLosses(untold, () => {
      this.#addLost(settled.drop(day));
      this.#addLost(retries.dropBefore(end));
      for (const destination of this.#destinations.all.values())
        destination.truncateBefore(end, lost.get(destination)?.events ?? 0);
    });
    progress.write();
  }

  /** Drops some retries of events before a position; false: as many are left as go with their day. */
  #dropRetries(end: number, untold: Map<string, number>): boolean {
    let dropped = false;
    this.#storage.atomically(() => {
      const lost = this.#tables.retries.dropSomeBefore(end, retriesPerTurn, retriesPerTurn);
      this.#tellingLosses(untold, () => this.#addLost(lost));
      dropped = lost.size > 0;
      if (dropped) this.#tables.progress.write();
    });
    return dropped;
  }

  #tellingLosses(untold: Map<string, number>, lose: () => void): void {
    const expired = () =>
      new Map([...this.#destinations.all].map(([name, { state }]) => [name, state.expired ?? 0]));
    const before = expired();
    lose();
    for (const [name, events] of expired()) {
      const lost = events - (before.get(name) ?? 0);
      const own = Math.min(lost, untold.get(name) ?? 0);
      if (own > 0) untold.set(name, untold.get(name)! - own);
      this.#relay.expired(name, lost - own);
    }
  }

  #addLost(lost: ReadonlyMap<string, number>): void {
    for (const [name, events] of lost) this.#destinations.get(name)?.addLost(events);
  }

  /**
   * Forgets a name that no rule has any more, with all its deliveries that have not ended.
   * @returns how many events these are, dead letters among them; 0 for a name that a rule has
   */
  async forget(name: string): Promise<number> {
    const { journal, retries, settled } = this.#tables;
    const destination = this.#destinations.dormant.get(name);
    if (this.#destinations.pumps.has(name) || destination?.goneAt === null) return 0;
    const unread = destination
      ? await countEvents(journal, destination.firstUnread, journal.end, destination, this.#clock)
      : 0;
    const underway = destination?.state.underway.length ?? 0;
    const dead = settled.deadCounts(positionAt(this.#clock.now() - this.#retentionMs)).kept;
    const listed = (retries.counts.get(name) ?? 0) + (dead.get(name) ?? 0);
    this.#forget([name]);
    return underway + unread + listed;
  }

  #forget(names: readonly string[]): void {
    this.#storage.atomically(() => {
      for (const name of names) {
        this.#destinations.drop(name);
        this.#relay.forget(name);
      }
      this.#tables.progress.write();
    });
  }
}
