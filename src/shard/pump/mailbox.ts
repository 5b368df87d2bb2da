/**
 * The events of a destination that fetches them. A poll takes events out of the journal and the retry list, and a later
 * poll confirms them: only then are they delivered. An event that is not confirmed in time is handed out again, which
 * costs no attempt.
 *
 * All of this stands in memory, and costs no row. An event that was handed out is under way, like one that a post
 * carries: after a crash it is read again first.
 */

import type { Event } from "../../callback/event.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import { confirmed, unconfirmed } from "../../delivery/transports/poll.ts";
import { elapsed } from "../../elapsed.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import { endTurn, newTurn, type Turn } from "../turn.ts";
import { LetterSupply, type MailboxSources } from "./letter-supply.ts";
import { type Letter, Letters, letterOf } from "./letters.ts";
import type { Receipt } from "./receipt.ts";
import { WaitingPolls } from "./waiting-polls.ts";

/** An offer looks at so many turns of events that its rule does not want, and goes on at the next poll. */
const mostTurns = 25;

/** Without a poll for so long, a destination counts as paused. Milliseconds. */
const desertedMs = 600_000;

export class Mailbox {
  readonly #rule: ForwardRule;
  readonly #dispatcher: MailboxSources["dispatcher"];
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #letters: Letters;
  readonly #supply: LetterSupply;
  readonly #polls: WaitingPolls;
  /** The key of the next test: a token of an earlier start names none of this one's. */
  #testKey: number;
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
    this.#dispatcher = sources.dispatcher;
    this.#clock = clock;
    this.#letters = new Letters(rule, mostCharacters, clock);
    this.#supply = new LetterSupply(this.#letters, sources, clock);
    this.#polls = new WaitingPolls(clock);
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
    return this.#polls.some;
  }

  /** Whether no poll has come for a while. */
  get deserted(): boolean {
    return this.#polledAt === null || elapsed(this.#polledAt, this.#clock.now()) > desertedMs;
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
    const isOlder = at < this.#startedAt;
    const letter = this.#letters.get(key) ?? (isOlder ? this.#supply.resumed(key) : null);
    if (!letter || !this.#isMeant(letter, at)) return null;
    this.#letters.remove(key);
    const outcome = confirmed(letter.lastAt || at, this.#clock.now());
    if (letter.job) this.#dispatcher.settle(letter.job, outcome);
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

  /** The keys of events that a poll may take now, oldest first. Tests pass pause and queue. */
  async offer(limit: number): Promise<number[]> {
    for (let turns = 1; ; turns++) {
      const turn = newTurn();
      const ready = this.#supply.ready(limit, turn);
      const isRead = turn.left > 0 && this.#dispatcher.mayRead;
      if (ready.length > 0 || isRead || turns === mostTurns) return ready.map(({ key }) => key);
      await endTurn(this.#clock);
    }
  }

  /** Resolves when an event may be there, or the time is up. False: the process ends, and none will come. */
  async arrival(ms: number): Promise<boolean> {
    const keys = await this.offer(1);
    if (keys.length === 0 && !this.#polls.stopped) await this.#polls.wait(ms);
    return !this.#polls.stopped;
  }

  /** Hands out the oldest events on offer. No other poll gets them before `timeoutMs` has passed. */
  take(limit: number): Receipt & { events: readonly Event[] } {
    const at = this.#clock.now();
    const letters = this.#supply.ready(limit, newTurn()).filter((letter) => this.#supply.renew(letter));
    for (const letter of letters) {
      letter.firstAt ||= at;
      letter.lastAt = at;
    }
    this.#watchLapses();
    return { at, keys: letters.map(({ key }) => key), events: letters.map(({ entry }) => entry.event) };
  }

  /** Events may have come, or may be handed out again. Costs nothing while no poll waits. */
  wake(turn: Turn): void {
    if (this.#polls.some && this.#supply.ready(1, turn).length > 0) this.#polls.wake();
  }

  /** Offers an event that is no delivery. Resolves when a poll has confirmed it, or the rule's time is up. */
  test(event: Event): Promise<Outcome> {
    const at = this.#clock.now();
    return new Promise((resolve) => {
      const letter = letterOf(this.#testKey--, { position: 0, event }, null, (outcome) => {
        cancel();
        resolve({ ...outcome, at, ms: outcome.at + outcome.ms - at });
      });
      const cancel = this.#clock.after(this.#rule.timeoutMs, () => {
        this.#letters.remove(letter.key);
        resolve(unconfirmed(letter.firstAt > 0, at, this.#clock.now()));
      });
      this.#letters.add(letter);
      this.#polls.wake();
    });
  }

  /** Whether a poll has the event at a position for the first time, and may still confirm it. */
  carries(position: number): boolean {
    return this.#letters.isTakenFirst(position);
  }

  /** No poll can be given an event: its attempt has failed. */
  failed(key: number, outcome: Outcome): void {
    const letter = this.#letters.get(key);
    if (!letter) return;
    this.#letters.remove(key);
    if (letter.job) this.#dispatcher.settle(letter.job, outcome);
    letter.ended?.(outcome);
  }

  /** The delivery of an event is given up: no poll gets it any more, and none confirms it. */
  giveUp(position: number): void {
    const letter = this.#letters.get(position);
    if (letter?.job) this.#supply.drop(letter.job);
  }

  /** The clock was set back: nothing that a poll has is held longer by that. */
  setBack(ms: number): void {
    if (this.#polledAt !== null) this.#polledAt -= ms;
    this.#letters.setBack(ms);
    this.#watchLapses();
  }

  /** Before the process ends: polls that wait are answered. */
  stop(): void {
    this.#polls.stop();
  }

  /** When events are free again, polls that wait get them. A timer keeps the object, and with it the knowledge of them. */
  #watchLapses(): void {
    this.#lapse?.();
    this.#lapse = null;
    const next = this.#letters.nextLapse;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#lapse = this.#clock.after(next - this.#clock.now(), () => {
      this.wake(newTurn());
      this.#watchLapses();
    });
  }
}
