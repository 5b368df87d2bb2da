/**
 * A destination without a right rule. Either its rule is wrong, and its events wait for a right one; or no rule has the
 * name any more. Its cursor stays, and nothing is sent.
 */

import { type Event, isForwardable } from "../../callback/event.ts";
import { relayApp } from "../../callback/relay-events.ts";
import type { Journal } from "../journal/journal.ts";
import type { DestinationState } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import type { Turn } from "../turn.ts";
import { noAttempts } from "./attempts.ts";
import type { BlockedConversations } from "./blocked.ts";
import type { DeliveryRows } from "./delivery-rows.ts";
import type { Destination, Waiting } from "./destination.ts";
import { EventCounter, estimateOf } from "./event-counter.ts";

type Rows = Pick<DeliveryRows, "has" | "from" | "take" | "giveUp">;

export class Dormant implements Destination {
  readonly open = false;
  readonly heldUntil = null;
  readonly full = false;
  readonly awaits = null;
  readonly #journal: Journal;
  readonly #blocked: BlockedConversations;
  readonly #counter = new EventCounter();
  readonly #rows: Rows;
  /** Positions that have a row, though the last record does not tell; null: they were not needed yet. */
  #skip: Set<number> | null = null;
  /** An event that seems to wait; -1: none is known. */
  #waiting = -1;
  /** No event before it waits. */
  #lookedTo = 0;
  /** Events before it are gone from the journal. */
  #retainedFrom = 0;
  #unreadChanges = 0;
  #state: DestinationState;

  constructor(state: DestinationState, journal: Journal, blocked: BlockedConversations, rows: Rows) {
    this.#state = {
      ...state,
      underway: state.underway.filter((position) => !rows.has(position)),
      delivered: state.delivered ?? 0,
      failed: state.failed ?? 0,
    };
    this.#journal = journal;
    this.#blocked = blocked;
    this.#rows = rows;
  }

  get state(): DestinationState {
    return this.#state;
  }

  /** Since when no rule has the name, Unix milliseconds; null: its rule is wrong. */
  get goneAt(): number | null {
    return this.#state.gone ?? null;
  }

  /** No event before it waits. */
  get firstUnread(): number {
    return Math.max(this.#retainedFrom, Math.min(this.#state.cursor, this.#blocked.first));
  }

  /**
   * Whether no event waits. It reads no further than to the first one, a page at a time. An event is taken to wait also
   * where its delivery has ended, and a crash came before the cursor recorded that.
   */
  get idle(): boolean {
    const { firstUnread } = this;
    if (this.#state.underway.length > 0 || this.#waiting >= firstUnread) return false;
    const { entries, index, next } = this.#journal.read(Math.max(firstUnread, this.#lookedTo));
    const first = entries.slice(index).find(({ position, event }) => this.#isAhead(position, event));
    this.#waiting = first?.position ?? -1;
    this.#lookedTo = first?.position ?? next;
    return !first && next >= this.#journal.end;
  }

  /** The patterns of a wrong rule are not known: every event that can be forwarded waits for it. */
  unread(position: number, event: Event): boolean {
    if (!this.#isAhead(position, event)) return false;
    this.#skip ??= new Set(this.#rows.from(this.firstUnread).map(({ position }) => position));
    return !this.#skip.has(position);
  }

  /** Whether the cursor, or the one of its conversation, has not come to the event. */
  #isAhead(position: number, event: Event): boolean {
    const { cursor, done = [] } = this.#state;
    if (!isForwardable(event) || event.app === relayApp || done.includes(position)) return false;
    if (position >= cursor) return true;
    const { conversation } = event;
    const blocked = conversation === null ? null : this.#blocked.get(conversation);
    return blocked !== null && position >= blocked.position;
  }

  backlog(turn: Turn): Waiting {
    const { end } = this.#journal;
    const { underway } = this.#state;
    const unread = (position: number, event: Event) => this.unread(position, event);
    const counted = this.#counter.count(this.#journal, this.firstUnread, end, unread, turn);
    const uncounted = counted.to < end ? this.#journal.countFrom(counted.to) : 0;
    const [first] = underway;
    return {
      waiting: underway.length + counted.waiting + estimateOf(counted, uncounted),
      since: (first === undefined ? null : this.#journal.at(first)?.event.receivedAt) ?? counted.since,
      estimated: uncounted > 0,
    };
  }

  get concurrency(): number {
    return 0;
  }

  get unreadChanges(): number {
    return this.#unreadChanges;
  }

  carries(): boolean {
    return false;
  }

  giveUp(entry: Entry, now: number): boolean {
    const { position, event } = entry;
    const { underway } = this.#state;
    const waits = underway.includes(position) || this.unread(position, event);
    const attempts = this.#rows.take(position);
    if (!waits && attempts === null) return false;
    this.#rows.giveUp(position, attempts ?? noAttempts, now);
    this.#skip?.add(position);
    this.#waiting = -1;
    this.#unreadChanges++;
    this.#state = { ...this.#state, underway: underway.filter((one) => one !== position) };
    this.#counter.remove(entry, this.#journal, (at, event) => this.unread(at, event));
    if (event.conversation !== null) this.#blocked.settle(event.conversation, position);
    return true;
  }

  get losesNothing(): boolean {
    return this.goneAt !== null;
  }

  get firstLosable(): number {
    return this.losesNothing ? Number.POSITIVE_INFINITY : this.firstUnread;
  }

  get firstUndelivered(): number {
    return Math.min(this.firstLosable, ...(this.losesNothing ? [] : this.#state.underway));
  }

  waits(position: number, event: Event): boolean {
    return this.unread(position, event) || this.#state.underway.includes(position);
  }

  /** It begins nothing anyway. */
  freeze(): void {}

  truncateBefore(position: number, lost: number): void {
    this.#retainedFrom = position;
    const { cursor, underway } = this.#state;
    const kept = underway.filter((one) => one >= position);
    this.addLost(underway.length - kept.length + lost);
    this.#state = { ...this.#state, cursor: Math.max(cursor, position), underway: kept };
    this.#blocked.keepHeads((head) => head >= position);
  }

  addLost(events: number): void {
    if (!this.losesNothing) this.#state.expired = (this.#state.expired ?? 0) + events;
  }

  setBack(ms: number): void {
    if (this.#state.gone !== undefined) this.#state.gone -= ms;
  }
}
