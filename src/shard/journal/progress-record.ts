/**
 * The progress record of a row: how far each destination has come, which first attempts succeeded, and the counters.
 * The object resumes from the last of these records.
 */
import type { Breaker } from "../../delivery/breaker.ts";
import type { RelayRecord } from "./relay-record.ts";

/** How far a destination has read the journal. Every row records it of every destination. */
export interface CursorState {
  /** Events before this position were read: each is delivered, under way, in the retry list, blocked or not wanted. */
  cursor: number;
  /** Positions before the cursor whose first attempt has no outcome yet, in order. */
  underway: readonly number[];
  /** Positions from the cursor on that are delivered already. */
  done?: readonly number[];
  /** Its rule is switched off: events pass it by. */
  off?: true;
}

/** The cursor, the first position under way, and the distance of each further one from the one before it. */
export type ExactCursor = readonly [cursor: number, ...steps: number[]];

/** Everything else that is known of a destination. A row records it when it has changed, and now and then. */
export interface DestinationDetails {
  breaker?: Breaker;
  /** A hash of the url that the breaker is about. */
  urlMark?: number;
  /** Since when no rule has the name, Unix milliseconds. */
  gone?: number;
  lastSuccessAt?: number;
  lastError?: string;
  /** Events that retention took before they could be delivered. */
  expired?: number;
  /** Deliveries that ended well, and attempts that failed, ever. */
  delivered?: number;
  failed?: number;
  /** Events that the rule has matched, as the cursor read them, ever. */
  fitted?: number;
  /** Of a destination that fetches its events: when it last did, Unix milliseconds. */
  polledAt?: number;
  /** Likewise, of one with more events under way than `underway` names: all of them. The version before ignores it. */
  exact?: ExactCursor;
}

export type DestinationState = CursorState & DestinationDetails;

/** A first attempt that succeeded; one that failed is in the retry list. */
export type DeliveryNote = [destination: string, position: number, at: number, ms: number, status: number];

/**
 * The deliveries of one message. The runs of their positions follow: how far each begins after the end of the one before,
 * the first after 0, and how many positions it has.
 */
export type DeliveredBatch = [destination: string, at: number, ms: number, status: number, ...runs: number[]];

/** The column `news` of a segment; `kinds` before it is the segment's own. */
export interface ProgressRecord {
  destinations: Record<string, DestinationState>;
  /** Since the last row. */
  delivered: DeliveryNote[];
  /** Likewise, of events that were delivered together. */
  batches?: DeliveredBatch[];
  /** The counters of this shard since it was made. */
  counters?: Record<string, number>;
  /** The state of relay events; absent where it has not changed. */
  relay?: RelayRecord;
  /** Details and counters that have not changed are left out: earlier rows record them. */
  partial?: true;
  /** When the clock was last looked at, Unix milliseconds. A position may be later, where the clock was set back. */
  at?: number;
}
