/** A name that forwards, as other stages see it: with a pump, or dormant for want of a right rule. */
import type { Event } from "../../callback/event.ts";
import type { DestinationState } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import type { Receiver } from "../presence.ts";
import type { Turn } from "../turn.ts";

/** How many events wait for their first attempt to end. */
export interface Waiting {
  waiting: number;
  /** When the oldest of them was received, Unix milliseconds. */
  since: number | null;
  estimated: boolean;
}

/** A destination as reports show it. */
export interface Reported {
  readonly state: DestinationState;
  /** Whether its breaker is open, or a hold lasts. */
  readonly open: boolean;
  /** Until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held. */
  readonly heldUntil: number | null;
  /** The receiver that it waits for, because none is there; null: it waits for none. */
  readonly awaits: Receiver | null;
  /** How many posts may be under way at once now. */
  readonly concurrency: number;
  /** Whether so many conversations are blocked that the journal is not read on. */
  readonly full: boolean;
  /** Counts on, as far as the turn allows. */
  backlog(turn: Turn): Waiting;
}

/** A destination as retention sees it. */
export interface Retained {
  /** Whether nothing of it counts as expired: its rule is switched off or gone, or it is disabled. */
  readonly losesNothing: boolean;
  /** No event before it can be lost: each was begun. Infinity: the destination loses nothing. */
  readonly firstLosable: number;
  /** Whether the event at a position is still to be begun. */
  unread(position: number, event: Event): boolean;
  /**
   * How often unread events have changed otherwise than by reading: a post that failed has blocked a conversation, whose
   * events under way are unread from then on, or the delivery of an unread event was given up.
   */
  readonly unreadChanges: number;
  /** While its losses are counted, a destination begins nothing. */
  freeze(frozen: boolean): void;
  /** Everything before a position is gone from the journal; so many of its unread events were lost. */
  truncateBefore(position: number, lost: number): void;
  /** Retries or dead letters were lost. */
  addLost(events: number): void;
}

export interface Destination extends Reported, Retained {
  /** No event before it waits for the end of its first attempt. Infinity: the destination loses nothing. */
  readonly firstUndelivered: number;
  /** Whether the first attempt of the event at a position has not ended. */
  waits(position: number, event: Event): boolean;
  /** Whether a post under way carries the event at a position. */
  carries(position: number): boolean;
  /**
   * Gives up the delivery of an event that waits or is in the retry list: it becomes a dead letter. To be called in a
   * transaction, with no post carrying the event.
   * @returns whether there was such a delivery
   */
  giveUp(entry: Entry, now: number): boolean;
  /** The clock was set back: no wait takes longer by that. */
  setBack(ms: number): void;
}
