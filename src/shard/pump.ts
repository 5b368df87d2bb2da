/**
 * Moves events from the journal and the retry list to one destination: decides what may be sent when, sends it, and
 * notes what came of it. It never waits for its slowest answer: whatever ends makes room for the next.
 */

import type { Event } from "../callback/event.ts";
import { nextBatch } from "../delivery/batch.ts";
import { afterOutcome, allowance, type Breaker, closed, isOpen, isProbe } from "../delivery/breaker.ts";
import { type Message, messageFor } from "../delivery/message.ts";
import { type Outcome, unanswered } from "../delivery/outcome.ts";
import { concurrencyPerShard, perShard, take } from "../delivery/rate.ts";
import { nextWait } from "../delivery/schedule.ts";
import type { ForwardRule } from "../rule/rule.ts";
import type { BlockedConversations } from "./blocked.ts";
import { Cursor } from "./cursor.ts";
import type { Journal } from "./journal.ts";
import { latencyBucket } from "./latency.ts";
import type { Attempt, Retry, RetryList } from "./retry-list.ts";
import type { DeliveryNote, DestinationState, Entry } from "./segment.ts";
import type { SettledDeliveries } from "./settled.ts";

/** What a pump needs of its shard. */
export interface PumpPlace {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly blocked: BlockedConversations;
  /** How many shards share the destination's limits. */
  shards(): number;
  readonly version: string;
  now(): number;
  random(): number;
  /** One POST; it never fails but in its outcome. */
  post(message: Message): Promise<Outcome>;
  /** False: this invocation has sent enough; `run` is called again in another. */
  mayPost(): boolean;
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

/** Pages of the journal that one search for a conversation's next event reads before others get a turn. */
const searchPages = 8;

export class Pump {
  readonly rule: ForwardRule;
  readonly #place: PumpPlace;
  readonly #cursor: Cursor;
  #breaker: Breaker;
  /** What was kept since the last run waits for the next one. */
  #until = 0;
  #rateDueAt = 0;
  /** When the posts under way began. */
  readonly #posts = new Set<{ at: number }>();
  /** Entries of the retry list that are under way. */
  readonly #retrying = new Set<string>();
  readonly #catchingUp = new Set<string>();
  /** No entry of the retry list is due before this. */
  #retryDueAt = 0;
  #retriesFirst = true;
  /** Events on their way into a batch. */
  #forming: Entry[] = [];
  #formingAwaitsAnswers = false;
  #lastSuccessAt: number | undefined;
  #lastError: string | undefined;
  /** What stands before it and is still on its way is sent, and then neither filed nor tried again. */
  #firstKept = 0;
  #expired: number;
  #delivered: number;
  #failed: number;

  constructor(rule: ForwardRule, state: DestinationState, place: PumpPlace) {
    this.rule = rule;
    this.#place = place;
    this.#breaker = state.breaker ?? closed;
    this.#lastSuccessAt = state.lastSuccessAt;
    this.#lastError = state.lastError;
    this.#expired = state.expired ?? 0;
    this.#delivered = state.delivered ?? 0;
    this.#failed = state.failed ?? 0;
    if (!rule.enabled) place.blocked.releaseAll();
    const from = Math.min(state.cursor, ...state.underway);
    this.#cursor = new Cursor(place.journal, state, {
      ordered: rule.order === "conversation",
      wants: (event) => rule.wants(event),
      blocked: (conversation) => place.blocked.has(conversation),
      // What ended after the last segment told of it is in one of these.
      skip: new Set([
        ...place.retries.positionsFrom(rule.name, from),
        ...place.settled.positionsFrom(rule.name, from),
      ]),
    });
  }

  get state(): DestinationState {
    return {
      cursor: this.#cursor.position,
      underway: this.#cursor.underway,
      ...(this.rule.enabled ? {} : { off: true }),
      ...(this.#breaker.failures === 0 && !this.open ? {} : { breaker: this.#breaker }),
      ...(this.#lastSuccessAt === undefined ? {} : { lastSuccessAt: this.#lastSuccessAt }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#expired === 0 ? {} : { expired: this.#expired }),
      delivered: this.#delivered,
      failed: this.#failed,
    };
  }

  get open(): boolean {
    return isOpen(this.#breaker) || this.#place.now() < this.#breaker.heldUntil;
  }

  /** Nothing to send, nothing under way. */
  get idle(): boolean {
    return this.#posts.size === 0 && this.#cursor.idle;
  }

  /** Events that retention took from this destination. */
  expire(events: number): void {
    this.#expired += events;
  }

  /** Everything before a position is gone from the journal, and counted as expired where it was not delivered. */
  forget(position: number): void {
    this.#firstKept = position;
    this.#cursor.forget(position);
    this.#place.blocked.forget(position);
  }

  /** Before it everything was begun; between it and the cursor wait events of blocked conversations. */
  get unreadFrom(): number {
    return Math.min(this.#cursor.position, this.#place.blocked.first);
  }

  /** Whether an event waits to be begun. */
  unread(position: number, event: Event): boolean {
    if (!this.rule.enabled || event.quarantined) return false;
    const { conversation } = event;
    const blocked = conversation === null ? null : this.#place.blocked.get(conversation);
    const unread = this.#cursor.reads(position) || (blocked !== null && position >= blocked.position);
    return unread && this.rule.wants(event);
  }

  /** Whether an event waits for the end of its first attempt. */
  waits(position: number, event: Event): boolean {
    return this.unread(position, event) || this.#cursor.underway.includes(position);
  }

  /** The retry list has a new entry, or a conversation is free to go on. */
  retryFrom(due: number): void {
    this.#retryDueAt = Math.min(this.#retryDueAt, due);
  }

  /** Sends what stands in the journal now, and what is due. */
  run(): void {
    this.#until = this.#place.journal.end;
    if (this.rule.enabled) this.#send();
    else this.#cursor.skipToEnd();
  }

  /** Begins every post that may begin now, and asks to be woken for those that may begin later. */
  #send(): void {
    const { rule } = this;
    if (this.#place.held(rule.name)) return;
    const slots = concurrencyPerShard(rule.concurrency, this.#place.shards());
    while (this.#posts.size < slots) {
      const now = this.#place.now();
      const probing = [...this.#posts].some(({ at }) => isProbe(this.#breaker, at));
      const allowed = allowance(this.#breaker, now, probing);
      if (allowed.posts === 0) {
        if (allowed.again !== null) this.#place.wake(allowed.again);
        return;
      }
      if (!this.#place.mayPost()) return;
      const job = this.#nextJob(now);
      if (job === null) return;
      void this.#attempt(job);
    }
  }

  /** Null where nothing may or need be sent now; then somebody calls again when that changes. */
  #nextJob(now: number): Job | null {
    if (this.rule.ratePerSecond !== null) {
      const rate = perShard(this.rule.ratePerSecond, this.#place.shards());
      const ready = take(this.#rateDueAt, rate, 1, now);
      if (ready.posts === 0) {
        this.#place.wake(ready.dueAt);
        return null;
      }
      const job = this.#choose(now);
      if (job) this.#rateDueAt = ready.dueAt;
      return job;
    }
    return this.#choose(now);
  }

  /** Old and new take turns; a probe takes a new event if there is one, for each uses one up. */
  #choose(now: number): Job | null {
    this.#retriesFirst = !this.#retriesFirst && !isOpen(this.#breaker);
    return this.#retriesFirst
      ? (this.#overdue(now) ?? this.#fresh(now))
      : (this.#fresh(now) ?? this.#overdue(now));
  }

  #overdue(now: number): Job | null {
    if (now < this.#retryDueAt) {
      if (this.#retryDueAt !== Number.POSITIVE_INFINITY) this.#place.wake(this.#retryDueAt);
      return null;
    }
    const { retries, journal } = this.#place;
    for (const retry of retries.due(this.rule.name, now, this.#retrying.size + 8)) {
      if (this.#retrying.has(keyOf(retry))) continue;
      if (retry.positions.length > 1 && !this.rule.batch) {
        // The rule has stopped batching since.
        retries.remove(retry);
        this.#addSingly(retry);
        this.#place.wake(now);
        continue;
      }
      const entries = retry.positions
        .map((position) => journal.at(position))
        .filter((entry) => entry !== null);
      if (entries.length > 0) return { entries, retry, catchingUp: null };
      retries.remove(retry);
      this.expire(retry.positions.length);
    }
    this.#retryDueAt = retries.nextDue(this.rule.name, now) ?? Number.POSITIVE_INFINITY;
    if (this.#retryDueAt !== Number.POSITIVE_INFINITY) this.#place.wake(this.#retryDueAt);
    return null;
  }

  #fresh(now: number): Job | null {
    return (
      this.#catchUp(now) ?? (this.rule.batch ? this.#nextBatch(this.rule.batch, now) : this.#nextEvent())
    );
  }

  #nextEvent(): Job | null {
    const entry = this.#cursor.next(undefined, this.#until);
    if (entry === "later") this.#place.wake(this.#place.now());
    return entry === null || entry === "later" ? null : { entries: [entry], retry: null, catchingUp: null };
  }

  #nextBatch(batch: NonNullable<ForwardRule["batch"]>, now: number): Job | null {
    if (this.#formingAwaitsAnswers && this.#posts.size > 0) return null;
    const joining = new Set<string>();
    for (const { event } of this.#forming) if (event.conversation !== null) joining.add(event.conversation);
    while (this.#forming.length < batch.size) {
      const entry = this.#cursor.next(joining, this.#until);
      if (entry === "later") this.#place.wake(now);
      if (entry === null || entry === "later") break;
      this.#forming.push(entry);
      if (entry.event.conversation !== null) joining.add(entry.event.conversation);
    }
    const { count, again } = nextBatch(
      batch,
      this.#forming.map(({ event }) => event),
      now,
    );
    if (again !== null) this.#place.wake(again);
    if (count === 0) return null;
    const entries = this.#forming.splice(0, count);
    // What is left may follow, in its conversation, what now goes.
    this.#formingAwaitsAnswers = this.rule.order === "conversation" && this.#forming.length > 0;
    return { entries, retry: null, catchingUp: null };
  }

  /** The next events of a conversation whose head is delivered or dead: one, or a batch. */
  #catchUp(now: number): Job | null {
    const { blocked, journal } = this.#place;
    for (const conversation of blocked.catchingUp) {
      if (this.#catchingUp.has(conversation)) continue;
      let { position } = blocked.get(conversation)!;
      for (let pages = 0; ; pages++) {
        if (position >= this.#cursor.position) {
          blocked.release(conversation);
          break;
        }
        if (pages === searchPages) {
          blocked.moveOn(conversation, position);
          this.#place.wake(this.#place.now());
          break;
        }
        const { entries, next } = journal.readOf(conversation, position, this.#cursor.position);
        position = next;
        const wanted = entries.filter(({ event }) => !event.quarantined && this.rule.wants(event));
        const { count } = nextBatch(
          { size: this.rule.batch?.size ?? 1, ms: 0 },
          wanted.map(({ event }) => event),
          now,
        );
        if (count > 0) return { entries: wanted.slice(0, count), retry: null, catchingUp: conversation };
      }
    }
    return null;
  }

  async #attempt(job: Job): Promise<void> {
    const { now, post, version } = this.#place;
    const at = now();
    const underway = { at };
    this.#posts.add(underway);
    if (job.retry) this.#retrying.add(keyOf(job.retry));
    if (job.catchingUp) this.#catchingUp.add(job.catchingUp);
    let outcome: Outcome;
    try {
      outcome = await post(
        messageFor(
          this.rule,
          job.entries.map(({ event }) => event),
          at,
          { version, id: null },
        ),
      );
    } catch (error) {
      outcome = unanswered(error, at, now());
    }
    this.#posts.delete(underway);
    if (job.retry) this.#retrying.delete(keyOf(job.retry));
    if (job.catchingUp) this.#catchingUp.delete(job.catchingUp);
    this.#breaker = afterOutcome(this.#breaker, outcome, now(), this.#place.random);
    try {
      if (outcome.delivered) this.#succeed(job, outcome);
      else this.#fail(job, outcome);
      this.#send();
    } catch (error) {
      this.#place.failed(error);
    }
  }

  #succeed(job: Job, outcome: Outcome): void {
    this.#delivered += job.entries.length;
    this.#place.count("delivered", job.entries.length);
    this.#lastSuccessAt = outcome.at + outcome.ms;
    this.#lastError = undefined;
    for (const { position, event } of job.entries) {
      if (job.retry) continue;
      this.#place.count(latencyBucket(outcome.at + outcome.ms - event.receivedAt));
      this.#cursor.done(position);
      if (job.catchingUp) continue;
      this.#place.changed([this.rule.name, position, outcome.at, outcome.ms, outcome.status ?? 0]);
    }
    if (job.catchingUp) this.#place.blocked.moveOn(job.catchingUp, job.entries.at(-1)!.position + 1);
    // A note is looked for where the cursor passed the event, and who was behind may come long after that.
    if (job.retry || job.catchingUp) this.#end(job, job.retry, "delivered", attemptsOf(job, outcome));
  }

  #fail(job: Job, outcome: Outcome): void {
    this.#failed++;
    this.#place.count("failed");
    const { rule } = this;
    const { retries, now, random } = this.#place;
    this.#lastError = outcome.error ?? undefined;
    if (outcome.gone) this.#place.disable(rule.name);
    // The one that met a 410 has done nothing wrong: it goes on as soon as somebody resumes the destination.
    const failures = (job.retry?.failures ?? 0) + (outcome.gone ? 0 : 1);
    const wait = outcome.gone ? 0 : nextWait(rule.retryMs, failures, random);
    const attempts = attemptsOf(job, outcome);

    const positions = job.entries.map(({ position }) => position).filter((one) => one >= this.#firstKept);
    if (wait === null) this.#end(job, job.retry, "dead", attempts);
    else if (job.retry) retries.remove(job.retry);
    if (wait !== null && positions.length > 0) {
      const due = Math.ceil(now() + wait);
      const retry = { destination: rule.name, due, positions, failures, attempts };
      // After its second failure a batch goes singly: one bad event shall not spoil the others.
      if (failures >= 2) this.#addSingly(retry);
      else retries.add(retry);
      this.retryFrom(due);
    }
    if (!job.retry) this.#blockBehind(job, wait !== null);
    this.#place.changed();
  }

  #addSingly(retry: Retry): void {
    for (const position of retry.positions) this.#place.retries.add({ ...retry, positions: [position] });
  }

  /** With `order`, the conversations of a failed first attempt wait for it; a dead letter lets them go on. */
  #blockBehind(job: Job, waits: boolean): void {
    const { blocked } = this.#place;
    const ordered = this.rule.order === "conversation";
    for (const { position, event } of job.entries) {
      const block = ordered && waits && event.conversation !== null && position >= this.#firstKept;
      if (block) blocked.block(event.conversation!, position);
      else if (job.catchingUp) blocked.moveOn(job.catchingUp, position + 1);
      this.#cursor.done(position, block);
    }
  }

  /** Ends deliveries that needed more than one attempt, came late, or were given up. */
  #end(job: Job, retry: Retry | null, state: "delivered" | "dead", attempts: Attempt[]): void {
    const { retries, settled, blocked, now } = this.#place;
    if (retry) retries.remove(retry);
    if (state === "dead") this.#place.count("dead", job.entries.length);
    for (const { position, event } of job.entries) {
      if (position < this.#firstKept) continue;
      settled.add({ position, destination: this.rule.name, state, at: now(), attempts });
      if (event.conversation !== null) blocked.settle(event.conversation, position);
    }
    this.#place.changed();
  }
}

function keyOf({ due, positions }: Retry): string {
  return `${due}:${positions[0]}`;
}

function attemptsOf(job: Job, { at, ms, status, error, response }: Outcome): Attempt[] {
  return [...(job.retry?.attempts ?? []), { at, ms, status, error, response }];
}
