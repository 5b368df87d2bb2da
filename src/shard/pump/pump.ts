/**
 * Moves events from the journal and the retry list to one destination: decides what may be sent when, sends it, and
 * notes what came of it. It never waits for its slowest answer: whatever ends makes room for the next.
 */

import type { Event } from "../../callback/event.ts";
import { largestBatch, nextBatch } from "../../delivery/batch.ts";
import {
  afterOutcome,
  allowance,
  type Breaker,
  closed,
  corrected,
  isOpen,
  isProbe,
} from "../../delivery/breaker.ts";
import { type Gateway, type Message, messageFor } from "../../delivery/message.ts";
import { type Outcome, unanswered } from "../../delivery/outcome.ts";
import { concurrencyPerShard, perShard, take } from "../../delivery/rate.ts";
import { nextWait } from "../../delivery/schedule.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import { hashOf } from "../cluster/shards.ts";
import type { Journal } from "../journal/journal.ts";
import type { DeliveryNote, DestinationState, Entry } from "../journal/segment.ts";
import { latencyBucket, latencySum } from "../query/latency.ts";
import { newTurn, type Turn } from "../turn.ts";
import { noAttempts, type PackedAttempts, shortened, withAttempt } from "./attempts.ts";
import { Backlog } from "./backlog.ts";
import type { BlockedConversations } from "./blocked.ts";
import { CatchUp } from "./catch-up.ts";
import { Cursor } from "./cursor.ts";
import type { NewRetry, Retry, RetryList } from "./retry-list.ts";
import type { SettledDeliveries } from "./settled.ts";

/** What a pump needs of its shard. */
export interface PumpPlace {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly blocked: BlockedConversations;
  /** Events that may wait in memory behind others of their conversation: each row tells their positions. */
  readonly lookAhead: number;
  /** How many shards share the destination's limits. */
  shards(): number;
  /** What posts say of this gateway. */
  sender(): Gateway;
  now(): number;
  random(): number;
  /** One POST; it never fails but in its outcome. */
  post(message: Message): Promise<Outcome>;
  /** False: as much is under way, or was sent by this invocation, as may be; `run` is called again when that changes. */
  mayPost(): boolean;
  /** Several statements that must be one. */
  atomically(write: () => void): void;
  /** What has happened could not be noted: the shard starts again from its rows. */
  failed(error: unknown): void;
  /** Nothing may be sent: paused, disabled, or not known yet. */
  held(destination: string): boolean;
  /** Calls `run` at a time, at the latest. */
  wake(at: number): void;
  /** Something has changed that the next segment tells. */
  changed(note?: DeliveryNote): void;
  /** Adds to what the shard counts. */
  count(name: string, times?: number): void;
  /** The destination has answered 410. */
  disable(destination: string): void;
}

/** What one post carries. */
interface Job {
  entries: Entry[];
  retry: Retry | null;
  /** The conversation that is catching up. */
  catchingUp: string | null;
}

/** As much of an event as a batch is made up by. */
type Forming = Pick<Entry, "position"> & Pick<Event, "size" | "receivedAt" | "conversation">;

/** A destination that asked to be left alone is looked at again within this time: its rule may have another url. */
const holdWatchedMs = 30_000;

/** How much waits for a destination's first attempts. */
export interface Waiting {
  waiting: number;
  /** When the oldest event was received, Unix milliseconds. */
  since: number | null;
  estimated: boolean;
}

export class Pump {
  readonly rule: ForwardRule;
  readonly #place: PumpPlace;
  readonly #cursor: Cursor;
  readonly #catchUp: CatchUp;
  readonly #ahead = new Backlog();
  /** Tells one url from another; the url itself may hold a key, which no row shall hold. */
  readonly #urlMark: number;
  #breaker: Breaker;
  /** Where the journal ended when this run began: what was kept since waits for the next one. */
  #until = 0;
  #rateDueAt = 0;
  /** The posts under way. */
  readonly #posts = new Set<{ at: number; positions: readonly number[]; catchingUp: boolean }>();
  /** The last positions of entries of the retry list that are under way: a day that goes may take the first. */
  readonly #retrying = new Set<number>();
  #retriesFirst = true;
  /** Events on their way into a batch. */
  #forming: Forming[] = [];
  #formingAwaitsAnswers = false;
  #lastSuccessAt: number | undefined;
  #lastError: string | undefined;
  /** An earlier event's day is gone: while under way it is sent, and then neither filed nor tried again. */
  #firstKept = 0;
  /** While events that are about to be dropped are counted, nothing begins. */
  #frozen = false;
  #expired: number;
  #delivered: number;
  #failed: number;

  constructor(rule: ForwardRule, state: DestinationState, place: PumpPlace) {
    this.rule = rule;
    this.#place = place;
    this.#urlMark = hashOf(rule.url);
    // Another url is another backend: what the last one did tells nothing of it.
    const sameUrl = state.urlMark === undefined || state.urlMark === this.#urlMark;
    this.#breaker = (sameUrl && state.breaker) || closed;
    this.#lastSuccessAt = state.lastSuccessAt;
    this.#lastError = state.lastError;
    this.#expired = state.expired ?? 0;
    this.#delivered = state.delivered ?? 0;
    this.#failed = state.failed ?? 0;
    const { blocked, journal, retries, settled } = place;
    if (!rule.enabled) blocked.releaseAll();
    if (blocked.size > 0) {
      // A head that is in the retry list no more would block its conversation for good.
      let first = Number.POSITIVE_INFINITY;
      for (const { waitsFor: heads } of blocked.all) for (const head of heads) first = Math.min(first, head);
      const waiting = new Set(retries.positionsFrom(rule.name, first));
      blocked.keepHeads((position) => waiting.has(position));
    }
    const from = Math.min(state.cursor, state.underway[0] ?? state.cursor);
    this.#cursor = new Cursor(journal, state, {
      ordered: rule.order === "conversation",
      lookAhead: place.lookAhead,
      matches: (event) => rule.matches(event),
      blocked: (conversation) => blocked.has(conversation),
      // What ended after the last segment told of it is in one of these.
      skip: new Set([...retries.positionsFrom(rule.name, from), ...settled.positionsFrom(rule.name, from)]),
    });
    this.#catchUp = new CatchUp(journal, blocked, (event) => rule.matches(event), state.cursor);
  }

  get state(): DestinationState {
    return {
      ...this.#cursor.state,
      ...(this.rule.enabled ? {} : { off: true }),
      ...(this.#breaker.failures === 0 && !this.open
        ? {}
        : { breaker: this.#breaker, urlMark: this.#urlMark }),
      ...(this.#lastSuccessAt === undefined ? {} : { lastSuccessAt: this.#lastSuccessAt }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#expired === 0 ? {} : { expired: this.#expired }),
      delivered: this.#delivered,
      failed: this.#failed,
    };
  }

  get open(): boolean {
    return isOpen(this.#breaker) || this.heldUntil !== null;
  }

  /** Until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held. */
  get heldUntil(): number | null {
    return this.#place.now() < this.#breaker.heldUntil ? this.#breaker.heldUntil : null;
  }

  /** Nothing to send, nothing under way. */
  get idle(): boolean {
    return this.#posts.size === 0 && this.#cursor.idle;
  }

  /** The destination was resumed: no hold lasts, and it is not known to be down. */
  lift(): void {
    this.#breaker = closed;
    this.#place.changed();
  }

  /** The clock was set back: no hold and no probe comes later by that. */
  setBack(ms: number): void {
    const { probeAt, heldUntil } = this.#breaker;
    this.#breaker = { ...this.#breaker, probeAt: probeAt - ms, heldUntil: heldUntil - ms };
  }

  /** Events that retention took from this destination. */
  expire(events: number): void {
    this.#expired += events;
  }

  /** Everything before a position is gone from the journal, and counted as expired where it was not delivered. */
  forget(position: number): void {
    this.#firstKept = position;
    this.#cursor.truncateBefore(position);
    this.#forming = this.#forming.filter((one) => one.position >= position);
    this.#catchUp.truncateBefore(position);
    for (const conversation of this.#place.blocked.keepHeads((head) => head >= position))
      this.#catchUp.unblock(conversation);
  }

  /** Nothing begins while `frozen`. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  /** Positions that were read, are not carried by a post, and have no outcome yet. */
  get held(): readonly number[] {
    return this.#cursor.underway.filter((position) => !this.carries(position));
  }

  /** Before it everything was begun; between it and the cursor wait events of blocked conversations. */
  get firstUnread(): number {
    return Math.min(this.#cursor.position, this.#place.blocked.first);
  }

  /** Whether an event waits to be begun. */
  unread(position: number, event: Event): boolean {
    if (!this.rule.enabled || event.quarantined) return false;
    const { conversation } = event;
    const blocked = conversation === null ? null : this.#place.blocked.get(conversation);
    const unread = this.#cursor.reads(position) || (blocked !== null && position >= blocked.position);
    return unread && this.rule.matches(event);
  }

  /** Whether an event waits for the end of its first attempt. */
  waits(position: number, event: Event): boolean {
    return this.unread(position, event) || this.#cursor.isUnderway(position);
  }

  /** Whether a post under way carries an event. */
  carries(position: number): boolean {
    for (const { positions } of this.#posts) if (positions.includes(position)) return true;
    return false;
  }

  /** What waits, as far as a turn allows to count; the rest is estimated. */
  backlog(turn: Turn): Waiting {
    if (!this.rule.enabled) return { waiting: 0, since: null, estimated: false };
    const { journal } = this.#place;
    const { end } = journal;
    const { position } = this.#cursor;
    const underway = this.#cursor.underway;
    this.#catchUp.look(position, turn);
    const ahead = this.#ahead.count(journal, position, end, (at, event) => this.unread(at, event), turn);
    const uncounted = ahead.to < end ? journal.countFrom(ahead.to) : 0;
    const catchingUp = [...this.#posts].reduce(
      (sum, { catchingUp, positions }) => sum + (catchingUp ? positions.length : 0),
      0,
    );
    const since = [underway[0], this.#catchUp.earliest].map((at) =>
      at === undefined || at === Number.POSITIVE_INFINITY ? undefined : journal.at(at)?.event.receivedAt,
    );
    const first = uncounted > 0 ? (journal.read(position).entries[0]?.event.receivedAt ?? null) : null;
    const times = [...since, ahead.since ?? first].filter((one) => one !== undefined && one !== null);
    return {
      waiting: underway.length + this.#catchUp.queued + catchingUp + ahead.waiting + uncounted,
      since: times.length > 0 ? Math.min(...times) : null,
      estimated: uncounted > 0 || !this.#catchUp.knowsAllBefore(position),
    };
  }

  /** Queues an event again, now. One that is on its way is not sent twice. */
  requeue({ position, event }: Entry, now: number): void {
    const { retries } = this.#place;
    if (this.carries(position) || this.waits(position, event)) return;
    if (!retries.renew(this.rule.name, position, now)) this.requeueDead(position, now);
  }

  /** Queues a delivery that has ended again, now. */
  requeueDead(position: number, now: number): void {
    const { retries, settled } = this.#place;
    const destination = this.rule.name;
    const attempts = settled.take({ position, destination }) ?? noAttempts;
    retries.add({ destination, due: now, positions: [position], failures: 0, attempts });
  }

  /** Sends what stands in the journal now, and what is due. */
  run(turn: Turn = newTurn()): void {
    this.#until = this.#place.journal.end;
    if (this.rule.enabled) this.#send(turn);
    else this.#cursor.skipToEnd();
  }

  /** Begins every post that may begin now, and asks to be woken for those that may begin later. */
  #send(turn: Turn): void {
    const { rule } = this;
    if (this.#frozen || this.#place.held(rule.name)) return;
    const slots = concurrencyPerShard(rule.concurrency, this.#place.shards());
    this.#breaker = corrected(this.#breaker, this.#place.now());
    while (this.#posts.size < slots) {
      const now = this.#place.now();
      const probing = [...this.#posts].some(({ at }) => isProbe(this.#breaker, at));
      const allowed = allowance(this.#breaker, now, probing);
      if (allowed.posts === 0) {
        if (allowed.again !== null) this.#place.wake(Math.min(allowed.again, now + holdWatchedMs));
        return;
      }
      if (!this.#place.mayPost()) return;
      const job = this.#nextJob(now, turn);
      if (job === null) return;
      void this.#attempt(job);
    }
  }

  /** Null where nothing may or need be sent now; then `run` is called again when that changes. */
  #nextJob(now: number, turn: Turn): Job | null {
    if (this.rule.ratePerSecond === null) return this.#choose(now, turn);
    const rate = perShard(this.rule.ratePerSecond, this.#place.shards());
    const ready = take(this.#rateDueAt, rate, 1, now);
    if (ready.posts === 0) {
      this.#place.wake(ready.dueAt);
      return null;
    }
    const job = this.#choose(now, turn);
    if (job) this.#rateDueAt = ready.dueAt;
    return job;
  }

  /** Old and new take turns; a probe takes a new event if there is one, for each uses one up. */
  #choose(now: number, turn: Turn): Job | null {
    this.#retriesFirst = !this.#retriesFirst && !isOpen(this.#breaker);
    return this.#retriesFirst
      ? (this.#overdue(now) ?? this.#fresh(now, turn))
      : (this.#fresh(now, turn) ?? this.#overdue(now));
  }

  #overdue(now: number): Job | null {
    const { retries, journal, atomically, wake } = this.#place;
    const { name } = this.rule;
    const earliest = retries.earliest(name);
    if (earliest > now) {
      if (earliest !== Number.POSITIVE_INFINITY) wake(earliest);
      return null;
    }
    const retry = retries
      .due(name, now, this.#retrying.size + 1)
      .find(({ positions }) => !this.#retrying.has(positions.at(-1)!));
    if (!retry) {
      const next = retries.allBegun(name, now);
      if (next !== Number.POSITIVE_INFINITY) wake(next);
      return null;
    }
    // Read as a page: the events of a batch stand together.
    if (retry.positions.length > 1) journal.read(retry.positions[0]!);
    const entries = retry.positions.flatMap((position) => journal.at(position) ?? []);
    if (entries.length > 0 && (entries.length === 1 || this.rule.batch))
      return { entries, retry, catchingUp: null };
    atomically(() => {
      const attempts = retries.attemptsOf(retry);
      retries.remove(retry);
      this.expire(retry.positions.length - entries.length);
      // The rule has stopped batching since.
      this.#addSingly({ ...retry, attempts }, entries);
    });
    wake(now);
    return null;
  }

  #fresh(now: number, turn: Turn): Job | null {
    return (
      this.#nextOfBlocked(now, turn) ??
      (this.rule.batch ? this.#nextBatch(this.rule.batch, now, turn) : this.#nextEvent(now, turn))
    );
  }

  #nextEvent(now: number, turn: Turn): Job | null {
    const entry = this.#cursor.next(undefined, this.#until, turn);
    if (entry === "later") this.#place.wake(now);
    return entry === null || entry === "later" ? null : { entries: [entry], retry: null, catchingUp: null };
  }

  #nextBatch(batch: NonNullable<ForwardRule["batch"]>, now: number, turn: Turn): Job | null {
    if (this.#formingAwaitsAnswers && this.#posts.size > 0) return null;
    const joining = new Set<string>();
    let bytes = 0;
    for (const { conversation, size } of this.#forming) {
      if (conversation !== null) joining.add(conversation);
      bytes += size;
    }
    while (this.#forming.length < batch.size && bytes <= largestBatch) {
      const entry = this.#cursor.next(joining, this.#until, turn);
      if (entry === "later") this.#place.wake(now);
      if (entry === null || entry === "later") break;
      const { conversation, size, receivedAt } = entry.event;
      this.#forming.push({ position: entry.position, conversation, size, receivedAt });
      bytes += size;
      if (conversation !== null) joining.add(conversation);
    }
    const { count, again } = nextBatch(batch, this.#forming, now);
    if (again !== null) this.#place.wake(again);
    if (count === 0) return null;
    const entries = this.#entriesOf(this.#forming.splice(0, count));
    // What is left may follow, in its conversation, what now goes.
    this.#formingAwaitsAnswers = this.rule.order === "conversation" && this.#forming.length > 0;
    if (entries.length > 0) return { entries, retry: null, catchingUp: null };
    this.#place.wake(now);
    return null;
  }

  /** The next events of a conversation whose head is delivered or dead: one, or a batch. */
  #nextOfBlocked(now: number, turn: Turn): Job | null {
    const { journal, blocked } = this.#place;
    const next = this.#catchUp.next(this.#cursor.position, turn);
    if (next === "later") this.#place.wake(now);
    if (next === null || next === "later") return null;
    const { conversation } = next;
    const batch = { size: this.rule.batch?.size ?? 1, ms: 0 };
    const entries: Entry[] = [];
    for (let position: number | null = next.position; position !== null; ) {
      const entry = journal.at(position);
      const { count } = nextBatch(
        batch,
        [...entries, ...(entry ? [entry] : [])].map(({ event }) => event),
        now,
      );
      if (entry && count <= entries.length) {
        this.#catchUp.putBack(conversation, position);
        break;
      }
      if (entry) entries.push(entry);
      position = entries.length < batch.size ? this.#catchUp.follow(conversation, turn) : null;
    }
    if (entries.length > 0) return { entries, retry: null, catchingUp: conversation };
    blocked.moveOn(conversation, next.position + 1);
    this.#catchUp.ended(conversation);
    this.#place.wake(now);
    return null;
  }

  /** Events as the journal holds them; of one whose day is gone nothing is left to send. */
  #entriesOf(forming: readonly Forming[]): Entry[] {
    return forming.flatMap(({ position }) => {
      const entry = this.#place.journal.at(position);
      if (!entry) this.#cursor.done(position);
      return entry ?? [];
    });
  }

  async #attempt(job: Job): Promise<void> {
    const { now, post, sender, atomically } = this.#place;
    const at = now();
    const positions = job.entries.map(({ position }) => position);
    const underway = { at, positions, catchingUp: job.catchingUp !== null };
    this.#posts.add(underway);
    if (job.retry) this.#retrying.add(job.retry.positions.at(-1)!);
    let outcome: Outcome;
    try {
      const events = job.entries.map(({ event }) => event);
      outcome = await post(messageFor(this.rule, events, at, sender()));
    } catch (error) {
      outcome = unanswered(error, at, now());
    }
    this.#posts.delete(underway);
    if (job.retry) this.#retrying.delete(job.retry.positions.at(-1)!);
    this.#breaker = afterOutcome(corrected(this.#breaker, now()), outcome, now(), this.#place.random);
    try {
      if (!outcome.delivered) atomically(() => this.#fail(job, outcome));
      else if (job.retry || job.catchingUp) atomically(() => this.#succeed(job, outcome));
      else this.#succeed(job, outcome);
      this.#send(newTurn());
    } catch (error) {
      this.#place.failed(error);
    }
  }

  #succeed(job: Job, outcome: Outcome): void {
    // `deliveryNote` is looked for where the cursor passed the event: a late delivery is filed instead.
    if (job.retry || job.catchingUp) this.#end(job, "delivered", outcome);
    // Counted as expired when its day went, and delivered after all.
    if (job.retry) this.expire(-job.entries.filter(({ position }) => position < this.#firstKept).length);
    this.#delivered += job.entries.length;
    this.#place.count("delivered", job.entries.length);
    this.#lastSuccessAt = outcome.at + outcome.ms;
    this.#lastError = undefined;
    for (const { position, event } of job.entries) {
      if (job.retry) continue;
      const ms = outcome.at + outcome.ms - event.receivedAt;
      this.#place.count(latencyBucket(ms));
      this.#place.count(latencySum, Math.max(0, ms));
      this.#cursor.done(position);
      if (job.catchingUp) continue;
      this.#place.changed([this.rule.name, position, outcome.at, outcome.ms, outcome.status ?? 0]);
    }
    if (job.catchingUp) {
      this.#place.blocked.moveOn(job.catchingUp, job.entries.at(-1)!.position + 1);
      this.#catchUp.ended(job.catchingUp);
    }
  }

  #fail(job: Job, outcome: Outcome): void {
    const { rule } = this;
    const { retries, now, random } = this.#place;
    // The one that met a 410 has done nothing wrong: it goes on as soon as somebody resumes the destination.
    const failures = (job.retry?.failures ?? 0) + (outcome.gone ? 0 : 1);
    const wait = outcome.gone ? 0 : nextWait(rule.retryMs, failures, random);
    const kept = job.entries.filter(({ position }) => position >= this.#firstKept);
    const retry = this.#entryOf(job);
    if (wait === null) this.#end(job, "dead", outcome);
    else if (kept.length > 0) {
      const again: NewRetry = {
        destination: rule.name,
        due: Math.ceil(now() + wait),
        positions: kept.map(({ position }) => position),
        failures,
        attempts: this.#attemptsOf(retry, outcome),
      };
      // After its second failure a batch goes singly: one bad event shall not spoil the others.
      if (kept.length > 1 && failures >= 2) {
        if (retry) retries.remove(retry);
        this.#addSingly(again, kept);
      } else if (retry) retries.postpone(retry, again);
      else retries.add(again);
    } else if (retry) retries.remove(retry);
    if (!job.retry) this.#blockBehind(job, wait !== null);

    if (!job.retry) this.expire(job.entries.length - kept.length);
    this.#failed++;
    this.#place.count("failed");
    this.#lastError = outcome.error ?? undefined;
    if (outcome.gone) this.#place.disable(rule.name);
    this.#place.changed();
  }

  /** The job's entry as it stands in the retry list now; null: it is new, or its day has gone meanwhile. */
  #entryOf({ retry }: Job): Retry | null {
    return retry && this.#place.retries.find(retry.destination, retry.positions.at(-1)!);
  }

  #attemptsOf(retry: Retry | null, outcome: Outcome): PackedAttempts {
    return withAttempt(retry ? this.#place.retries.attemptsOf(retry) : noAttempts, outcome);
  }

  /** One entry an event; with `order`, those of one conversation follow each other. */
  #addSingly(retry: NewRetry, entries: readonly Entry[]): void {
    const attempts = shortened(retry.attempts);
    const lastOf = new Map<string, number>();
    for (const { position, event } of entries) {
      const conversation = this.rule.order === "conversation" ? event.conversation : null;
      const behind = conversation === null ? null : (lastOf.get(conversation) ?? null);
      this.#place.retries.add({ ...retry, positions: [position], attempts, behind });
      if (conversation !== null) lastOf.set(conversation, position);
    }
  }

  /** With `order`, the conversations of a failed first attempt wait for it; a dead letter lets them go on. */
  #blockBehind(job: Job, waits: boolean): void {
    const { blocked } = this.#place;
    const ordered = this.rule.order === "conversation";
    const heads = new Map<string, number[]>();
    const behind = new Map<string, readonly number[]>();
    for (const { position, event } of job.entries) {
      const { conversation } = event;
      const block = ordered && waits && conversation !== null && position >= this.#firstKept;
      if (!block && job.catchingUp) blocked.moveOn(job.catchingUp, position + 1);
      const lane = this.#cursor.done(position, block);
      if (!block) continue;
      heads.set(conversation, [...(heads.get(conversation) ?? []), position]);
      behind.set(conversation, [...(behind.get(conversation) ?? []), ...lane]);
    }
    for (const [conversation, positions] of heads) {
      blocked.block(conversation, positions);
      this.#catchUp.block(conversation, behind.get(conversation)!);
    }
    if (job.catchingUp) this.#catchUp.ended(job.catchingUp);
  }

  /** Ends deliveries that needed more than one attempt, came late, or were given up. */
  #end(job: Job, state: "delivered" | "dead", outcome: Outcome): void {
    const { retries, settled, blocked, now } = this.#place;
    const retry = this.#entryOf(job);
    const attempts = this.#attemptsOf(retry, outcome);
    const each = job.entries.length > 1 ? shortened(attempts) : attempts;
    if (retry) retries.remove(retry);
    if (state === "dead") this.#place.count("dead", job.entries.length);
    for (const { position, event } of job.entries) {
      if (position < this.#firstKept) continue;
      settled.add({ position, destination: this.rule.name, state, at: now(), attempts: each });
      if (event.conversation !== null && blocked.settle(event.conversation, position))
        this.#catchUp.unblock(event.conversation);
    }
    this.#place.changed();
  }
}
