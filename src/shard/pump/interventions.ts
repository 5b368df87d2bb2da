/** Renews or ends deliveries out of their turn: for replays of single events, for an operator, and for an erasure. */

import type { Sentence } from "../../sentence.ts";
import type { Entry } from "../journal/segment.ts";
import { noAttempts, withoutReason, withReason } from "./attempts.ts";
import type { Backlog, DeliveryTables } from "./backlog.ts";
import { DeliveryRows } from "./delivery-rows.ts";
import type { Jobs } from "./jobs.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { Settler, SettlerRoles } from "./settler.ts";

/** The parts of a pump that know its deliveries. */
export interface Deliveries {
  readonly tables: DeliveryTables;
  readonly backlog: Backlog;
  readonly jobs: Jobs;
  readonly replays: ReplaySource;
  readonly settler: Settler;
  readonly mailbox: { giveUp(position: number): void } | null;
}

export class Interventions {
  readonly #destination: string;
  readonly #parts: Deliveries;
  readonly #rows: DeliveryRows;
  readonly #roles: Pick<SettlerRoles, "meter" | "progress">;

  constructor(destination: string, parts: Deliveries, roles: Pick<SettlerRoles, "meter" | "progress">) {
    this.#destination = destination;
    this.#parts = parts;
    this.#rows = new DeliveryRows(destination, parts.tables);
    this.#roles = roles;
  }

  /**
   * Queues an event again, now. One that is on its way is not sent twice.
   * @param replay the value of `tim-relay-replay`
   */
  requeue({ position, event }: Entry, now: number, replay: string): void {
    const { jobs, tables } = this.#parts;
    if (jobs.waits(position, event)) return;
    if (!tables.retries.renew(this.#destination, position, now, replay))
      this.requeueEnded(position, now, replay);
  }

  /** Queues a delivery that has ended again, now. One that a replay carries is not sent twice. */
  requeueEnded(position: number, now: number, replay: string): void {
    const { jobs, tables } = this.#parts;
    if (jobs.carries(position)) return;
    const destination = this.#destination;
    const attempts = withoutReason(tables.settled.take({ position, destination }) ?? noAttempts);
    tables.retries.add({ destination, due: now, positions: [position], failures: 0, attempts, replay });
  }

  /** Gives a delivery up that no post carries. See `Destination`. */
  giveUp(entry: Entry, now: number, reason: Sentence | null = null): boolean {
    const { backlog, jobs, replays, mailbox } = this.#parts;
    const { position, event } = entry;
    // A conversation that catches up goes on without the event, which then waits no more.
    const waits = backlog.waiting.waits(position, event);
    mailbox?.giveUp(position);
    const tried = this.#rows.take(position);
    if (!waits && tried === null) return false;
    const attempts = reason === null ? (tried ?? noAttempts) : withReason(tried ?? noAttempts, reason, now);
    this.#rows.giveUp(position, attempts, now);
    jobs.giveUp(position);
    if (waits) backlog.giveUp(entry);
    backlog.settled(entry);
    replays.settled([entry], jobs);
    this.#roles.meter.count("dead");
    this.#roles.progress.changed();
    return true;
  }

  /** Gives a delivery up, also where a post carries it: if that is taken after all, the event is delivered. */
  skip(entry: Entry, now: number, reason: Sentence): boolean {
    const { backlog, jobs, settler, mailbox } = this.#parts;
    const { position, event } = entry;
    if (mailbox !== null || !jobs.carries(position)) return this.giveUp(entry, now, reason);
    if (settler.hasSkipped(position)) return false;
    const waits = backlog.waiting.waits(position, event);
    const tried = this.#rows.take(position);
    if (!waits && tried === null) return false;
    settler.skip(entry, withReason(tried ?? noAttempts, reason, now), now);
    backlog.settled(entry);
    return true;
  }
}
