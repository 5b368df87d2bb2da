/** Counts a backlog: exactly, or with an estimate of the part that no turn has looked at yet. */
import type { Event } from "../../callback/event.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import type { Turn } from "../turn.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Cursor } from "./cursor.ts";
import type { Waiting } from "./destination.ts";
import { EventCounter, estimateOf } from "./event-counter.ts";

/** Whether the event at a position is still to be begun. */
type Unread = (position: number, event: Event) => boolean;

export class BacklogCounter {
  readonly #journal: Journal;
  readonly #cursor: Cursor;
  readonly #catchUp: CatchUp;
  #ahead = new EventCounter();
  readonly #unread: Unread;

  constructor(journal: Journal, cursor: Cursor, catchUp: CatchUp, unread: Unread) {
    this.#journal = journal;
    this.#cursor = cursor;
    this.#catchUp = catchUp;
    this.#unread = unread;
  }

  /**
   * Counts on, as far as the turn allows.
   * @param catchingUp events of blocked conversations that posts under way carry
   */
  count(catchingUp: number, turn: Turn): Waiting {
    const { end } = this.#journal;
    const { position, underway } = this.#cursor;
    this.#catchUp.look(position, turn);
    const ahead = this.#ahead.count(this.#journal, position, end, this.#unread, turn);
    const uncounted = ahead.to < end ? this.#journal.countFrom(ahead.to) : 0;
    const first = uncounted > 0 ? this.#journal.read(position).entries[0]?.event.receivedAt : undefined;
    const times = [
      this.#receivedAt(underway[0]),
      this.#receivedAt(this.#catchUp.earliest),
      ahead.since ?? first,
    ].filter((time) => time !== undefined);
    const counted = underway.length + this.#catchUp.waiting + catchingUp + ahead.waiting;
    return {
      waiting: counted + estimateOf(ahead, uncounted),
      since: times.length > 0 ? Math.min(...times) : null,
      estimated: uncounted > 0 || !this.#catchUp.knowsAllBefore(position),
    };
  }

  #receivedAt(position: number | undefined): number | undefined {
    if (position === undefined || position === Number.POSITIVE_INFINITY) return undefined;
    return this.#journal.at(position)?.event.receivedAt;
  }

  /** Counts from the beginning: other events than before may wait. */
  recount(): void {
    this.#ahead = new EventCounter();
  }

  /** An event ahead of the cursor waits no more. */
  remove(entry: Entry): void {
    this.#ahead.remove(entry, this.#journal, this.#unread);
  }
}
