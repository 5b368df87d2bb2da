/** Which events of a destination wait, ahead of its cursor, under way, or behind it in blocked conversations. */
import { type Event, isForwardable } from "../../callback/event.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { WordSet } from "../../rule/words/word-set.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import type { Turn } from "../turn.ts";
import { BacklogCounter } from "./backlog-counter.ts";
import type { BlockedConversations } from "./blocked.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Cursor } from "./cursor.ts";
import type { DeliveryRows } from "./delivery-rows.ts";
import type { Waiting } from "./destination.ts";

/** The readers of a destination's events, and the rows of its deliveries. */
export interface BacklogReaders {
  readonly journal: Journal;
  readonly cursor: Cursor;
  readonly blocked: BlockedConversations;
  readonly catchUp: CatchUp;
  readonly rows: DeliveryRows;
}

export class WaitingEvents {
  readonly #rule: ForwardRule;
  readonly #cursor: Cursor;
  readonly #blocked: BlockedConversations;
  readonly #rows: DeliveryRows;
  readonly #counter: BacklogCounter;
  /** The words of the last count. */
  #counted: WordSet | null = null;

  constructor(rule: ForwardRule, { journal, cursor, blocked, catchUp, rows }: BacklogReaders) {
    this.#rule = rule;
    this.#cursor = cursor;
    this.#blocked = blocked;
    this.#rows = rows;
    const unread = (position: number, event: Event) => this.unread(position, event);
    this.#counter = new BacklogCounter(journal, cursor, catchUp, unread);
  }

  /** Positions before one that were read and have no outcome yet. */
  underwayBefore(position: number): number[] {
    return this.#cursor.underway.filter((one) => one < position);
  }

  /** Each event before it was begun; between it and the cursor stand events of blocked conversations. */
  get firstUnread(): number {
    return Math.min(this.#cursor.position, this.#blocked.first);
  }

  /** No event before it waits for the end of its first attempt. */
  get firstWaiting(): number {
    return Math.min(this.firstUnread, this.#cursor.firstUnderway ?? Number.POSITIVE_INFINITY);
  }

  /** Whether an event is still to be begun. */
  unread(position: number, event: Event): boolean {
    if (!this.#rule.enabled || !isForwardable(event)) return false;
    const unread = this.#cursor.reads(position) || this.#isBehind(position, event);
    return unread && this.#rule.matches(event);
  }

  /** Whether an event that the cursor has passed by is still to be begun by its blocked conversation. */
  #isBehind(position: number, { conversation }: Event): boolean {
    const blocked = conversation === null ? null : this.#blocked.get(conversation);
    return blocked !== null && position >= blocked.position && !this.#rows.has(position);
  }

  /** Whether an event's first attempt has not ended. */
  waits(position: number, event: Event): boolean {
    return this.unread(position, event) || this.#cursor.isUnderway(position);
  }

  /** The position of the event that another one of its conversation waits behind; null: it waits behind none. */
  waitsFor(position: number, { conversation }: Event): number | null {
    if (conversation === null) return null;
    const blocked = this.#blocked.get(conversation);
    if (blocked && position >= blocked.position) return blocked.waitsFor[0] ?? null;
    return this.#cursor.underwayOf(conversation, position);
  }

  /**
   * Counts the events that wait, as far as the turn allows; the rest is estimated.
   * @param catchingUp events of blocked conversations that posts under way carry
   */
  count(catchingUp: number, turn: Turn): Waiting {
    if (!this.#rule.enabled) return { waiting: 0, since: null, estimated: false };
    this.#lookAtWords();
    return this.#counter.count(catchingUp, turn);
  }

  /** An event ahead of the cursor waits no more. */
  remove(entry: Entry): void {
    this.#lookAtWords();
    this.#counter.remove(entry);
  }

  /** Another list of words fits other events than those that were counted. */
  #lookAtWords(): void {
    const words = this.#rule.words?.words ?? null;
    if (words !== this.#counted) this.#counter.recount();
    this.#counted = words;
  }
}
