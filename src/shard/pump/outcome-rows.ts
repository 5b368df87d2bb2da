/** Moves the rows of deliveries between the retry list and the settled ones, as the outcome of a post demands. */
import type { Outcome } from "../../delivery/outcome.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { Entry } from "../journal/segment.ts";
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
import { entriesAt, type Job } from "./job.ts";
import { partsOf } from "./parts.ts";
import type { NewRetry, RetryList } from "./retry-list.ts";
import type { ListedRetry } from "./retry-rows.ts";
import type { DeadLetterKey, SettledDeliveries } from "./settled.ts";
import type { Attempted, Settlement } from "./settlement.ts";

export interface OutcomeTables {
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly backlog: Backlog;
}

export class OutcomeRows {
  readonly #rule: ForwardRule;
  readonly #tables: OutcomeTables;
  readonly #clock: Clock;
  /** Events of posts under way that an operator has given up: rows say so already. */
  readonly #skipped = new Set<number>();

  constructor(rule: ForwardRule, tables: OutcomeTables, clock: Clock) {
    this.#rule = rule;
    this.#tables = tables;
    this.#clock = clock;
  }

  /** Files a delivery that was given up while a post carries the event. */
  skip({ position }: Entry, attempts: PackedAttempts, at: number): void {
    this.#tables.settled.add({ ...this.#delivery(position), state: "dead", at, attempts });
    this.#skipped.add(position);
  }

  /** Whether a delivery that a post under way carries was given up. */
  hasSkipped(position: number): boolean {
    return this.#skipped.has(position);
  }

  /** The deliveries of a post, as rows and their absence show them. */
  attempted(job: Job): Attempted {
    const positions = job.entries.map(({ position }) => position);
    return {
      positions,
      source: this.#sourceOf(job),
      failures: job.retry?.failures ?? 0,
      skipped: positions.filter((position) => this.#skipped.has(position)),
      dropped: this.#droppedOf(job),
    };
  }

  /** Retention drops retries in turns, and their day after them: an entry may go while a post carries its event. */
  #droppedOf({ retry }: Job): readonly number[] {
    if (retry?.positions.length !== 1) return [];
    const [position] = retry.positions as [number];
    const isListed = this.#skipped.has(position) || this.#tables.retries.rows.has(this.#rule.name, position);
    return isListed ? [] : [position];
  }

  #sourceOf({ retry, catchingUp, replay, entries }: Job): Attempted["source"] {
    if (retry) return "retry-list";
    if (catchingUp !== null) return "catch-up";
    if (replay === null) return "journal";
    // A replayed delivery that has a row is recorded there, as one of the retry list is.
    const hasRow = entries.some(({ position }) => this.#tables.settled.has(this.#delivery(position)));
    return hasRow ? "retry-list" : "replay";
  }

  /** The number of the last attempt that the job's entry records; null: it has none. */
  attemptsBefore(job: Job): number | null {
    if (job.retry) return lastNumber(this.#listed(job)?.attempts);
    if (job.replay === null) return null;
    const [{ position }] = job.entries as [Entry];
    return lastNumber(this.#tables.settled.find(this.#delivery(position))?.attempts);
  }

  /** Files deliveries that needed more than one attempt, came late, or were given up. */
  end(job: Job, outcome: Outcome, { kind, positions }: Settlement & { kind: "delivered" | "dead" }): void {
    const { retries, settled, backlog } = this.#tables;
    const retry = this.#listed(job);
    const attempts = withAttempt(retry?.attempts ?? this.#takeReplayed(job), outcome);
    const each = job.entries.length > 1 ? shortened(attempts) : attempts;
    if (retry) retries.remove(retry);
    const at = this.#clock.now();
    for (const entry of entriesAt(job, positions)) {
      const { position } = entry;
      const delivery = this.#delivery(position);
      const skipped = this.#skipped.has(position) ? settled.take(delivery) : null;
      const all = skipped === null ? each : withAttempt(skipped, outcome);
      settled.add({ ...delivery, state: kind, at, attempts: all });
      backlog.settled(entry);
    }
  }

  /** Lets deliveries wait in the retry list for their next attempt. */
  retry(job: Job, outcome: Outcome, settlement: Settlement & { kind: "retry" }): void {
    const { retries } = this.#tables;
    const { positions, due, failures, parts, unsent } = settlement;
    const retry = this.#listed(job);
    if (positions.length === 0) {
      if (retry) retries.remove(retry);
      return;
    }
    const before = retry?.attempts ?? this.#takeReplayed(job);
    const again: NewRetry = {
      destination: this.#rule.name,
      due,
      positions: [...positions],
      failures,
      attempts: unsent ? before : withAttempt(before, outcome),
      replay: job.replay,
    };
    const ordered = this.#rule.order === "conversation";
    if (parts > 1) retries.divide(retry, again, partsOf(entriesAt(job, positions), parts, ordered), ordered);
    else if (retry) retries.postpone(retry, again);
    else retries.add(again);
  }

  /** Adds the failed attempt to deliveries that were given up while it was under way. */
  noteOnSkipped({ entries }: Job, outcome: Outcome): void {
    for (const { position } of entries.filter((entry) => this.#skipped.has(entry.position))) {
      const row = this.#tables.settled.find(this.#delivery(position));
      if (!row) continue;
      const tried = withAttempt(row.attempts, outcome);
      const reason = reasonIn(row.attempts);
      this.#tables.settled.rewrite(row, reason === null ? tried : withReason(tried, reason, row.at));
    }
  }

  /** The post that carried the job's events has been settled. */
  forget({ entries }: Job): void {
    for (const { position } of entries) this.#skipped.delete(position);
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

  #delivery(position: number): DeadLetterKey {
    return { position, destination: this.#rule.name };
  }
}

function lastNumber(attempts: PackedAttempts = noAttempts): number {
  return unpackAttempts(attempts).at(-1)?.number ?? 0;
}
