/**
 * Finds the next events of blocked conversations, which the cursor passes by. One reader follows the cursor through the
 * journal and queues their positions by conversation: many conversations cost one reading together.
 *
 * A queue is bounded: further positions of its conversation are looked for when the queue is empty.
 */
import type { Event } from "../../callback/event.ts";
import { costOf, type Turn } from "../turn.ts";
import type { BlockedConversations } from "./blocked.ts";
import type { Readable } from "./cursor-options.ts";

/** Positions in the queue of one conversation; and in all queues together, from which on new ones are short. */
const longestQueue = 64;
const allQueued = 100_000;
const shortQueue = 2;

interface Queue {
  /** Positions, in order. */
  next: number[];
  /** Events from here on are not in the queue though they were passed by; null: all are. */
  more: number | null;
  /** How many of these were read; null: retention has taken some of them. */
  beyond: number | null;
}

const emptyQueue = (): Queue => ({ next: [], more: null, beyond: 0 });

/** The next event of a conversation. */
export interface Following {
  conversation: string;
  position: number;
}

export class CatchUp {
  readonly #journal: Readable;
  readonly #blocked: BlockedConversations;
  readonly #wanted: { wants(position: number, event: Event): boolean };
  readonly #queues = new Map<string, Queue>();
  #queued = 0;
  /** Events of blocked conversations before it are queued. */
  #readTo: number;
  /** Conversations that wait for no event, and have one to send. */
  readonly #ready = new Set<string>();
  /** Conversations that wait for no event, and whose events so far are sent. */
  readonly #drained = new Set<string>();
  /** Conversations with a post under way. */
  readonly #busy = new Set<string>();

  /**
   * @param wanted whether an event is still to be sent at all
   * @param cursor where the cursor starts: it has passed earlier events by
   */
  constructor(
    journal: Readable,
    blocked: BlockedConversations,
    wanted: { wants(position: number, event: Event): boolean },
    cursor: number,
  ) {
    this.#journal = journal;
    this.#blocked = blocked;
    this.#wanted = wanted;
    this.#readTo = cursor;
    for (const { conversation, position } of blocked.all) {
      this.#queues.set(conversation, emptyQueue());
      this.#readTo = Math.min(this.#readTo, position);
      this.#free(conversation);
    }
  }

  /** Events known to wait, without the events that posts under way carry. */
  get waiting(): number {
    let sum = this.#queued;
    for (const { beyond } of this.#queues.values()) sum += beyond ?? 0;
    return sum;
  }

  /** Whether `waiting` is all that waits before a position. */
  knowsAllBefore(position: number): boolean {
    if (this.#blocked.size === 0) return true;
    if (this.#readTo < position) return false;
    for (const { beyond } of this.#queues.values()) if (beyond === null) return false;
    return true;
  }

  /** The earliest event that is known to wait; infinity: none is. */
  get earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { next, more } of this.#queues.values())
      earliest = Math.min(earliest, next[0] ?? more ?? Number.POSITIVE_INFINITY);
    return earliest;
  }

  /** Whether a conversation waits for no event, and may have one to send. */
  get mayHaveNext(): boolean {
    return this.#ready.size > 0 || this.#drained.size > 0;
  }

  /**
   * A conversation is blocked from now on.
   * @param behind positions that waited behind the event, in order
   */
  block(conversation: string, behind: readonly number[]): void {
    const queue = this.#queues.get(conversation) ?? emptyQueue();
    this.#queues.set(conversation, queue);
    this.#ready.delete(conversation);
    this.#drained.delete(conversation);
    for (const position of behind) if (position < this.#readTo) this.#push(queue, position);
  }

  /** A conversation waits for no event any more. */
  unblock(conversation: string): void {
    this.#free(conversation);
  }

  /** The post of a conversation's events has ended. */
  ended(conversation: string): void {
    this.#busy.delete(conversation);
    this.#free(conversation);
  }

  /** Reads on, as far as the turn allows. */
  look(cursor: number, turn: Turn): void {
    if (this.#blocked.size === 0) this.#readTo = cursor;
    else this.#readOn(cursor, turn);
  }

  /**
   * The next event to send of a conversation, which is busy from then on.
   * @param cursor events before it were passed by
   * @returns "later": more may be found in another turn
   */
  next(cursor: number, turn: Turn): Following | null | "later" {
    this.look(cursor, turn);
    this.#releaseDrained(cursor);
    for (const conversation of this.#ready) {
      const queue = this.#queues.get(conversation)!;
      const position = this.#take(conversation, queue, turn);
      if (position !== null) {
        this.#ready.delete(conversation);
        this.#busy.add(conversation);
        return { conversation, position };
      }
      if (queue.more !== null) return "later";
      this.#ready.delete(conversation);
      this.#drained.add(conversation);
    }
    return this.#readTo < cursor || this.#drained.size > 0 ? "later" : null;
  }

  /** Releases conversations of which nothing waits, also where nothing may be sent. */
  release(cursor: number, turn: Turn): void {
    if (this.#drained.size === 0) return;
    this.look(cursor, turn);
    this.#releaseDrained(cursor);
  }

  #releaseDrained(cursor: number): void {
    if (this.#readTo < cursor) return;
    for (const conversation of this.#drained) this.#release(conversation);
    this.#drained.clear();
  }

  /** Further events of a busy conversation, for the batch that its next event goes with. */
  follow(conversation: string, turn: Turn): number | null {
    const queue = this.#queues.get(conversation);
    return queue ? this.#take(conversation, queue, turn) : null;
  }

  #take(conversation: string, queue: Queue, turn: Turn): number | null {
    if (queue.next.length === 0 && queue.more !== null) this.#refill(conversation, queue, turn);
    const position = queue.next.shift() ?? null;
    if (position !== null) this.#queued--;
    return position;
  }

  /** Gives back an event that does not go after all; it is the next again. */
  putBack(conversation: string, position: number): void {
    this.#queues.get(conversation)?.next.unshift(position);
    this.#queued++;
  }

  /** The delivery of an event was given up: further ones of its conversation go on without it. */
  giveUp(conversation: string, position: number): void {
    const queue = this.#queues.get(conversation);
    if (!queue) return;
    const next = queue.next.filter((one) => one !== position);
    this.#queued -= queue.next.length - next.length;
    const isBeyond = queue.more !== null && queue.more <= position && position < this.#readTo;
    if (isBeyond && queue.beyond !== null) queue.beyond--;
    queue.next = next;
  }

  /** Events before a position are gone. */
  truncateBefore(position: number): void {
    for (const queue of this.#queues.values()) {
      const kept = queue.next.filter((one) => one >= position);
      this.#queued -= queue.next.length - kept.length;
      queue.next = kept;
      if (queue.more === null || queue.more >= position) continue;
      queue.more = position;
      queue.beyond = null;
    }
    this.#readTo = Math.max(this.#readTo, position);
  }

  #free(conversation: string): void {
    const blocked = this.#blocked.get(conversation);
    if (!blocked || blocked.waitsFor.length > 0 || this.#busy.has(conversation)) return;
    const queue = this.#queues.get(conversation)!;
    if (queue.next.length > 0 || queue.more !== null) this.#ready.add(conversation);
    else this.#drained.add(conversation);
  }

  #release(conversation: string): void {
    this.#queued -= this.#queues.get(conversation)?.next.length ?? 0;
    this.#queues.delete(conversation);
    this.#ready.delete(conversation);
    this.#blocked.release(conversation);
  }

  #readOn(cursor: number, turn: Turn): void {
    while (this.#readTo < cursor && turn.left > 0) {
      const { entries, index = 0, next } = this.#journal.read(this.#readTo);
      for (let at = index; at < entries.length && turn.left > 0; at++) {
        const { position, event } = entries[at]!;
        if (position >= cursor) break;
        turn.left -= costOf(event);
        this.#readTo = position + 1;
        const { conversation } = event;
        const queue = conversation === null ? undefined : this.#queues.get(conversation);
        if (!queue || !this.#waits(conversation!, position, event)) continue;
        this.#push(queue, position);
        if (this.#drained.delete(conversation!)) this.#ready.add(conversation!);
      }
      if (turn.left > 0) this.#readTo = Math.min(cursor, Math.max(next, this.#readTo));
    }
  }

  /** Looks for a conversation's next events where its queue ended. */
  #refill(conversation: string, queue: Queue, turn: Turn): void {
    while (queue.more !== null && turn.left > 0) {
      if (queue.more >= this.#readTo) {
        queue.more = null;
        queue.beyond = 0;
        return;
      }
      const { entries, index = 0, next } = this.#journal.read(queue.more);
      for (let at = index; at < entries.length; at++) {
        const { position, event } = entries[at]!;
        if (position >= this.#readTo) break;
        if (queue.next.length === longestQueue || turn.left <= 0) {
          queue.more = position;
          return;
        }
        turn.left -= costOf(event);
        if (event.conversation !== conversation || !this.#waits(conversation, position, event)) continue;
        queue.next.push(position);
        this.#queued++;
        if (queue.beyond !== null) queue.beyond--;
      }
      queue.more = Math.max(next, queue.more + 1);
    }
  }

  #waits(conversation: string, position: number, event: Event): boolean {
    const { position: from } = this.#blocked.get(conversation)!;
    return position >= from && this.#wanted.wants(position, event);
  }

  #push(queue: Queue, position: number): void {
    const isFull = queue.next.length >= (this.#queued < allQueued ? longestQueue : shortQueue);
    if (queue.more !== null || isFull) {
      queue.more ??= position;
      if (queue.beyond !== null) queue.beyond++;
    } else {
      queue.next.push(position);
      this.#queued++;
    }
  }
}
