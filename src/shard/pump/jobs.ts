/**
 * Chooses the next job of a destination: a retry that is due, a conversation that catches up, or the next events of the
 * journal. A batching rule gets several events in one job.
 */
import type { Event } from "../../callback/event.ts";
import { batchBytesOf, nextBatch } from "../../delivery/batch.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import type { ShardStorage } from "../storage.ts";
import type { Turn } from "../turn.ts";
import type { Backlog } from "./backlog.ts";
import type { DeliveryHistory } from "./history.ts";
import type { Job } from "./job.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { RetryList } from "./retry-list.ts";
import type { Retry } from "./retry-rows.ts";

/** The fields of an event that decide which batch it joins. */
type Batched = Pick<Entry, "position"> & Pick<Event, "size" | "receivedAt" | "conversation">;

export interface JobSources {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly backlog: Backlog;
  readonly replays: ReplaySource;
  readonly storage: ShardStorage;
}

export class Jobs {
  readonly #rule: ForwardRule;
  readonly #sources: JobSources;
  readonly #history: DeliveryHistory;
  readonly #schedule: { at(ms: number): void };
  readonly #underway = new Set<Job>();
  /** The positions of retries under way: retention, or an operator, may take some out of the list meanwhile. */
  readonly #retrying = new Set<number>();
  /** How many retries are under way. */
  #retries = 0;
  /** Jobs of replays by range. */
  readonly #replaying = new Set<Job>();
  /** End of the journal at the start of this run; later events wait for the next run. */
  #readLimit = 0;
  #retriesFirst = true;
  /** The batch that is being made up. */
  #batch: Batched[] = [];
  #batchAwaitsAnswers = false;

  /** @param schedule is told when a job may be ready that is not yet */
  constructor(
    rule: ForwardRule,
    sources: JobSources,
    history: DeliveryHistory,
    schedule: { at(ms: number): void },
  ) {
    this.#rule = rule;
    this.#sources = sources;
    this.#history = history;
    this.#schedule = schedule;
  }

  /** The jobs whose posts are under way. */
  get underway(): ReadonlySet<Job> {
    return this.#underway;
  }

  /** Whether a post under way carries the event at a position. */
  carries(position: number): boolean {
    for (const { entries } of this.#underway)
      if (entries.some((entry) => entry.position === position)) return true;
    return false;
  }

  /** Events of blocked conversations that posts under way carry. */
  get catchingUp(): number {
    return this.catchingUpBetween(0, Number.POSITIVE_INFINITY);
  }

  /** The same events, from one position on and before another. */
  catchingUpBetween(from: number, to: number): number {
    let events = 0;
    for (const { catchingUp, entries } of this.#underway)
      if (catchingUp !== null)
        events += entries.filter(({ position }) => from <= position && position < to).length;
    return events;
  }

  /** Begins a run: the journal is read to its present end. */
  readToEnd(): void {
    this.#readLimit = this.#sources.journal.end;
  }

  /**
   * The next job, which is under way from then on; null if none is ready. Retries and new events take turns. Replays by
   * range come last.
   * @param probing takes a new event if there is one, because each probe uses an event up
   * @param replays how many jobs of replays may be under way
   * @param joining conversations of the answer that the job would join: within it their order is safe
   */
  next(
    now: number,
    probing: boolean,
    turn: Turn,
    replays = Number.POSITIVE_INFINITY,
    joining?: ReadonlySet<string>,
  ): Job | null {
    this.#retriesFirst = !this.#retriesFirst && !probing;
    const job =
      (this.#retriesFirst
        ? (this.#dueRetry(now) ?? this.#fresh(now, turn, joining))
        : (this.#fresh(now, turn, joining) ?? this.#dueRetry(now))) ??
      (this.#replaying.size < replays ? this.#replayed(now, turn) : null);
    if (job === null) return null;
    this.#underway.add(job);
    for (const position of job.retry?.positions ?? []) this.#retrying.add(position);
    if (job.retry) this.#retries++;
    return job;
  }

  /** Whether an event waits for its first attempt, or a post carries it. */
  waits(position: number, event: Event): boolean {
    return this.carries(position) || this.#sources.backlog.waiting.waits(position, event);
  }

  /** Events of a replay by range. One in the retry list is taken out of its turn. */
  #replayed(now: number, turn: Turn): Job | null {
    const { replays, retries, storage } = this.#sources;
    if (replays.readyAt > now) return this.#wait(replays.readyAt);
    const replayed = replays.next(now, this.#rule.batch?.size ?? 1, turn, this);
    if (replayed === null) return this.#wait(replays.readyAt);
    const { id, entries } = replayed;
    const [{ position }] = entries as [Entry];
    const { name } = this.#rule;
    if (entries.length === 1 && retries.rows.has(name, position))
      storage.atomically(() => retries.renew(name, position, now, id));
    const retry = entries.length === 1 ? retries.rows.find(name, position) : null;
    const job: Job = { at: now, entries, retry, catchingUp: null, replay: id };
    this.#replaying.add(job);
    return job;
  }

  /** The post of a job has ended. */
  ended(job: Job): void {
    this.#underway.delete(job);
    this.#replaying.delete(job);
    for (const position of job.retry?.positions ?? []) this.#retrying.delete(position);
    if (job.retry) this.#retries--;
  }

  /** The delivery of an event that no post carries was given up. */
  giveUp(position: number): void {
    this.#batch = this.#batch.filter((one) => one.position !== position);
  }

  /** Everything before a position is gone from the journal. */
  truncateBefore(position: number): void {
    this.#batch = this.#batch.filter((one) => one.position >= position);
  }

  #dueRetry(now: number): Job | null {
    const { retries, journal } = this.#sources;
    const { name } = this.#rule;
    const earliest = retries.earliest(name);
    if (earliest > now) return this.#wait(earliest);
    const retry = retries.rows
      .due(name, now, this.#retries + 1)
      .find(({ positions }) => !positions.some((position) => this.#retrying.has(position)));
    if (!retry) return this.#wait(retries.nextAfter(name, now));
    // Read as a page: the events of a batch stand together.
    if (retry.positions.length > 1) journal.read(retry.positions[0]!);
    const entries = retry.positions.flatMap((position) => journal.at(position) ?? []);
    if (entries.length === 1 || (entries.length > 1 && this.#rule.batch))
      return { at: now, entries, retry, catchingUp: null, replay: retry.replay };
    this.#splitUp(retry, entries);
    return this.#wait(now);
  }

  /** The rule has stopped batching, or the entry's events are gone from the journal. */
  #splitUp(retry: Retry, entries: readonly Entry[]): void {
    const { retries, storage } = this.#sources;
    storage.atomically(() => {
      const again = { ...retry, attempts: retries.rows.attemptsOf(retry) };
      const singly = entries.map((entry) => [entry]);
      retries.divide(retry, again, singly, this.#rule.order === "conversation");
      this.#history.addExpired(retry.positions.length - entries.length);
    });
  }

  /** No job is ready before a time; infinity: none will be. */
  #wait(until: number): null {
    if (until !== Number.POSITIVE_INFINITY) this.#schedule.at(until);
    return null;
  }

  #fresh(now: number, turn: Turn, joining?: ReadonlySet<string>): Job | null {
    const { batch } = this.#rule;
    return (
      this.#nextOfBlocked(now, turn) ??
      (batch ? this.#nextBatch(batch, now, turn) : this.#nextEvent(now, turn, joining))
    );
  }

  #nextEvent(now: number, turn: Turn, joining?: ReadonlySet<string>): Job | null {
    const entry = this.#sources.backlog.next(joining, this.#readLimit, turn);
    if (entry === "later") return this.#wait(now);
    return entry && { at: now, entries: [entry], retry: null, catchingUp: null, replay: null };
  }

  #nextBatch(limits: NonNullable<ForwardRule["batch"]>, now: number, turn: Turn): Job | null {
    if (this.#batchAwaitsAnswers) {
      if (this.#underway.size > 0) return null;
      // If the part before failed, its conversations are blocked: their events go when it has been retried.
      this.#batch = this.#batch.filter(({ position }) => this.#sources.backlog.hasBegun(position));
    }
    this.#fill(limits.size, now, turn);
    const { count, again } = nextBatch(limits, this.#batch, now, batchBytesOf(this.#rule.address.kind));
    if (again !== null) this.#schedule.at(again);
    if (count === 0) return null;
    const batch = this.#batch.splice(0, count);
    const entries = this.#sources.backlog.take(batch.map(({ position }) => position));
    // The events left may follow an event of this batch in its conversation.
    this.#batchAwaitsAnswers = this.#rule.order === "conversation" && this.#batch.length > 0;
    if (entries.length > 0) return { at: now, entries, retry: null, catchingUp: null, replay: null };
    return this.#wait(now);
  }

  /** Adds events to the batch until it is full or the journal is read. */
  #fill(size: number, now: number, turn: Turn): void {
    const mostBytes = batchBytesOf(this.#rule.address.kind);
    const isOrdered = this.#rule.order === "conversation";
    const joining = new Set<string>();
    let bytes = 0;
    const join = ({ conversation, size }: Pick<Event, "conversation" | "size">) => {
      if (isOrdered && conversation !== null) joining.add(conversation);
      bytes += size;
    };
    this.#batch.forEach(join);
    while (this.#batch.length < size && bytes <= mostBytes) {
      const entry = this.#sources.backlog.next(joining, this.#readLimit, turn);
      if (entry === "later") this.#schedule.at(now);
      if (entry === null || entry === "later") return;
      const { conversation, size, receivedAt } = entry.event;
      this.#batch.push({ position: entry.position, conversation, size, receivedAt });
      join(entry.event);
    }
  }

  /** The next events of a conversation that waits for no retry any more: one, or a batch. */
  #nextOfBlocked(now: number, turn: Turn): Job | null {
    const size = this.#rule.batch?.size ?? 1;
    const next = this.#sources.backlog.nextOfBlocked(size, turn);
    if (next === "later") return this.#wait(now);
    return (
      next && { at: now, entries: next.entries, retry: null, catchingUp: next.conversation, replay: null }
    );
  }
}
