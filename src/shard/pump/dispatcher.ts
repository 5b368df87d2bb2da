/**
 * Begins the posts of one destination while breaker, rate, slots and budgets allow, and settles each that ends. It never
 * waits for its slowest answer: every post that ends makes room for the next.
 */
import { relayApp } from "../../callback/relay-events.ts";
import { bodiesFor, type Gateway, type Message, messageFor } from "../../delivery/message.ts";
import { type Outcome, unanswered } from "../../delivery/outcome.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { Down } from "../journal/relay-record.ts";
import type { Receiver } from "../presence.ts";
import type { ShardStorage } from "../storage.ts";
import { newTurn, type Turn } from "../turn.ts";
import type { Admission, AdmissionRoles } from "./admission.ts";
import type { Backlog } from "./backlog.ts";
import type { Job } from "./job.ts";
import type { Jobs } from "./jobs.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { RetryList } from "./retry-list.ts";
import type { Settler } from "./settler.ts";
import type { Slots } from "./slots.ts";
import { WordLists } from "./word-lists.ts";

/** The parts of a pump that choose, allow and settle posts. */
export interface Dispatched {
  readonly admission: Admission;
  readonly backlog: Backlog;
  readonly jobs: Jobs;
  readonly replays: ReplaySource;
  readonly retries: RetryList;
  readonly settler: Settler;
  readonly slots: Slots;
}

/** The stages of the shard that a post needs, by role. */
export interface DispatchRoles {
  /** Hears whether the destination answers. */
  readonly relay: {
    isDown(destination: string): boolean;
    down(destination: string, down: () => Down): void;
    recovered(destination: string, waiting: number): void;
  };
  readonly sender: {
    /** This turn has written a row to learn whether the storage takes one: nothing is read in it. A run follows. */
    readonly proving: boolean;
    /**
     * False: no more posts may be under way, or begun by this invocation. A run follows when that changes.
     * @param characters bodies of this destination that are under way
     */
    mayPost(characters: number): boolean;
    /**
     * One POST, which counts from this call on, while its message is still being signed.
     * @param usualMs how long a post to this destination usually takes; null: it is not known
     */
    post(message: Promise<Message>, characters: number, usualMs: number | null): Promise<Outcome>;
  };
  readonly schedule: AdmissionRoles["schedule"];
  /** The state that all shards have agreed on. */
  readonly cluster: {
    readonly shards: number;
    readonly gateway: Gateway;
    /** Whether a destination is sent nothing. */
    holds(destination: string): boolean;
  };
  /** Receivers that come by themselves. */
  readonly presence: {
    /** The receiver that a destination waits for; null: it waits for none. */
    awaits(destination: string): Receiver | null;
    /** The receiver was not there for a message, or went before it answered. */
    missed(destination: string): void;
  };
}

export class Dispatcher {
  readonly #rule: ForwardRule;
  readonly #parts: Dispatched;
  readonly #storage: ShardStorage;
  readonly #roles: DispatchRoles;
  readonly #clock: Clock;
  readonly #wordLists: WordLists;
  /** Bodies under way. */
  #characters = 0;
  #frozen = false;

  constructor(
    rule: ForwardRule,
    parts: Dispatched,
    storage: ShardStorage,
    roles: DispatchRoles,
    clock: Clock,
  ) {
    this.#rule = rule;
    this.#parts = parts;
    this.#storage = storage;
    this.#roles = roles;
    this.#clock = clock;
    this.#wordLists = new WordLists(rule, roles.schedule, clock);
  }

  /** Whether the destination may be sent nothing. */
  get held(): boolean {
    const { cluster, presence } = this.#roles;
    return cluster.holds(this.#rule.name) || presence.awaits(this.#rule.name) !== null;
  }

  /** While it is frozen, no post begins. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  /** Whether this turn may read the journal. */
  get mayRead(): boolean {
    return this.#wordLists.ready && !this.#frozen && !this.#roles.sender.proving;
  }

  /** Whether an event may be handed out now. If not, a run follows when that changes. */
  mayBegin(): boolean {
    const { sender } = this.#roles;
    return this.mayRead && !this.held && sender.mayPost(this.#characters);
  }

  /** Begins every post that may begin now, and schedules a run for posts that may begin later. */
  dispatch(turn: Turn): void {
    const { sender } = this.#roles;
    const { admission, jobs, slots } = this.#parts;
    if (!this.mayRead || this.held) return;
    admission.correct();
    while (jobs.underway.size < slots.allowed) {
      const now = this.#clock.now();
      if (!admission.breakerAllows(now, jobs.underway)) return;
      if (!this.#mayHaveJob(now, turn) || !sender.mayPost(this.#characters) || !admission.rateAllows(now))
        return;
      const job = jobs.next(now, admission.probing, turn, slots.ofReplays);
      if (job === null) return;
      admission.begun(now);
      void this.#deliver(job);
    }
  }

  /** Whether a job may be ready. It is asked before `mayPost`, which may write a row and begin an invocation. */
  #mayHaveJob(now: number, turn: Turn): boolean {
    const { backlog, retries, replays } = this.#parts;
    if (backlog.mayHaveNext(turn)) return true;
    const earliest = Math.min(retries.earliest(this.#rule.name), replays.readyAt);
    if (earliest <= now) return true;
    if (earliest !== Number.POSITIVE_INFINITY) this.#roles.schedule.at(earliest);
    return false;
  }

  async #deliver(job: Job): Promise<void> {
    const { admission, jobs, slots } = this.#parts;
    const { cuts } = slots;
    const outcome = await this.#post(job);
    slots.ended({ cuts, underway: jobs.underway.size, ...outcome });
    try {
      this.#settle(job, outcome);
      if (admission.probing || admission.heldUntil !== null) slots.beginAgain();
      this.dispatch(newTurn());
    } catch (error) {
      this.#storage.restart(error);
    }
  }

  /** A job has ended, of a post or otherwise. An error of that restarts the object. */
  settle(job: Job, outcome: Outcome): void {
    try {
      this.#settle(job, outcome);
    } catch (error) {
      this.#storage.restart(error);
    }
  }

  #settle(job: Job, outcome: Outcome): void {
    const { admission, jobs, settler } = this.#parts;
    jobs.ended(job);
    const now = this.#clock.now();
    admission.ended(outcome, now);
    if (outcome.missed) this.#roles.presence.missed(this.#rule.name);
    settler.settle(job, outcome, admission.heldUntil);
    this.#tellReplays(job, outcome);
    this.#tellOfBreaker(job, outcome, now);
  }

  #tellReplays({ replay, entries }: Job, { delivered }: Outcome): void {
    const { replays, jobs } = this.#parts;
    const positions = entries.map(({ position }) => position);
    if (replay !== null) replays.ended(replay, positions, delivered);
    replays.settled(entries, jobs);
  }

  /** A relay event that cannot be delivered causes none: only an event of Tencent's shows that a destination is down. */
  #tellOfBreaker({ entries }: Job, { alive, error }: Outcome, now: number): void {
    const { relay } = this.#roles;
    const { admission, backlog, jobs } = this.#parts;
    const { name } = this.#rule;
    const waiting = () => backlog.waiting.count(jobs.catchingUp, newTurn()).waiting;
    if (alive) {
      if (relay.isDown(name)) relay.recovered(name, waiting());
    } else if (admission.probing && entries.some(({ event }) => event.app !== relayApp)) {
      const { failures } = admission;
      relay.down(name, () => ({ since: now, failures, lastError: error ?? "", waiting: waiting() }));
    }
  }

  async #post({ at, entries, replay }: Job): Promise<Outcome> {
    let characters = 0;
    try {
      const events = entries.map(({ event }) => event);
      const bodies = bodiesFor(this.#rule, events);
      characters = bodies.reduce((sum, { length }) => sum + length, 0);
      this.#characters += characters;
      const { gateway } = this.#roles.cluster;
      const message = messageFor(this.#rule, events, at, gateway, replay, bodies);
      return await this.#roles.sender.post(message, characters, this.#parts.slots.usualMs);
    } catch (error) {
      return unanswered(error, at, this.#clock.now());
    } finally {
      this.#characters -= characters;
    }
  }
}
