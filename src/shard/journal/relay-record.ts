/**
 * Relay events in the progress record: the findings of a shard. On shard 0 also the news that were told, and those that
 * are due. Small while all goes well, and bounded by the rules, commands and shards that there are.
 */
import type { Drift } from "../../callback/drift.ts";
import type { RelayBody, RelayEventName, Telling } from "../../callback/relay-events.ts";

/** A destination whose breaker has opened. Times are Unix milliseconds. */
export interface Down {
  since: number;
  failures: number;
  lastError: string;
  waiting: number;
  /** It answers again. Shard 0 is still to hear so. */
  ended?: true;
}

/** A destination for which something has waited for half of its time. */
export interface Expiring {
  waiting: number;
  /** When the oldest of it was received, Unix milliseconds. */
  oldest: number;
}

/** The relay events that count. */
export type Counted = {
  [Name in RelayEventName]: RelayBody<Name> extends { count: number } ? Name : never;
}[RelayEventName];

/** Occurrences that one relay event will tell of. */
export interface Tally {
  command: Counted;
  /** The destination, command, rule, reason or position that is counted. */
  of: string | number;
  count: number;
  /** Further fields of the body: those of the last occurrence. */
  latest: Readonly<Record<string, unknown>>;
}

export type Difference = Drift & { command: string };

/** The report of a shard to shard 0. */
export interface Report {
  /** Later reports have higher numbers. */
  number: number;
  down: Record<string, Down>;
  expiring: Record<string, Expiring>;
  tallies: Tally[];
  drift: Difference[];
}

export interface FindingsState extends Report {
  /** States have changed since the last report. */
  changed: boolean;
  /** A report that shard 0 may have heard. It is repeated as it is, so that nothing is counted twice. */
  sealed?: Report;
}

/** Occurrences since a time, Unix milliseconds. */
export type Minute = Tally & { since: number };

export interface HeraldState {
  /** The last report of each shard. */
  heard: Record<number, Pick<Report, "number" | "down" | "expiring">>;
  /** The news that still hold, each with the time since when. Unix milliseconds. */
  down: Record<string, number>;
  expiring: string[];
  disabled: string[];
  backends: Record<string, number>;
  invalid: string[];
  tallies: Minute[];
  /** When old tokens were told of, by their position. */
  tokens: Record<string, number>;
  /** Relay events that are not in the journal yet. */
  queue: Telling[];
}

/** The part of the progress record. */
export interface RelayRecord {
  findings: FindingsState;
  /** Shard 0's. */
  herald?: HeraldState;
}
