/**
 * How far one destination has read the journal, and which event comes next. No I/O, no clock: the journal is an
 * argument, and `done` tells the end of a first attempt.
 *
 * The cursor runs ahead of the answers: events before it whose first attempt has not ended are under way. After a
 * restart they come first, again. With `ordered`, a conversation has one post under way at a time: its later events
 * wait in lanes, which are bounded. Only positions are remembered: a body is read again from the journal when it is
 * sent.
 */
import { isForwardable } from "../../callback/event.ts";
import { exactCursor } from "../journal/exact-cursor.ts";
import type { CursorState, DestinationDetails } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import { costOf, newTurn, type Turn } from "../turn.ts";
import type { CursorOptions, Readable } from "./cursor-options.ts";
import { Lanes } from "./lanes.ts";

/** Positions under way that each row records. With more, it records the first, and a restart begins there. */
const mostRecorded = 192;

/** Deliveries that are remembered because they ended before an earlier one did. */
const mostEnded = 128;

export class Cursor {
  readonly #journal: Readable;
  readonly #options: CursorOptions;
  readonly #skip: Set<number>;
  #position: number;
  /** Positions under way, each with its conversation if there is an order. */
  readonly #underway = new Map<number, string | null>();
  /** Positions that wait behind others of their conversation. */
  readonly #lanes = new Lanes();
  readonly #resumed: number[];
  /** Positions delivered while an earlier one is under way, or ahead of the cursor. */
  #ended: Set<number>;
  /**
   * False: more positions before the cursor were delivered than are remembered. So it is after a restart, until the
   * events that were under way have ended: only the start told of other deliveries between them.
   */
  #endedIsWhole: boolean;
  /** Events before it are gone from the journal. */
  #retainedFrom = 0;
  #fitted = 0;

  constructor(journal: Readable, start: CursorState, options: CursorOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#skip = new Set([...options.skip, ...(start.done ?? [])]);
    this.#position = start.cursor;
    this.#resumed = start.underway.filter((position) => !this.#skip.has(position));
    this.#ended = new Set(start.done);
    this.#endedIsWhole = this.#resumed.length === 0;
  }

  /** Everything before it was read. */
  get position(): number {
    return this.#position;
  }

  /** How many of the events that this cursor has read its rule matches. */
  get fitted(): number {
    return this.#fitted;
  }

  /**
   * The state to record, in as few positions as possible. Usually it is the cursor with the positions under way. If more
   * events are under way than were delivered since, it is the first of these with the positions delivered.
   */
  get state(): CursorState & Pick<DestinationDetails, "exact"> {
    const first = this.firstUnderway;
    // An archive gathers thousands of events, and each row asks.
    const isMany = this.#underway.size + this.#lanes.waiting + this.#resumed.length > mostRecorded;
    const underway = isMany ? [] : this.underway;
    const short = first === null || (!isMany && (!this.#endedIsWhole || underway.length <= this.#ended.size));
    const cursor = short ? this.#position : first;
    const done = this.#endedFrom(cursor);
    return {
      cursor,
      underway: short ? underway : [],
      ...(done.length > 0 && { done }),
      ...(isMany && this.#options.exact && { exact: exactCursor(this.#position, this.underway) }),
    };
  }

  #endedFrom(position: number): number[] {
    return [...this.#ended].filter((one) => one >= position).sort((a, b) => a - b);
  }

  /** Whether the position is still to be read. Deliveries that ended after the start was recorded are passed over. */
  reads(position: number): boolean {
    return position >= this.#position && !this.#skip.has(position);
  }

  /** Whether the event goes in the order of its conversation. */
  isOrdered(position: number): boolean {
    return (this.#underway.get(position) ?? null) !== null;
  }

  /** Whether the event was read and has no outcome yet. */
  isUnderway(position: number): boolean {
    if (position >= this.#position) return false;
    return this.#underway.has(position) || this.#resumed.includes(position) || this.#lanes.includes(position);
  }

  /** The position of a conversation's event whose first attempt goes before one at a position; null: there is none. */
  underwayOf(conversation: string, position: number): number | null {
    if (this.#underway.has(position)) return null;
    for (const [at, of] of this.#underway) if (of === conversation && at < position) return at;
    return null;
  }

  /** Positions that were read and have no outcome yet, in order; without positions that are gone. */
  get underway(): number[] {
    return [...this.#underway.keys(), ...this.#lanes.positions, ...this.#resumed]
      .filter((position) => position >= this.#retainedFrom)
      .sort((a, b) => a - b);
  }

  /** The first of these positions; null if there is none. */
  get firstUnderway(): number | null {
    let first = Number.POSITIVE_INFINITY;
    for (const positions of [this.#underway.keys(), this.#lanes.positions, this.#resumed])
      for (const position of positions)
        if (position < first && position >= this.#retainedFrom) first = position;
    return first === Number.POSITIVE_INFINITY ? null : first;
  }

  get idle(): boolean {
    return this.#noneIsOpen && this.#position >= this.#journal.end;
  }

  /** Every event that was read has an outcome. */
  get #noneIsOpen(): boolean {
    return this.#underway.size === 0 && this.#lanes.waiting === 0 && this.#resumed.length === 0;
  }

  /** Whether an event has no outcome yet, or may be read. Passes by the next page's events that are not wanted. */
  mayHaveNext(turn: Turn): boolean {
    if (!this.#noneIsOpen) return true;
    if (this.idle) return false;
    const { entries, index = 0, next } = this.#journal.read(this.#position);
    for (let at = index; at < entries.length; at++) {
      const entry = entries[at]!;
      this.#position = entry.position;
      if (turn.left <= 0) return true;
      turn.left -= costOf(entry.event);
      const fits = this.#isFitting(entry);
      if (fits && this.#isOurs(entry)) return true;
      if (fits) this.#fitted++;
    }
    this.#position = next;
    return this.#position < this.#journal.end;
  }

  /**
   * The next event to send, now under way. Null: there is none until an event is done or comes; "later": another turn
   * may find one.
   * @param joining conversations of the batch that the event would join: within it their order is safe
   * @param until events from here on are left for another run
   */
  next(
    joining: ReadonlySet<string> = new Set(),
    until = this.#journal.end,
    turn: Turn = newTurn(),
  ): Entry | null | "later" {
    for (let at = this.#lanes.take(joining); at !== null; at = this.#lanes.take(joining)) {
      const entry = this.#journal.at(at);
      if (entry) return this.#start(entry);
    }
    while (turn.left > 0) {
      if (this.#lanes.waiting >= this.#options.lookAhead || this.#options.blocked.isFull) return null;
      const resumes = this.#resumed.length > 0;
      const entry = resumes ? this.#journal.at(this.#resumed.shift()!) : this.#read(until);
      if (entry === "end") return null;
      turn.left -= entry === null ? 1 : costOf(entry.event);
      // A start again from an earlier record counts the events after it again, which that record does not count.
      const fits = entry !== null && this.#isFitting(entry);
      if (fits && !resumes) this.#fitted++;
      if (!fits || !this.#isOurs(entry)) continue;
      const conversation = this.#ordersBy(entry);
      if (conversation === null || !this.#lanes.has(conversation) || joining.has(conversation))
        return this.#start(entry);
      this.#lanes.add(conversation, entry.position);
    }
    return "later";
  }

  /** The event's first attempt has ended. */
  done(position: number): void {
    if (!this.#underway.has(position)) return;
    const conversation = this.#underway.get(position) ?? null;
    this.#underway.delete(position);
    this.#end(position);
    if (conversation !== null) this.#lanes.end(conversation);
  }

  /** Whether `next` has given the event at a position, and its first attempt has not ended. */
  hasBegun(position: number): boolean {
    return this.#underway.has(position);
  }

  /**
   * A conversation is blocked from now on, and no post carries an event of it. Returns its positions that were read: in
   * its lane, left over by a batch, or under way before a restart. They are left to the reader of blocked
   * conversations.
   */
  leave(conversation: string): number[] {
    const left = this.#lanes.remove(conversation);
    for (const [position, of] of this.#underway)
      if (of === conversation && this.#underway.delete(position)) left.push(position);
    for (const position of [...this.#resumed]) {
      const entry = this.#journal.at(position);
      if (entry?.event.conversation !== conversation) continue;
      if (this.#skip.has(position) || !this.#isFitting(entry)) continue;
      this.#resumed.splice(this.#resumed.indexOf(position), 1);
      left.push(position);
    }
    return left.sort((a, b) => a - b);
  }

  /** The event's delivery was given up before a post carried it. */
  giveUp(position: number): void {
    this.#skip.add(position);
    this.done(position);
    const resumed = this.#resumed.indexOf(position);
    if (resumed !== -1) this.#resumed.splice(resumed, 1);
    this.#lanes.keep((one) => one !== position);
  }

  #end(position: number): void {
    if (!this.#noneIsOpen && this.#endedIsWhole && this.#ended.size < mostEnded) {
      this.#ended.add(position);
      return;
    }
    this.#ended = new Set(this.#endedFrom(this.#position));
    this.#endedIsWhole = this.#noneIsOpen;
  }

  /** Passes by every event that stands in the journal now. */
  skipToEnd(): void {
    this.#position = this.#journal.end;
    this.#resumed.length = 0;
  }

  /** Everything before a position is gone, except events that posts carry. */
  truncateBefore(position: number): void {
    this.#retainedFrom = position;
    const left = this.#resumed.filter((one) => one >= position);
    this.#resumed.splice(0, this.#resumed.length, ...left);
    this.#position = Math.max(this.#position, position);
    this.#lanes.keep((one) => one >= position);
  }

  #start(entry: Entry): Entry {
    const conversation = this.#ordersBy(entry);
    this.#underway.set(entry.position, conversation);
    if (conversation !== null) this.#lanes.begin(conversation);
    return entry;
  }

  #isFitting({ event }: Entry): boolean {
    return isForwardable(event) && this.#options.rule.matches(event);
  }

  /** Whether an event that fits has no outcome, and is not left to the reader of blocked conversations. */
  #isOurs({ position, event: { conversation } }: Entry): boolean {
    if (this.#skip.has(position)) return false;
    const from = conversation === null ? null : this.#options.blocked.readsFrom(conversation);
    return from === null || position < from;
  }

  /** The conversation in whose order the event goes; null: in none. A repeat is outside the order. */
  #ordersBy({ event: { conversation } }: Entry): string | null {
    if (!this.#options.ordered || conversation === null) return null;
    return this.#options.blocked.readsFrom(conversation) === null ? conversation : null;
  }

  #read(until: number): Entry | "end" {
    if (this.#position >= until) return "end";
    const { entries, index = 0, next } = this.#journal.read(this.#position);
    this.#position = entries[index + 1]?.position ?? next;
    return entries[index] ?? "end";
  }
}
