/**
 * How far one destination has read the journal, and which event it should be sent next. Pure: the journal comes as
 * an argument, and what has become of an event is told by `done`.
 *
 * The cursor runs ahead of the answers: events before it whose first attempt has not ended are under way. After a
 * restart they come first, again. With `ordered`, a conversation has one post under way at a time; its later
 * events wait in a lane, of which there may be only so much.
 */
import type { Event } from "../callback/event.ts";
import type { Entry } from "./segment.ts";

/** Events that may wait behind others of their conversation before reading stops. */
const lookAhead = 256;

/** Events looked at before somebody else gets a turn. */
const turn = 1_000;

/** What a cursor reads from. */
export interface Readable {
  readonly end: number;
  read(from: number): { entries: readonly Entry[]; next: number };
  at(position: number): Entry | null;
}

export interface CursorStart {
  cursor: number;
  underway: readonly number[];
}

export interface CursorOptions {
  ordered: boolean;
  /** Whether the destination gets this event at all. */
  wants(event: Event): boolean;
  /** Whether events of the conversation are left to somebody else, who reads them from the journal later. */
  blocked(conversation: string): boolean;
  /** Positions that are settled or in the retry list, though the start does not know. */
  skip: ReadonlySet<number>;
}

/** Posts under way and events waiting, of one conversation. */
interface Lane {
  underway: number;
  waiting: Entry[];
}

export class Cursor {
  readonly #journal: Readable;
  readonly #options: CursorOptions;
  #position: number;
  #page: readonly Entry[] = [];
  #index = 0;
  #pageEnd: number;
  readonly #underway = new Map<number, Entry>();
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;
  /** Conversations whose post has ended and whose lane is not empty. */
  readonly #free = new Set<string>();
  readonly #resumed: number[];

  constructor(journal: Readable, start: CursorStart, options: CursorOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#position = start.cursor;
    this.#pageEnd = start.cursor;
    this.#resumed = start.underway.filter((position) => !options.skip.has(position));
  }

  /** Everything before it was read. */
  get position(): number {
    return this.#position;
  }

  /** Whether the position is still to be read: what came to an end since the start was told is passed over. */
  reads(position: number): boolean {
    return position >= this.#position && !this.#options.skip.has(position);
  }

  /** What was read and has no outcome yet, in order. */
  get underway(): number[] {
    const waiting = [...this.#lanes.values()].flatMap((lane) => lane.waiting.map(({ position }) => position));
    return [...this.#underway.keys(), ...waiting, ...this.#resumed].sort((a, b) => a - b);
  }

  get idle(): boolean {
    return (
      this.#underway.size === 0 &&
      this.#waiting === 0 &&
      this.#resumed.length === 0 &&
      this.#position >= this.#journal.end
    );
  }

  /**
   * The next event to send, now under way; null: none until an event is done or comes; "later": none was found in
   * a turn, there may be more.
   * @param joining conversations of the batch that the event would go with: their order is safe within it
   * @param until what stands there or later is left for another time
   */
  next(joining: ReadonlySet<string> = new Set(), until = this.#journal.end): Entry | null | "later" {
    for (const conversation of [...joining, ...this.#free]) {
      const entry = this.#lanes.get(conversation)?.waiting.shift();
      if (!entry) continue;
      this.#waiting--;
      return this.#start(entry);
    }
    for (let looked = 0; looked < turn; looked++) {
      if (this.#waiting >= lookAhead) return null;
      const entry = this.#resumed.length > 0 ? this.#journal.at(this.#resumed.shift()!) : this.#read(until);
      if (entry === "end") return null;
      if (entry === null || !this.#passes(entry)) continue;
      const { conversation } = entry.event;
      const lane = this.#options.ordered && conversation !== null ? this.#lanes.get(conversation) : undefined;
      if (!lane || joining.has(conversation!)) return this.#start(entry);
      lane.waiting.push(entry);
      this.#waiting++;
    }
    return "later";
  }

  /**
   * The event's first attempt has ended.
   * @param block its conversation is from now on `blocked`: what waits in its lane is read again later
   */
  done(position: number, block = false): void {
    const entry = this.#underway.get(position);
    this.#underway.delete(position);
    const conversation = entry?.event.conversation;
    const lane = conversation ? this.#lanes.get(conversation) : undefined;
    if (!conversation || !lane) return;
    lane.underway--;
    if (block) {
      this.#waiting -= lane.waiting.length;
      lane.waiting = [];
    }
    this.#settle(conversation, lane);
  }

  /** Lets everything pass by that stands in the journal now. */
  skipToEnd(): void {
    this.#position = this.#pageEnd = this.#journal.end;
    this.#page = [];
    this.#index = 0;
    this.#resumed.length = 0;
  }

  /** Everything before a position is gone, but for what is on its way. */
  forget(position: number): void {
    const left = this.#resumed.filter((one) => one >= position);
    this.#resumed.splice(0, this.#resumed.length, ...left);
    if (this.#position < position) {
      this.#position = this.#pageEnd = position;
      this.#page = [];
      this.#index = 0;
    }
  }

  #start(entry: Entry): Entry {
    this.#underway.set(entry.position, entry);
    const { conversation } = entry.event;
    if (!this.#options.ordered || conversation === null) return entry;
    const lane = this.#lanes.get(conversation) ?? { underway: 0, waiting: [] };
    lane.underway++;
    this.#lanes.set(conversation, lane);
    this.#settle(conversation, lane);
    return entry;
  }

  #settle(conversation: string, lane: Lane): void {
    if (lane.underway === 0 && lane.waiting.length > 0) this.#free.add(conversation);
    else this.#free.delete(conversation);
    if (lane.underway === 0 && lane.waiting.length === 0) this.#lanes.delete(conversation);
  }

  #passes({ position, event }: Entry): boolean {
    if (event.quarantined || this.#options.skip.has(position)) return false;
    if (event.conversation !== null && this.#options.blocked(event.conversation)) return false;
    return this.#options.wants(event);
  }

  #read(until: number): Entry | "end" {
    if (this.#position >= until) return "end";
    if (this.#index >= this.#page.length) {
      const { entries, next } = this.#journal.read(this.#pageEnd);
      this.#page = entries;
      this.#index = 0;
      this.#pageEnd = next;
      if (entries.length === 0) {
        this.#position = next;
        return "end";
      }
    }
    const entry = this.#page[this.#index++]!;
    this.#position = this.#index < this.#page.length ? this.#page[this.#index]!.position : this.#pageEnd;
    return entry;
  }
}
