/**
 * Moves events from the journal and the retry list to one destination: pump → deliver → settle. It never waits for its
 * slowest answer: every post that ends makes room for the next.
 */
import type { Event } from "../../callback/event.ts";
import { relayApp } from "../../callback/relay-events.ts";
import { type Gateway, type Message, messageFor } from "../../delivery/message.ts";
import { type Outcome, unanswered } from "../../delivery/outcome.ts";
import { concurrencyPerShard } from "../../delivery/rate.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { DestinationState } from "../journal/progress-record.ts";
import type { Down } from "../journal/relay-record.ts";
import type { Entry } from "../journal/segment.ts";
import type { ShardStorage } from "../storage.ts";
import { newTurn, type Turn } from "../turn.ts";
import { Admission, type AdmissionRoles } from "./admission.ts";
import { noAttempts, withoutReason, withReason } from "./attempts.ts";
import { Backlog, type BacklogLimits, type DeliveryTables } from "./backlog.ts";
import { DeliveryRows } from "./delivery-rows.ts";
import type { Destination, Waiting } from "./destination.ts";
import { DeliveryHistory } from "./history.ts";
import type { Job } from "./job.ts";
import { Jobs } from "./jobs.ts";
import type { Replaying, ReplaySource } from "./replay-source.ts";
import { Settler, type SettlerRoles } from "./settler.ts";

/** The stages of the shard that a pump needs, by role. */
export interface PumpRoles extends Omit<SettlerRoles, "cluster" | "relay"> {
  /** Hears whether the destination answers. */
  readonly relay: SettlerRoles["relay"] & {
    isDown(destination: string): boolean;
    down(destination: string, down: () => Down): void;
    recovered(destination: string, waiting: number): void;
  };
  readonly sender: {
    /** This turn has written a row to learn whether the storage takes one: nothing is read in it. A run follows. */
    readonly proving: boolean;
    /** False: no more posts may be under way, or begun by this invocation. A run follows when that changes. */
    mayPost(): boolean;
    /** One POST, which counts from this call on, while its message is still being signed. */
    post(message: Promise<Message>, characters: number): Promise<Outcome>;
  };
  readonly schedule: AdmissionRoles["schedule"];
  readonly replays: Replaying;
  /** The state that all shards have agreed on. */
  readonly cluster: SettlerRoles["cluster"] & {
    readonly shards: number;
    readonly gateway: Gateway;
    /** Whether a destination is sent nothing. */
    holds(destination: string): boolean;
    /** How often a destination was resumed. */
    resumes(destination: string): number;
  };
}

/** The share of a destination's slots that replays leave to new events, which thus wait for no answer. At least one. */
const slotsKept = 0.25;

export class Pump implements Destination {
  readonly rule: ForwardRule;
  readonly #tables: DeliveryTables;
  readonly #rows: DeliveryRows;
  readonly #storage: ShardStorage;
  readonly #roles: PumpRoles;
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #history: DeliveryHistory;
  readonly #backlog: Backlog;
  readonly #jobs: Jobs;
  readonly #settler: Settler;
  readonly #replays: ReplaySource;
  /** Events that its rule had matched before this start. */
  readonly #fittedBefore: number;
  /** How often the destination was resumed when this pump last looked. */
  #resumes: number;
  #frozen = false;

  constructor(
    rule: ForwardRule,
    state: DestinationState,
    tables: DeliveryTables,
    storage: ShardStorage,
    roles: PumpRoles,
    clock: Clock,
    limits: BacklogLimits,
  ) {
    this.rule = rule;
    this.#tables = tables;
    this.#rows = new DeliveryRows(rule.name, tables);
    this.#storage = storage;
    this.#roles = roles;
    this.#clock = clock;
    this.#fittedBefore = state.fitted ?? 0;
    this.#admission = new Admission(rule, state, roles, clock);
    this.#resumes = roles.cluster.resumes(rule.name);
    const { journal, retries, settled } = tables;
    const backlog = new Backlog(rule, state, tables, limits);
    const history = new DeliveryHistory(state);
    this.#backlog = backlog;
    this.#history = history;
    this.#replays = roles.replays.of(rule);
    const sources = { journal, retries, backlog, replays: this.#replays, storage };
    this.#jobs = new Jobs(rule, sources, history, roles.schedule);
    this.#settler = new Settler(rule, { retries, settled, backlog, storage }, roles, history, clock);
  }

  get state(): DestinationState {
    return {
      ...this.#backlog.cursorState,
      ...(this.rule.enabled ? {} : { off: true }),
      ...this.#admission.state,
      ...this.#history.details,
      fitted: this.#fittedBefore + this.#backlog.fitted,
    };
  }

  get open(): boolean {
    return this.#admission.probing || this.heldUntil !== null;
  }

  get heldUntil(): number | null {
    return this.#admission.heldUntil;
  }

  get full(): boolean {
    return this.#backlog.isFull;
  }

  /** Nothing to send, nothing under way. */
  get idle(): boolean {
    return this.#jobs.underway.size === 0 && this.#backlog.idle;
  }

  /** Whether it may send nothing. */
  get held(): boolean {
    return this.#roles.cluster.holds(this.rule.name);
  }

  /** Sends the events that stand in the journal now, and retries that are due. */
  run(turn: Turn = newTurn()): void {
    this.#resumeIfAsked();
    this.#jobs.readToEnd();
    if (this.held) this.#backlog.release(turn);
    if (this.rule.enabled) this.#send(turn);
    else this.#backlog.skipToEnd();
  }

  /** A destination that was resumed has no hold any more, and is not known to be down. */
  #resumeIfAsked(): void {
    const resumes = this.#roles.cluster.resumes(this.rule.name);
    if (resumes === this.#resumes) return;
    this.#resumes = resumes;
    this.closeBreaker();
  }

  /** Begins every post that may begin now, and schedules a run for posts that may begin later. */
  #send(turn: Turn): void {
    const { cluster, sender } = this.#roles;
    if (this.#frozen || this.held || sender.proving) return;
    const slots = concurrencyPerShard(this.rule.concurrency, cluster.shards);
    this.#admission.correct();
    while (this.#jobs.underway.size < slots) {
      const now = this.#clock.now();
      if (!this.#admission.breakerAllows(now, this.#jobs.underway)) return;
      if (!this.#mayHaveJob(now, turn) || !sender.mayPost() || !this.#admission.rateAllows(now)) return;
      const job = this.#jobs.next(now, this.#admission.probing, turn, replaySlots(slots));
      if (job === null) return;
      this.#admission.begun(now);
      void this.#deliver(job);
    }
  }

  /** Whether a job may be ready. It is asked before `mayPost`, which may write a row and begin an invocation. */
  #mayHaveJob(now: number, turn: Turn): boolean {
    if (this.#backlog.mayHaveNext(turn)) return true;
    const earliest = Math.min(this.#tables.retries.earliest(this.rule.name), this.#replays.readyAt);
    if (earliest <= now) return true;
    if (earliest !== Number.POSITIVE_INFINITY) this.#roles.schedule.at(earliest);
    return false;
  }

  async #deliver(job: Job): Promise<void> {
    const outcome = await this.#post(job);
    this.#jobs.ended(job);
    const now = this.#clock.now();
    this.#admission.ended(outcome, now);
    try {
      this.#settler.settle(job, outcome);
      this.#tellReplays(job, outcome);
      this.#tellOfBreaker(job, outcome, now);
      this.#send(newTurn());
    } catch (error) {
      this.#storage.restart(error);
    }
  }

  #tellReplays({ replay, entries }: Job, { delivered }: Outcome): void {
    const positions = entries.map(({ position }) => position);
    if (replay !== null) this.#replays.ended(replay, positions, delivered);
    this.#replays.settled(entries, this.#jobs);
  }

  /** A relay event that cannot be delivered causes none: only an event of Tencent's shows that a destination is down. */
  #tellOfBreaker({ entries }: Job, { alive, error }: Outcome, now: number): void {
    const { relay } = this.#roles;
    const { name } = this.rule;
    const waiting = () => this.backlog(newTurn()).waiting;
    if (alive) {
      if (relay.isDown(name)) relay.recovered(name, waiting());
    } else if (this.#admission.probing && entries.some(({ event }) => event.app !== relayApp)) {
      const { failures } = this.#admission;
      relay.down(name, () => ({ since: now, failures, lastError: error ?? "", waiting: waiting() }));
    }
  }

  async #post({ at, entries, replay }: Job): Promise<Outcome> {
    try {
      const events = entries.map(({ event }) => event);
      const message = messageFor(this.rule, events, at, this.#roles.cluster.gateway, replay);
      const characters = events.reduce((sum, { body }) => sum + body.length, 0);
      return await this.#roles.sender.post(message, characters);
    } catch (error) {
      return unanswered(error, at, this.#clock.now());
    }
  }

  /**
   * Queues an event again, now. One that is on its way is not sent twice.
   * @param replay the value of `tim-relay-replay`
   */
  requeue({ position, event }: Entry, now: number, replay: string): void {
    if (this.#jobs.waits(position, event)) return;
    const { retries } = this.#tables;
    if (!retries.renew(this.rule.name, position, now, replay)) this.requeueEnded(position, now, replay);
  }

  /** Queues a delivery that has ended again, now. One that a replay carries is not sent twice. */
  requeueEnded(position: number, now: number, replay: string): void {
    if (this.#jobs.carries(position)) return;
    const { retries, settled } = this.#tables;
    const destination = this.rule.name;
    const attempts = withoutReason(settled.take({ position, destination }) ?? noAttempts);
    retries.add({ destination, due: now, positions: [position], failures: 0, attempts, replay });
  }

  carries(position: number): boolean {
    return this.#jobs.carries(position);
  }

  giveUp(entry: Entry, now: number, reason: string | null = null): boolean {
    const { position, event } = entry;
    const waits = this.waits(position, event);
    const tried = this.#rows.take(position);
    if (!waits && tried === null) return false;
    const attempts = reason === null ? (tried ?? noAttempts) : withReason(tried ?? noAttempts, reason, now);
    this.#rows.giveUp(position, attempts, now);
    this.#jobs.giveUp(position);
    if (waits) this.#backlog.giveUp(entry);
    this.#backlog.settled(entry);
    this.#replays.settled([entry], this.#jobs);
    this.#roles.meter.count("dead");
    this.#roles.progress.changed();
    return true;
  }

  /** Gives a delivery up, also where a post carries it: if that is taken after all, the event is delivered. */
  skip(entry: Entry, now: number, reason: string): boolean {
    const { position, event } = entry;
    if (!this.carries(position)) return this.giveUp(entry, now, reason);
    if (this.#settler.hasSkipped(position)) return false;
    const waits = this.waits(position, event);
    const tried = this.#rows.take(position);
    if (!waits && tried === null) return false;
    this.#settler.skip(entry, withReason(tried ?? noAttempts, reason, now), now);
    this.#backlog.settled(entry);
    return true;
  }

  /** The destination is not known to be down any more, and not held. */
  closeBreaker(): void {
    this.#admission.close();
    this.#roles.progress.changed();
  }

  /** Whether an event waits for the end of its first attempt. */
  waits(position: number, event: Event): boolean {
    return this.#backlog.waits(position, event);
  }

  /** No event before it waits so. */
  get firstWaiting(): number {
    return this.#backlog.firstWaiting;
  }

  /** The position of the event that another one waits behind; null: it waits behind none. */
  waitsFor(position: number, event: Event): number | null {
    return this.#backlog.waitsFor(position, event);
  }

  backlog(turn: Turn): Waiting {
    return this.#backlog.count(this.#jobs.catchingUp, turn);
  }

  /** A rule that is switched off, or whose destination is disabled, loses nothing by retention. */
  get #losesNothing(): boolean {
    return !this.rule.enabled || this.#roles.cluster.disables(this.rule.name);
  }

  get firstLosable(): number {
    return this.#losesNothing ? Number.POSITIVE_INFINITY : this.#backlog.firstUnread;
  }

  /** Every event from here on waits for its first attempt, or was given up. */
  get untriedFrom(): number {
    return this.#backlog.untriedFrom;
  }

  get blocks(): number {
    return this.#backlog.blocks;
  }

  unread(position: number, event: Event): boolean {
    return this.#backlog.unread(position, event) && !this.#jobs.carries(position);
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  truncateBefore(position: number, lost: number): void {
    // Events on their way are counted too, because the object may die before it hears of their delivery.
    const catchingUp = this.#jobs.catchingUpBetween(this.#settler.retainedFrom, position);
    const underway = this.#backlog.underwayBefore(position).filter((one) => !this.#settler.hasSkipped(one));
    this.addLost(underway.length + catchingUp + lost);
    this.#settler.truncateBefore(position, !this.#losesNothing);
    this.#jobs.truncateBefore(position);
    this.#replays.truncateBefore(position);
    this.#backlog.truncateBefore(position);
  }

  addLost(events: number): void {
    if (!this.#losesNothing) this.#history.addExpired(events);
  }

  setBack(ms: number): void {
    this.#admission.setBack(ms);
  }
}

function replaySlots(slots: number): number {
  return Math.max(1, slots - Math.max(1, Math.floor(slots * slotsKept)));
}
