/** Decides, as a pure value, how the outcome of a post settles its deliveries. `Settler` applies the decision. */
import type { Outcome } from "../../delivery/outcome.ts";
import { nextWait } from "../../delivery/schedule.ts";
import { partsAfter } from "./parts.ts";

/** The post that has ended. */
export interface Attempted {
  /** Of its events, in order. */
  positions: readonly number[];
  /**
   * Where the events came from: a first attempt from the journal, or late, from a blocked conversation. `replay`: they
   * were delivered before, and no row holds that but a note.
   */
  source: "journal" | "catch-up" | "retry-list" | "replay";
  /** Failures of these deliveries before this attempt. */
  failures: number;
  /** Events that an operator has given up meanwhile: they are filed, unless they are delivered after all. */
  skipped?: readonly number[];
  /** Events that retention has taken out of the retry list meanwhile, before their day: they count as expired. */
  dropped?: readonly number[];
}

/** The limits that the rule and retention set. */
export interface SettlementPolicy {
  /** Waits between attempts, milliseconds. */
  retryMs: readonly number[];
  ordered: boolean;
  /** The first position that retention has not taken. */
  retainedFrom: number;
}

/**
 * `positions`: the events whose outcome is stored. Retention has taken the rest while they were under way.
 */
export type Settlement = {
  /** Whether these were first attempts, which the cursor waits for. */
  first: boolean;
  positions: readonly number[];
} & (
  | {
      kind: "delivered";
      /** How many events are delivered after all that were counted as expired. */
      unexpired: number;
      /**
       * A note in the next segment, or a row of `settled`: notes of late deliveries would not be found. `none`: the
       * delivery stands as it is.
       */
      record: "note" | "settled" | "none";
    }
  | {
      kind: "retry";
      due: number;
      failures: number;
      /** Entries for these events, so that one bad event does not spoil the rest of its batch. See `partsOf`. */
      parts: number;
      /** The conversations of these events wait for the retry. */
      blocks: boolean;
      /** The destination has answered 410. */
      disables: boolean;
      /** Nothing was sent, and this was no attempt. */
      unsent?: true;
    }
  | { kind: "dead" }
);

/** @param now when the outcome arrived, Unix milliseconds */
export function settlementOf(
  { positions, source, failures, skipped = [], dropped = [] }: Attempted,
  outcome: Outcome,
  { retryMs, ordered, retainedFrom }: SettlementPolicy,
  now: number,
  random: () => number,
): Settlement {
  const retained = positions.filter((position) => position >= retainedFrom && !dropped.includes(position));
  const taken = positions.length - retained.length;
  const first = source === "journal" || source === "catch-up";
  // Events that retention took were counted as expired with their day.
  if (outcome.delivered)
    return {
      kind: "delivered",
      first,
      positions: retained,
      unexpired: source === "replay" ? 0 : taken,
      record: recordOf(source, skipped.length > 0),
    };
  const tried = retained.filter((position) => !skipped.includes(position));
  // The event that met a 410, or an absent receiver, is not to blame: it goes on when the destination may be sent to.
  const blameless = outcome.gone || outcome.missed === "unsent";
  // Looking for the bad event of a batch is no failure of the others.
  const isPart = failures >= 2 && positions.length > 1;
  const failed = failures + (blameless || isPart ? 0 : 1);
  const wait = blameless ? 0 : nextWait(retryMs, failed, random);
  if (wait === null) return { kind: "dead", first, positions: tried };
  return {
    kind: "retry",
    first,
    positions: tried,
    due: Math.ceil(now + wait),
    failures: failed,
    parts: blameless ? 1 : partsAfter(tried.length, failed, isPart),
    blocks: ordered && first,
    disables: outcome.gone,
    ...(outcome.missed === "unsent" && { unsent: true }),
  };
}

/** A note tells of a first attempt, but not of one whose event a row calls dead. */
function recordOf(source: Attempted["source"], skipped: boolean): "note" | "settled" | "none" {
  if (source === "replay") return "none";
  return source === "journal" && !skipped ? "note" : "settled";
}
