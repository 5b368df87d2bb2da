/** Applies the effect of an outcome: moves rows between the tables, and lets conversations wait or go on. */
import type { Event } from "../../callback/event.ts";
import type { CounterName } from "../../counters.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { DeliveryNote } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import { bucketOf, latencyBucket, latencySum } from "../latency.ts";
import type { ShardStorage } from "../storage.ts";
import { logAttempt } from "./attempt-log.ts";
import {
  noAttempts,
  type PackedAttempts,
  reasonIn,
  shortened,
  unpackAttempts,
  withAttempt,
  withReason,
} from "./attempts.ts";
import type { Backlog } from "./backlog.ts";
import type { DeliveryHistory } from "./history.ts";
import type { Job } from "./job.ts";
import type { NewRetry, RetryList } from "./retry-list.ts";
import type { ListedRetry } from "./retry-rows.ts";
import type { DeadLetterKey, SettledDeliveries } from "./settled.ts";
import { type Attempted, type Settlement, settlementOf } from "./settlement.ts";

export interface SettlerTables {
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly backlog: Backlog;
  readonly storage: ShardStorage;
}

/** The stages that hear of an outcome. */
export interface SettlerRoles {
  readonly relay: {
    /** Returns whether the rows of this transaction must tell of it. */
    gaveUp(destination: string, events: readonly Event[], error: string | null): boolean;
  };
  readonly progress: { delivered(note: DeliveryNote): void; changed(): void; write(): void };
  readonly cluster: {
    disable(destination: string): void;
    disables(destination: string): boolean;
  };
  readonly meter: { count(name: CounterName, times?: number): void };
  readonly tail: {
    /** Whether anything hears of attempts. */
    readonly watched: boolean;
    /** @param before how many attempts a row records; null: the delivery has no row */
    attempted(
      entries: readonly Entry[],
      destination: string,
      state: "delivered" | "retrying" | "pending" | "dead",
      before: number | null,
    ): void;
  };
}

export class Settler {
  readonly #rule: ForwardRule;
  readonly #tables: SettlerTables;
  readonly #roles: SettlerRoles;
  readonly #history: DeliveryHistory;
  readonly #clock: Clock;
  /** First retained position. An older event that is in flight is sent, but its outcome is not stored. */
  #retainedFrom = 0;
  /** Whether the events before were counted as expired. */
  #lossesCounted = false;
  /** Events of posts under way that an operator has given up: rows say so already. */
  readonly #skipped = new Set<number>();

  constructor(
    rule: ForwardRule,
    tables: SettlerTables,
    roles: SettlerRoles,
    history: DeliveryHistory,
    clock: Clock,
  ) {
    this.#rule = rule;
    this.#tables = tables;
    this.#roles = roles;
    this.#history = history;
    this.#clock = clock;
  }

  get retainedFrom(): number {
    return this.#retainedFrom;
  }

  /** Everything before a position is gone from the journal. */
  truncateBefore(position: number, lossesCounted: boolean): void {
    this.#retainedFrom = position;
    this.#lossesCounted = lossesCounted;
  }

  /** Files a delivery that was given up while a post carries the event. */
  skip({ position }: Entry, attempts: PackedAttempts, at: number): void {
    this.#tables.settled.add({ ...this.#delivery(position), state: "dead", at, attempts });
    this.#skipped.add(position);
    this.#roles.meter.count("dead");
    this.#roles.progress.changed();
  }

  /** Whether a delivery that a post under way carries was given up. */
  hasSkipped(position: number): boolean {
    return this.#skipped.has(position);
  }

  /** Settles the deliveries of a post that has ended. */
  settle(job: Job, outcome: Outcome): void {
    const positions = job.entries.map(({ position }) => position);
    const settlement = settlementOf(
      {
        positions,
        source: this.#sourceOf(job),
        failures: job.retry?.failures ?? 0,
        skipped: positions.filter((position) => this.#skipped.has(position)),
        dropped: this.#droppedOf(job),
      },
      outcome,
      {
        retryMs: this.#rule.retryMs,
        ordered: this.#rule.order === "conversation",
        retainedFrom: this.#retainedFrom,
      },
      this.#clock.now(),
      () => this.#clock.random(),
    );
    const { tail } = this.#roles;
    const before = tail.watched ? this.#attemptsBefore(job) : null;
    const apply = () => this.#apply(job, outcome, settlement);
    // The happy path writes no row of its own.
    if (settlement.kind === "delivered" && settlement.record !== "settled") apply();
    else this.#tables.storage.atomically(apply);
    for (const position of positions) this.#skipped.delete(position);
    logAttempt(this.#rule.name, job, outcome, settlement);
    if (tail.watched)
      tail.attempted(entriesAt(job, settlement.positions), this.#rule.name, stateAfter(settlement), before);
  }

  /** Retention drops retries in turns, and their day after them: an entry may go while a post carries its event. */
  #droppedOf({ retry }: Job): readonly number[] {
    if (retry?.positions.length !== 1) return [];
    const [position] = retry.positions as [number];
    const isListed = this.#skipped.has(position) || this.#tables.retries.rows.has(this.#rule.name, position);
    return isListed ? [] : [position];
  }

  /** Whether the losses of an event that retention has taken were counted. */
  #countsLosses(position: number): boolean {
    return position < this.#retainedFrom
      ? this.#lossesCounted
      : !this.#roles.cluster.disables(this.#rule.name);
  }

  #sourceOf({ retry, catchingUp, replay, entries }: Job): Attempted["source"] {
    if (retry) return "retry-list";
    if (catchingUp !== null) return "catch-up";
    if (replay === null) return "journal";
    // A replayed delivery that has a row is recorded there, as one of the retry list is.
    const hasRow = entries.some(({ position }) => this.#tables.settled.has(this.#delivery(position)));
    return hasRow ? "retry-list" : "replay";
  }

  #delivery(position: number): DeadLetterKey {
    return { position, destination: this.#rule.name };
  }

  /** The number of the last attempt that the job's entry records; null: it has none. */
  #attemptsBefore(job: Job): number | null {
    if (job.retry) return lastNumber(this.#listed(job)?.attempts);
    if (job.replay === null) return null;
    const [{ position }] = job.entries as [Entry];
    return lastNumber(this.#tables.settled.find(this.#delivery(position))?.attempts);
  }

  #apply(job: Job, outcome: Outcome, settlement: Settlement): void {
    const { progress, cluster } = this.#roles;
    if (settlement.kind === "delivered") {
      if (this.#countsLosses(job.entries[0]!.position)) this.#history.addExpired(-settlement.unexpired);
      if (settlement.record === "settled") this.#end(job, outcome, settlement);
      this.#delivered(job, outcome, settlement);
    } else {
      if (settlement.kind === "dead") this.#end(job, outcome, settlement);
      else this.#retry(job, outcome, settlement);
      this.#noteOnSkipped(job, outcome);
      if (settlement.first) this.#tables.backlog.failed(job, blocking(settlement));
      this.#history.failed(outcome);
      this.#roles.meter.count("failed");
      if (settlement.kind === "retry" && settlement.disables) cluster.disable(this.#rule.name);
      progress.changed();
      if (settlement.kind === "dead") this.#tellOfDead(job, settlement.positions, outcome);
    }
  }

  /** The first of a minute is recorded at once: a crash may make their count smaller, and hides none. */
  #tellOfDead(job: Job, positions: readonly number[], { error }: Outcome): void {
    const { relay, progress } = this.#roles;
    const events = entriesAt(job, positions).map(({ event }) => event);
    if (relay.gaveUp(this.#rule.name, events, error)) progress.write();
  }

  #delivered(job: Job, outcome: Outcome, { first, record }: Settlement & { kind: "delivered" }): void {
    const { progress, meter } = this.#roles;
    const endedAt = outcome.at + outcome.ms;
    this.#history.delivered(job.entries.length, outcome);
    meter.count("delivered", job.entries.length);
    if (record === "none") progress.changed();
    if (!first) return;
    for (const { position, event } of job.entries) {
      const ms = endedAt - event.receivedAt;
      meter.count(latencyBucket(ms));
      meter.count(latencySum, Math.max(0, ms));
      meter.count(`took:${this.#rule.name}:${bucketOf(ms)}`);
      if (record === "note")
        progress.delivered([this.#rule.name, position, outcome.at, outcome.ms, outcome.status ?? 0]);
    }
    this.#tables.backlog.delivered(job);
  }

  /** Files deliveries that needed more than one attempt, came late, or were given up. */
  #end(job: Job, outcome: Outcome, { kind, positions }: Settlement & { kind: "delivered" | "dead" }): void {
    const { retries, settled, backlog } = this.#tables;
    const retry = this.#listed(job);
    const attempts = withAttempt(retry?.attempts ?? this.#takeReplayed(job), outcome);
    const each = job.entries.length > 1 ? shortened(attempts) : attempts;
    if (retry) retries.remove(retry);
    if (kind === "dead") this.#roles.meter.count("dead", positions.length);
    const at = this.#clock.now();
    for (const entry of entriesAt(job, positions)) {
      const { position } = entry;
      const delivery = this.#delivery(position);
      const skipped = this.#skipped.has(position) ? settled.take(delivery) : null;
      const all = skipped === null ? each : withAttempt(skipped, outcome);
      settled.add({ ...delivery, state: kind, at, attempts: all });
      backlog.settled(entry);
    }
    this.#roles.progress.changed();
  }

  #retry(job: Job, outcome: Outcome, settlement: Settlement & { kind: "retry" }): void {
    const { retries } = this.#tables;
    const { positions, due, failures, singly } = settlement;
    const retry = this.#listed(job);
    if (positions.length === 0) {
      if (retry) retries.remove(retry);
      return;
    }
    const again: NewRetry = {
      destination: this.#rule.name,
      due,
      positions: [...positions],
      failures,
      attempts: withAttempt(retry?.attempts ?? this.#takeReplayed(job), outcome),
      replay: job.replay,
    };
    const ordered = this.#rule.order === "conversation";
    if (singly) retries.splitUp(retry, again, entriesAt(job, positions), ordered);
    else if (retry) retries.postpone(retry, again);
    else retries.add(again);
  }

  /** Adds the failed attempt to deliveries that were given up while it was under way. */
  #noteOnSkipped({ entries }: Job, outcome: Outcome): void {
    for (const { position } of entries.filter((entry) => this.#skipped.has(entry.position))) {
      const row = this.#tables.settled.find(this.#delivery(position));
      if (!row) continue;
      const tried = withAttempt(row.attempts, outcome);
      const reason = reasonIn(row.attempts);
      this.#tables.settled.rewrite(row, reason === null ? tried : withReason(tried, reason, row.at));
    }
  }

  /** Takes replayed deliveries out of `settled`. @returns the attempts of a single one */
  #takeReplayed({ replay, entries }: Job): PackedAttempts {
    if (replay === null) return noAttempts;
    const taken = entries.map(({ position }) => this.#tables.settled.take(this.#delivery(position)));
    return (taken.length === 1 && taken[0]) || noAttempts;
  }

  /** The job's entry as it stands in the retry list now; null: it is new, or retention has taken it. */
  #listed({ retry }: Job): ListedRetry | null {
    const last = retry?.positions.findLast((position) => !this.#skipped.has(position));
    return retry && last !== undefined ? this.#tables.retries.rows.find(retry.destination, last) : null;
  }
}

function entriesAt({ entries }: Job, positions: readonly number[]): Entry[] {
  return entries.filter(({ position }) => positions.includes(position));
}

function lastNumber(attempts: PackedAttempts = noAttempts): number {
  return unpackAttempts(attempts).at(-1)?.number ?? 0;
}

/** The state of the deliveries after the attempt. */
function stateAfter(settlement: Settlement): "delivered" | "retrying" | "pending" | "dead" {
  if (settlement.kind !== "retry") return settlement.kind;
  return settlement.failures > 0 ? "retrying" : "pending";
}

/** With `order`, the conversations of a failed first attempt wait for it; a dead letter lets them go on. */
function blocking(settlement: Settlement): (position: number) => boolean {
  return (position) =>
    settlement.kind === "retry" && settlement.blocks && settlement.positions.includes(position);
}
