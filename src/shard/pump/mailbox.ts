/**
 * The events of a destination that fetches them. A poll takes events out of the journal and the retry list, and a later
 * poll confirms them: only then are they delivered. An event that is not confirmed in time is handed out again, which
 * costs no attempt.
 *
 * All of this stands in memory, and costs no row. An event that was handed out is under way, like one that a post
 * carries: after a crash it is read again first.
 */
import type { Event } from "../../callback/event.ts";
import { maxBatchBytes } from "../../delivery/batch.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import { confirmed, unconfirmed } from "../../delivery/transports/poll.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import { endTurn, newTurn, type Turn } from "../turn.ts";
import type { Backlog } from "./backlog.ts";
import type { Job } from "./job.ts";
import type { Jobs } from "./jobs.ts";
import { conversationOf, type Letter } from "./letter.ts";
import type { Receipt } from "./receipt.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { Settler } from "./settler.ts";

/** Events that are not confirmed: with more, a poll gets none but these, again. */
const mostLetters = 2_000;

/** An offer looks at so many turns of events that its rule does not want, and goes on at the next poll. */
const mostTurns = 25;

/** Without a poll for so long, a destination counts as paused. Milliseconds. */
const desertedMs = 600_000;

/** The parts of a pump that a mailbox fills itself from. */
export interface MailboxSources {
  readonly jobs: Jobs;
  readonly backlog: Backlog;
  readonly journal: Journal;
  readonly settler: Settler;
  readonly replays: Pick<ReplaySource, "ended">;
  readonly dispatcher: {
    /** False: this turn may read nothing, and the next one may. */
    readonly mayRead: boolean;
    /** False: no event may be handed out now. A run follows when that changes. */
    mayBegin(): boolean;
    settle(job: Job, outcome: Outcome): void;
  };
}

export class Mailbox {
  readonly #rule: ForwardRule;
  readonly #sources: MailboxSources;
  readonly #clock: Clock;
  readonly #mostCharacters: number;
  readonly #startedAt: number;
  readonly #letters = new Map<number, Letter>();
  #characters = 0;
  /** The key of the next test: a token of an earlier start names none of this one's. */
  #testKey: number;
  /** Polls that wait for an event. */
  readonly #waiting = new Set<() => void>();
  #stopped = false;
  #lapse: (() => void) | null = null;
  #polledAt: number | null;

  /**
   * @param polledAt when the last poll came before this start, as far as a row records it
   * @param mostCharacters bodies of events that are not confirmed; with more, no further event is read
   */
  constructor(
    rule: ForwardRule,
    sources: MailboxSources,
    polledAt: number | undefined,
    mostCharacters: number,
    clock: Clock,
  ) {
    this.#rule = rule;
    this.#sources = sources;
    this.#clock = clock;
    this.#mostCharacters = mostCharacters;
    this.#startedAt = clock.now();
    this.#testKey = -1_000 * this.#startedAt;
    this.#polledAt = polledAt ?? null;
  }

  /** When the last poll came, Unix milliseconds; null: none is known. */
  get polledAt(): number | null {
    return this.#polledAt;
  }

  /** Whether a poll waits for an event. */
  get awaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether no poll has come for a while. */
  get deserted(): boolean {
    return this.#polledAt === null || Math.abs(this.#clock.now() - this.#polledAt) > desertedMs;
  }

  /**
   * A poll begins: it confirms events that it has.
   * @returns whether one of them is delivered by that
   */
  confirm(receipt: Receipt | null): boolean {
    this.#polledAt = this.#clock.now();
    if (receipt === null) return false;
    const letters = receipt.keys.toSorted((a, b) => a - b).map((key) => this.#confirmedBy(receipt.at, key));
    return letters.filter((letter) => letter !== null).length > 0;
  }

  #confirmedBy(at: number, key: number): Letter | null {
    const letter = this.#letters.get(key) ?? this.#fromBeforeStart(at, key);
    if (!letter || !this.#isMeant(letter, at)) return null;
    this.#forget(key);
    const outcome = confirmed(letter.lastAt || at, this.#clock.now());
    if (letter.job) this.#sources.dispatcher.settle(letter.job, outcome);
    letter.ended?.(outcome);
    return letter;
  }

  /**
   * Whether a receipt that was given at a time tells of this delivery. One that is replayed after it is on its way anew.
   * A delivery that was not handed out since the start may have been before it.
   */
  #isMeant({ firstAt, job }: Letter, at: number): boolean {
    if (firstAt > 0) return firstAt <= at;
    if (job === null || at >= this.#startedAt) return false;
    return job.retry === null ? job.replay === null : job.retry.due < at;
  }

  /** An event that the object had handed out before it started anew: it is under way, and comes first. */
  #fromBeforeStart(at: number, key: number): Letter | null {
    const { journal, backlog, dispatcher } = this.#sources;
    if (at >= this.#startedAt || key < 0 || !dispatcher.mayRead) return null;
    const event = journal.at(key)?.event;
    if (!event || !backlog.waiting.waits(key, event)) return null;
    const turn = newTurn();
    this.#sources.jobs.readToEnd();
    while (!this.#letters.has(key) && this.#pull(turn, new Set()) !== null);
    return this.#letters.get(key) ?? null;
  }

  /** The keys of events that a poll may take now, oldest first. Tests pass pause and queue. */
  async offer(limit: number): Promise<number[]> {
    for (let turns = 1; ; turns++) {
      const turn = newTurn();
      const ready = this.#ready(limit, turn);
      const isRead = turn.left > 0 && this.#sources.dispatcher.mayRead;
      if (ready.length > 0 || isRead || turns === mostTurns) return ready.map(({ key }) => key);
      await endTurn(this.#clock);
    }
  }

  /** Resolves when an event may be there, or the time is up. False: the process ends, and none will come. */
  async arrival(ms: number): Promise<boolean> {
    const keys = await this.offer(1);
    if (this.#stopped || keys.length > 0) return !this.#stopped;
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        this.#waiting.delete(end);
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#waiting.add(end);
    });
    return !this.#stopped;
  }

  /** Hands out the oldest events on offer. No other poll gets them before `timeoutMs` has passed. */
  take(limit: number): Receipt & { events: readonly Event[] } {
    const at = this.#clock.now();
    const letters = this.#ready(limit, newTurn()).filter((letter) => this.#renew(letter));
    for (const letter of letters) {
      letter.firstAt ||= at;
      letter.lastAt = at;
    }
    this.#watchLapses();
    return { at, keys: letters.map(({ key }) => key), events: letters.map(({ entry }) => entry.event) };
  }

  /** Events may have come, or may be handed out again. Costs nothing while no poll waits. */
  wake(turn: Turn): void {
    if (this.#waiting.size > 0 && this.#ready(1, turn).length > 0) this.#endWaiting();
  }

  /** Offers an event that is no delivery. Resolves when a poll has confirmed it, or the rule's time is up. */
  test(event: Event): Promise<Outcome> {
    const at = this.#clock.now();
    return new Promise((resolve) => {
      const letter: Letter = {
        key: this.#testKey--,
        entry: { position: 0, event },
        job: null,
        firstAt: 0,
        lastAt: 0,
        ended(outcome) {
          cancel();
          resolve({ ...outcome, at, ms: outcome.at + outcome.ms - at });
        },
      };
      const cancel = this.#clock.after(this.#rule.timeoutMs, () => {
        this.#forget(letter.key);
        resolve(unconfirmed(letter.firstAt > 0, at, this.#clock.now()));
      });
      this.#add(letter);
      this.#endWaiting();
    });
  }

  /** Whether a poll has the event at a position for the first time, and may still confirm it. */
  carries(position: number): boolean {
    const { firstAt = 0 } = this.#letters.get(position) ?? {};
    return firstAt > 0 && firstAt + this.#rule.timeoutMs > this.#clock.now();
  }

  /** No poll can be given an event: its attempt has failed. */
  failed(key: number, outcome: Outcome): void {
    const letter = this.#letters.get(key);
    if (!letter) return;
    this.#forget(key);
    if (letter.job) this.#sources.dispatcher.settle(letter.job, outcome);
    letter.ended?.(outcome);
  }

  /** The delivery of an event is given up: no poll gets it any more, and none confirms it. */
  giveUp(position: number): void {
    const letter = this.#letters.get(position);
    if (letter?.job) this.#drop(letter.job);
  }

  /** The job of a letter ends without an outcome. */
  #drop(job: Job): void {
    const { jobs, backlog, replays } = this.#sources;
    const [{ position }] = job.entries as [Entry];
    this.#forget(position);
    jobs.ended(job);
    backlog.delivered(job);
    if (job.replay !== null) replays.ended(job.replay, [position], false);
  }

  /** The clock was set back: nothing that a poll has is held longer by that. */
  setBack(ms: number): void {
    if (this.#polledAt !== null) this.#polledAt -= ms;
    for (const letter of this.#letters.values()) {
      if (letter.lastAt === 0) continue;
      letter.firstAt -= ms;
      letter.lastAt -= ms;
    }
    this.#watchLapses();
  }

  /** Before the process ends: polls that wait are answered. */
  stop(): void {
    this.#stopped = true;
    this.#endWaiting();
  }

  #endWaiting(): void {
    for (const end of [...this.#waiting]) end();
  }

  /** Up to so many events that may be handed out now, oldest first. */
  #ready(limit: number, turn: Turn): Letter[] {
    const { free, taken } = this.#sorted();
    if (!this.#sources.dispatcher.mayBegin()) return free.filter(({ job }) => job === null);
    this.#sources.jobs.readToEnd();
    const joining = new Set(free.map(conversationOf).filter((conversation) => conversation !== null));
    let bytes = free.reduce((sum, { entry }) => sum + entry.event.size, 0);
    while (free.length < limit && bytes < maxBatchBytes) {
      const letter = this.#pull(turn, joining);
      if (letter === null) break;
      const conversation = conversationOf(letter);
      if (conversation !== null && taken.has(conversation)) continue;
      if (conversation !== null) joining.add(conversation);
      bytes += letter.entry.event.size;
      free.push(letter);
    }
    free.sort((a, b) => a.key - b.key);
    bytes = 0;
    const end = free.findIndex(({ entry }, index) => {
      bytes += entry.event.size;
      return index === limit || (index > 0 && bytes > maxBatchBytes);
    });
    return end === -1 ? free : free.slice(0, end);
  }

  /** Letters that no poll has. With an order, a conversation of which a poll has events waits for it. */
  #sorted(): { free: Letter[]; taken: Set<string | null> } {
    const ordered = this.#rule.order === "conversation";
    const letters = [...this.#letters.values()];
    const taken = new Set(ordered ? letters.filter((one) => this.#isTaken(one)).map(conversationOf) : []);
    taken.delete(null);
    const free = letters.filter((one) => !this.#isTaken(one) && !taken.has(conversationOf(one)));
    return { free, taken };
  }

  /** Whether a poll has it, and may still confirm it. */
  #isTaken({ lastAt }: Letter): boolean {
    return lastAt > 0 && lastAt + this.#rule.timeoutMs > this.#clock.now();
  }

  /** Adds the next event; null: there is none, or no room. */
  #pull(turn: Turn, joining: ReadonlySet<string>): Letter | null {
    if (this.#letters.size >= mostLetters || this.#characters >= this.#mostCharacters) return null;
    const job = this.#sources.jobs.next(this.#clock.now(), false, turn, undefined, joining);
    if (job === null) return null;
    const [entry] = job.entries as [Entry];
    const letter: Letter = { key: entry.position, entry, job, firstAt: 0, lastAt: 0 };
    this.#add(letter);
    return letter;
  }

  #add(letter: Letter): void {
    this.#letters.set(letter.key, letter);
    this.#characters += letter.entry.event.body.length;
  }

  #forget(key: number): void {
    this.#characters -= this.#letters.get(key)?.entry.event.body.length ?? 0;
    this.#letters.delete(key);
  }

  /** Reads an event again that has waited: retention or an erasure may have taken it. False: it is gone. */
  #renew(letter: Letter): boolean {
    const { journal, settler } = this.#sources;
    const { key, job, lastAt } = letter;
    if (job === null || (lastAt === 0 && key >= settler.retainedFrom)) return true;
    this.#forget(key);
    const entry = journal.at(key);
    if (entry) {
      letter.entry = entry;
      this.#add(letter);
      return true;
    }
    this.#drop(job);
    return false;
  }

  /** When events are free again, polls that wait get them. A timer keeps the object, and with it the knowledge of them. */
  #watchLapses(): void {
    this.#lapse?.();
    this.#lapse = null;
    const now = this.#clock.now();
    const ends = [...this.#letters.values()].map(({ lastAt }) => lastAt + this.#rule.timeoutMs);
    const next = Math.min(...ends.filter((end) => end > now));
    if (next === Number.POSITIVE_INFINITY) return;
    this.#lapse = this.#clock.after(next - now, () => {
      this.wake(newTurn());
      this.#watchLapses();
    });
  }
}
