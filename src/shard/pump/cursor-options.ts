/** A cursor's view of the other stages: the journal it reads, and the reasons to pass an event by. */
import type { Event } from "../../callback/event.ts";
import type { Entry } from "../journal/segment.ts";

/** A journal to read from. */
export interface Readable {
  readonly end: number;
  /** Events from a position on: `entries` from `index` on, and where to read after them. */
  read(from: number): { readonly entries: readonly Entry[]; readonly index?: number; readonly next: number };
  at(position: number): Entry | null;
}

export interface CursorOptions {
  ordered: boolean;
  /** Events that may wait behind others of their conversation before reading stops. */
  lookAhead: number;
  /** Whether each position under way is recorded, however many there are. */
  exact: boolean;
  /** Whether the destination gets this event at all. */
  rule: { matches(event: Event): boolean };
  /**
   * From which position on a blocked conversation is left to its own reader; null: it is not blocked. An earlier event
   * of it that has no row was delivered, though a crash came before a row recorded that.
   */
  blocked: {
    readsFrom(conversation: string): number | null;
    /** Whether no further events are read, so that no more conversations are blocked. */
    readonly isFull: boolean;
  };
  /** Positions that are settled or in the retry list, though `start` does not record it. */
  skip: ReadonlySet<number>;
}
