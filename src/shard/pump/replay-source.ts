/** Replays by range as a pump sees them: a source of jobs that has the last turn. */
import type { Event } from "../../callback/event.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Entry } from "../journal/segment.ts";
import type { Turn } from "../turn.ts";

/** The deliveries of a destination, as far as a replay leaves them alone. */
export interface FirstAttempts {
  /** Whether an event waits for its first attempt, or a post carries it. */
  waits(position: number, event: Event): boolean;
}

/** Events of one replay, for one post. */
export interface Replayed {
  /** The replay's. */
  id: string;
  entries: readonly Entry[];
}

/** The replays of one destination. */
export interface ReplaySource {
  /** When events may be ready, Unix milliseconds; infinity: no replay has any, or each waits for the end of posts. */
  readonly readyAt: number;
  /** @param size events that one post may hold */
  next(now: number, size: number, turn: Turn, deliveries: FirstAttempts): Replayed | null;
  /** A post with the header of a replay has ended: one of its own, or a later attempt. */
  ended(id: string, positions: readonly number[], delivered: boolean): void;
  /** Deliveries of any post have ended or failed, or were given up. */
  settled(entries: readonly Entry[], deliveries: FirstAttempts): void;
  /** Everything before a position is gone from the journal. */
  truncateBefore(position: number): void;
  /** The clock was set back: no event is sent later by that. */
  setBack(ms: number): void;
}

/** All replays of a shard. */
export interface Replaying {
  of(rule: ForwardRule): ReplaySource;
  /** A name is forgotten, with its replays. */
  forget(destination: string): void;
}
