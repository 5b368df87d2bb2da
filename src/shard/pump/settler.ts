/** Applies the effect of an outcome: rows, notes and counts record it, and conversations wait or go on. */
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
import type { PackedAttempts } from "./attempts.ts";
import type { DeliveryHistory } from "./history.ts";
import { entriesAt, type Job } from "./job.ts";
import { OutcomeRows, type OutcomeTables } from "./outcome-rows.ts";
import { type Settlement, settlementOf } from "./settlement.ts";

export interface SettlerTables extends OutcomeTables {
  readonly storage: ShardStorage;
}

/** The stages that hear of an outcome. */
export interface SettlerRoles {
  readonly relay: {
    /** Returns whether the rows of this transaction must tell of it. */
    gaveUp(destination: string, events: readonly Event[], error: string | null): boolean;
    /** A destination has answered 410. */
    disabled(): void;
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
  readonly #rows: OutcomeRows;
  readonly #roles: SettlerRoles;
  readonly #history: DeliveryHistory;
  readonly #clock: Clock;
  /** First retained position. An older event that is in flight is sent, but its outcome is not stored. */
  #retainedFrom = 0;
  /** Whether the events before were counted as expired. */
  #lossesCounted = false;

  constructor(
    rule: ForwardRule,
    tables: SettlerTables,
    roles: SettlerRoles,
    history: DeliveryHistory,
    clock: Clock,
  ) {
    this.#rule = rule;
    this.#tables = tables;
    this.#rows = new OutcomeRows(rule, tables, clock);
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

  /** Gives up a delivery that a post under way carries. */
  skip(entry: Entry, attempts: PackedAttempts, at: number): void {
    this.#rows.skip(entry, attempts, at);
    this.#roles.meter.count("dead");
    this.#roles.progress.changed();
  }

  /** Whether a delivery that a post under way carries was given up. */
  hasSkipped(position: number): boolean {
    return this.#rows.hasSkipped(position);
  }

  /**
   * Settles the deliveries of a post that has ended.
   * @param heldUntil until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held
   */
  settle(job: Job, outcome: Outcome, heldUntil: number | null): void {
    const settlement = settlementOf(
      this.#rows.attempted(job),
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
    const before = tail.watched ? this.#rows.attemptsBefore(job) : null;
    const apply = () => this.#apply(job, outcome, settlement);
    // The happy path writes no row of its own.
    if (settlement.kind === "delivered" && settlement.record !== "settled") apply();
    else this.#tables.storage.atomically(apply);
    this.#rows.forget(job);
    if (!wasTried(settlement)) return;
    logAttempt(this.#rule.name, job, outcome, settlement, heldUntil);
    if (tail.watched)
      tail.attempted(entriesAt(job, settlement.positions), this.#rule.name, stateAfter(settlement), before);
  }

  /** Whether the losses of an event that retention has taken were counted. */
  #countsLosses(position: number): boolean {
    return position < this.#retainedFrom
      ? this.#lossesCounted
      : !this.#roles.cluster.disables(this.#rule.name);
  }

  #apply(job: Job, outcome: Outcome, settlement: Settlement): void {
    const { progress } = this.#roles;
    if (settlement.kind === "delivered") {
      if (this.#countsLosses(job.entries[0]!.position)) this.#history.addExpired(-settlement.unexpired);
      if (settlement.record === "settled") {
        this.#rows.end(job, outcome, settlement);
        progress.changed();
      }
      this.#delivered(job, outcome, settlement);
    } else {
      if (settlement.kind === "dead") this.#rows.end(job, outcome, settlement);
      else this.#rows.retry(job, outcome, settlement);
      if (settlement.first) this.#tables.backlog.failed(job, blocking(settlement));
      if (wasTried(settlement)) {
        this.#rows.noteOnSkipped(job, outcome);
        this.#history.failed(outcome);
        this.#roles.meter.count("failed");
      }
      if (settlement.kind === "retry" && settlement.disables) this.#disable();
      progress.changed();
      if (settlement.kind === "dead") this.#tellOfDead(job, settlement.positions, outcome);
    }
  }

  #disable(): void {
    const { cluster, relay } = this.#roles;
    cluster.disable(this.#rule.name);
    relay.disabled();
  }

  /** The first of a minute is recorded at once: a crash may make their count smaller, and hides none. */
  #tellOfDead(job: Job, positions: readonly number[], { error }: Outcome): void {
    const { relay, progress, meter } = this.#roles;
    meter.count("dead", positions.length);
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
}

/** Whether something was sent. */
function wasTried(settlement: Settlement): boolean {
  return settlement.kind !== "retry" || !settlement.unsent;
}

/** The state of the deliveries after the attempt. */
function stateAfter(settlement: Settlement): "delivered" | "retrying" | "pending" | "dead" {
  if (settlement.kind !== "retry") return settlement.kind;
  return settlement.failures > 0 ? "retrying" : "pending";
}

/** With `order`, the conversations of a failed first attempt wait for it; a dead letter lets them go on. */
function blocking(settlement: Settlement): (position: number) => boolean {
  const positions = new Set(settlement.kind === "retry" && settlement.blocks ? settlement.positions : []);
  return (position) => positions.has(position);
}
