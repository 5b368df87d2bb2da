/** Moves events from the journal and the retry list to one destination: pump → deliver → settle. */
import type { Event } from "../../callback/event.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { DestinationState } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import type { Receiver } from "../presence.ts";
import type { ShardStorage } from "../storage.ts";
import { newTurn, type Turn } from "../turn.ts";
import { Admission } from "./admission.ts";
import { Backlog, type BacklogLimits, type DeliveryTables } from "./backlog.ts";
import type { Destination, Waiting } from "./destination.ts";
import { Dispatcher, type DispatchRoles } from "./dispatcher.ts";
import { DeliveryHistory } from "./history.ts";
import { Interventions } from "./interventions.ts";
import { Jobs } from "./jobs.ts";
import { Mailbox } from "./mailbox.ts";
import type { Replaying, ReplaySource } from "./replay-source.ts";
import { Settler, type SettlerRoles } from "./settler.ts";
import { Slots, type SlotsRoles } from "./slots.ts";

/** The stages of the shard that a pump needs, by role. */
export interface PumpRoles
  extends Omit<SettlerRoles, "cluster" | "relay">,
    Omit<DispatchRoles, "cluster" | "relay"> {
  readonly relay: SettlerRoles["relay"] & DispatchRoles["relay"];
  readonly receiving: SlotsRoles["receiving"];
  readonly replays: Replaying;
  readonly cluster: SettlerRoles["cluster"] &
    DispatchRoles["cluster"] & {
      /** How often a destination was resumed. */
      resumes(destination: string): number;
    };
  readonly presence: DispatchRoles["presence"] & {
    /** When the receiver of a destination came; null: it is not there. */
    arrivedAt(destination: string): number | null;
  };
}

export class Pump implements Destination {
  readonly rule: ForwardRule;
  /** Renews or ends its deliveries out of their turn. */
  readonly interventions: Interventions;
  /** Null: its events are sent. Otherwise they are fetched, and no run sends any. */
  readonly mailbox: Mailbox | null;
  readonly #roles: PumpRoles;
  readonly #admission: Admission;
  readonly #history: DeliveryHistory;
  readonly #backlog: Backlog;
  readonly #jobs: Jobs;
  readonly #settler: Settler;
  readonly #dispatcher: Dispatcher;
  readonly #replays: ReplaySource;
  readonly #slots: Slots;
  /** Events that its rule had matched before this start. */
  readonly #fittedBefore: number;
  /** How often the destination was resumed when this pump last looked. */
  #resumes: number;
  /** When its receiver had come that was there then. */
  #arrivedAt: number | null;

  constructor(
    rule: ForwardRule,
    state: DestinationState,
    tables: DeliveryTables,
    storage: ShardStorage,
    roles: PumpRoles,
    clock: Clock,
    limits: BacklogLimits,
  ) {
    const { journal, retries, settled } = tables;
    const admission = new Admission(rule, state, roles, clock);
    const backlog = new Backlog(rule, state, tables, limits);
    const history = new DeliveryHistory(state);
    const replays = roles.replays.of(rule);
    const jobs = new Jobs(rule, { journal, retries, backlog, replays, storage }, history, roles.schedule);
    const settler = new Settler(rule, { retries, settled, backlog, storage }, roles, history, clock);
    const slots = new Slots(rule, roles);
    const dispatched = { admission, backlog, jobs, replays, retries, settler, slots };
    this.rule = rule;
    this.#roles = roles;
    this.#admission = admission;
    this.#history = history;
    this.#backlog = backlog;
    this.#jobs = jobs;
    this.#settler = settler;
    this.#dispatcher = new Dispatcher(rule, dispatched, storage, roles, clock);
    this.mailbox =
      rule.address.kind === "poll"
        ? new Mailbox(
            rule,
            { jobs, backlog, journal, settler, replays, dispatcher: this.#dispatcher },
            state.polledAt,
            limits.polledCharacters,
            clock,
          )
        : null;
    this.interventions = new Interventions(
      rule.name,
      { tables, backlog, jobs, replays, settler, mailbox: this.mailbox },
      roles,
    );
    this.#replays = replays;
    this.#slots = slots;
    this.#fittedBefore = state.fitted ?? 0;
    this.#resumes = roles.cluster.resumes(rule.name);
    this.#arrivedAt = roles.presence.arrivedAt(rule.name);
  }

  get state(): DestinationState {
    return {
      ...this.#backlog.cursorState,
      ...(this.rule.enabled ? {} : { off: true }),
      ...this.#admission.state,
      ...this.#history.details,
      fitted: this.#fittedBefore + this.#backlog.fitted,
      ...(this.mailbox?.polledAt != null && { polledAt: this.mailbox.polledAt }),
    };
  }

  get open(): boolean {
    return this.#admission.probing || this.heldUntil !== null;
  }

  get heldUntil(): number | null {
    return this.#admission.heldUntil;
  }

  get concurrency(): number {
    return this.mailbox ? 0 : this.#slots.allowed;
  }

  get full(): boolean {
    return this.#backlog.isFull;
  }

  /** Nothing to send, nothing under way. */
  get idle(): boolean {
    return this.#jobs.underway.size === 0 && this.#backlog.idle;
  }

  /** Whether it may send nothing: it is held back, or its events are fetched. */
  get held(): boolean {
    return this.mailbox !== null || this.#dispatcher.held;
  }

  /** The receiver that it waits for; null: it waits for none. */
  get awaits(): Receiver | null {
    if (this.mailbox) return this.mailbox.deserted ? "poller" : null;
    return this.#roles.presence.awaits(this.rule.name);
  }

  /** Sends the events that stand in the journal now, and retries that are due. */
  run(turn: Turn = newTurn()): void {
    this.#resumeIfAsked();
    this.#jobs.readToEnd();
    if (this.held) this.#backlog.release(turn);
    if (!this.rule.enabled) this.#backlog.skipToEnd();
    else if (this.mailbox) this.mailbox.wake(turn);
    else this.#dispatcher.dispatch(turn);
  }

  /**
   * A destination that was resumed has no hold any more, and is not known to be down. So it is with one whose receiver
   * has just come.
   */
  #resumeIfAsked(): void {
    const { cluster, presence } = this.#roles;
    const resumes = cluster.resumes(this.rule.name);
    const arrivedAt = presence.arrivedAt(this.rule.name) ?? this.#arrivedAt;
    if (resumes === this.#resumes && arrivedAt === this.#arrivedAt) return;
    this.#resumes = resumes;
    this.#arrivedAt = arrivedAt;
    this.closeBreaker();
  }

  carries(position: number): boolean {
    return (this.mailbox ?? this.#jobs).carries(position);
  }

  giveUp(entry: Entry, now: number): boolean {
    return this.interventions.giveUp(entry, now);
  }

  /** The destination is not known to be down any more, and not held. */
  closeBreaker(): void {
    this.#admission.close();
    this.#roles.progress.changed();
  }

  /** Whether an event waits for the end of its first attempt. */
  waits(position: number, event: Event): boolean {
    return this.#backlog.waiting.waits(position, event);
  }

  /** No event before it waits so. */
  get firstWaiting(): number {
    return this.#backlog.waiting.firstWaiting;
  }

  /** The position of the event that another one waits behind; null: it waits behind none. */
  waitsFor(position: number, event: Event): number | null {
    return this.#backlog.waiting.waitsFor(position, event);
  }

  backlog(turn: Turn): Waiting {
    return this.#backlog.waiting.count(this.#jobs.catchingUp, turn);
  }

  get losesNothing(): boolean {
    return !this.rule.enabled || this.#roles.cluster.disables(this.rule.name);
  }

  get firstLosable(): number {
    return this.losesNothing ? Number.POSITIVE_INFINITY : this.#backlog.waiting.firstUnread;
  }

  get firstUndelivered(): number {
    return this.losesNothing ? Number.POSITIVE_INFINITY : this.firstWaiting;
  }

  /** Every event from here on waits for its first attempt, or was given up. */
  get untriedFrom(): number {
    return this.#backlog.untriedFrom;
  }

  get unreadChanges(): number {
    return this.#backlog.unreadChanges;
  }

  unread(position: number, event: Event): boolean {
    return this.#backlog.waiting.unread(position, event) && !this.#jobs.carries(position);
  }

  freeze(frozen: boolean): void {
    this.#dispatcher.freeze(frozen);
  }

  truncateBefore(position: number, lost: number): void {
    // Events on their way are counted too, because the object may die before it hears of their delivery.
    const catchingUp = this.#jobs.catchingUpBetween(this.#settler.retainedFrom, position);
    const underway = this.#backlog.waiting
      .underwayBefore(position)
      .filter((one) => !this.#settler.hasSkipped(one));
    this.addLost(underway.length + catchingUp + lost);
    this.#settler.truncateBefore(position, !this.losesNothing);
    this.#jobs.truncateBefore(position);
    this.#replays.truncateBefore(position);
    this.#backlog.truncateBefore(position);
  }

  addLost(events: number): void {
    if (!this.losesNothing) this.#history.addExpired(events);
  }

  setBack(ms: number): void {
    this.#admission.setBack(ms);
    this.#replays.setBack(ms);
    this.mailbox?.setBack(ms);
  }
}
