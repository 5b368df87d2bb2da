/** The numbers that the design is held against, and what has to be reached. */

export type Key =
  | "acceptCpuRatio"
  | "deliverCpuRatio"
  | "furtherCpuRatio"
  | "acceptRatio"
  | "ackLatencyRatio"
  | "watchedRatio"
  | "fullLogRatio"
  | "rowsPerEvent"
  | "deliverP99Ms"
  | "keepsUp0P99Ms"
  | "keepsUp50P99Ms"
  | "keepsUp300P99Ms"
  | "latestPageMs"
  | "accountSearchMs"
  | "exportPerSecond"
  | "exportPeakMb"
  | "exportingRatio"
  | "costPerMillion"
  | "bundleGzipKb"
  | "coldStartRatio"
  | "verdictOverheadMs"
  | "verdictsInTimePct";

/** Null: could not be measured. */
export type Numbers = Record<Key, number | null>;

interface Goal {
  what: string;
  bound: "at least" | "at most";
  goal: number;
  unit: string;
  decimals: number;
}

export const goals: Readonly<Record<Key, Goal>> = {
  acceptCpuRatio: {
    what: "Processor time of an accepted event at 500/s, no destination, against *one-row*",
    bound: "at most",
    goal: 0.9,
    unit: "×",
    decimals: 2,
  },
  deliverCpuRatio: {
    what: "… of a delivery on top, against *bare*'s for a request",
    bound: "at most",
    goal: 1,
    unit: "×",
    decimals: 2,
  },
  furtherCpuRatio: {
    what: "… of each further destination that wants the event, against *bare*",
    bound: "at most",
    goal: 0.7,
    unit: "×",
    decimals: 2,
  },
  acceptRatio: {
    what: "Events accepted at 64 connections, 1 destination, against *one-row*",
    bound: "at least",
    goal: 1.5,
    unit: "×",
    decimals: 2,
  },
  ackLatencyRatio: {
    what: "Answer at 1 connection, median, against *one-row*",
    bound: "at most",
    goal: 1.15,
    unit: "×",
    decimals: 2,
  },
  watchedRatio: {
    what: "Events accepted while 50 viewers watch and one never reads, against none",
    bound: "at least",
    goal: 0.9,
    unit: "×",
    decimals: 2,
  },
  fullLogRatio: {
    what: "Events accepted with a full journal, against an empty one",
    bound: "at least",
    goal: 0.95,
    unit: "×",
    decimals: 2,
  },
  rowsPerEvent: {
    what: "Rows written per event and destination at 64 connections, all included",
    bound: "at most",
    goal: 0.3,
    unit: "",
    decimals: 3,
  },
  deliverP99Ms: {
    what: "Sent → received by the destination at 200 events/s, 99th percentile",
    bound: "at most",
    goal: 50,
    unit: "ms",
    decimals: 0,
  },
  keepsUp0P99Ms: {
    what: "Sent → delivered at 500 events/s, default settings, a destination that answers at once, 99th percentile",
    bound: "at most",
    goal: 1_000,
    unit: "ms",
    decimals: 0,
  },
  keepsUp50P99Ms: {
    what: "The same, a destination that takes 50 ms",
    bound: "at most",
    goal: 1_000,
    unit: "ms",
    decimals: 0,
  },
  keepsUp300P99Ms: {
    what: "The same at 100 events/s, a destination that takes 300 ms",
    bound: "at most",
    goal: 1_000,
    unit: "ms",
    decimals: 0,
  },
  latestPageMs: {
    what: "Latest page of `/api/events` with a full journal, slowest of 20",
    bound: "at most",
    goal: 100,
    unit: "ms",
    decimals: 1,
  },
  accountSearchMs: {
    what: "Search of a full journal for an account that no event names",
    bound: "at most",
    goal: 1_000,
    unit: "ms",
    decimals: 0,
  },
  exportPerSecond: {
    what: "Events exported a second from a full journal",
    bound: "at least",
    goal: 20_000,
    unit: "events/s",
    decimals: 0,
  },
  exportPeakMb: {
    what: "Memory of the runtime after that export, at its peak",
    bound: "at most",
    goal: 512,
    unit: "MB",
    decimals: 0,
  },
  exportingRatio: {
    what: "Events accepted at 64 connections while exports run, against none",
    bound: "at least",
    goal: 0.95,
    unit: "×",
    decimals: 2,
  },
  costPerMillion: {
    what: "A million further events at 50 a second, list prices",
    bound: "at most",
    goal: 1,
    unit: "$",
    decimals: 2,
  },
  bundleGzipKb: {
    what: "Worker, gzip",
    bound: "at most",
    goal: 150,
    unit: "KB",
    decimals: 1,
  },
  coldStartRatio: {
    what: "From a fresh isolate to its first answer, against *bare*",
    bound: "at most",
    goal: 3,
    unit: "×",
    decimals: 2,
  },
  verdictOverheadMs: {
    what: "Verdict of a backend through the gateway, beyond asking it directly, median",
    bound: "at most",
    goal: 3,
    unit: "ms",
    decimals: 2,
  },
  verdictsInTimePct: {
    what: "Before-callbacks answered within 2 s while the backend hangs",
    bound: "at least",
    goal: 100,
    unit: "%",
    decimals: 1,
  },
};

export function reached(key: Key, value: number): boolean {
  const { bound, goal } = goals[key];
  return bound === "at least" ? value >= goal : value <= goal;
}

export function written(key: Key, value: number): string {
  const { unit, decimals } = goals[key];
  const number = value.toFixed(decimals);
  return unit === "$" ? `$${number}` : unit === "" ? number : `${number} ${unit}`;
}
