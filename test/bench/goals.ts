/** The numbers that the design is held against, their bounds, and why a bound is missed. */

interface Goal {
  what: string;
  bound: "at least" | "at most";
  goal: number;
  unit: "×" | "ms" | "events/s" | "MB" | "KB" | "%" | "$" | "";
  decimals: number;
  /** The reason, told where the number is missed. */
  because?: string;
}

export const goals = {
  acceptCpuRatio: {
    what: "Processor time of an accepted event at 500/s, no destination, against *one-row*",
    bound: "at most",
    goal: 0.9,
    unit: "×",
    decimals: 2,
    because:
      "Nearly three fifths are the runtime's own work, the call and the commit included; no step of the rest stands out (measurements.md, Receiving 500 events a second).",
  },
  deliverCpuRatio: {
    what: "Processor time of a delivery on top at 500/s, against a request to *bare*",
    bound: "at most",
    goal: 1,
    unit: "×",
    decimals: 2,
    because:
      "A post by itself takes 0.6 of a request to *bare*, even in a Worker that does nothing else. The rest goes to reading the journal, matching, signing, and noting the outcome.",
  },
  furtherCpuRatio: {
    what: "Processor time of each further destination that wants the event, against a request to *bare*",
    bound: "at most",
    goal: 0.7,
    unit: "×",
    decimals: 2,
    because:
      "Three fifths are the runtime's own requests, promises and memory; of the rest, calls of the entrypoint take a third, and no step of the JavaScript stands out (measurements.md, Ten destinations at 500 events a second).",
  },
  acceptRatio: {
    what: "Events accepted at 64 connections, 1 shard, 1 destination, against *one-row*",
    bound: "at least",
    goal: 1.5,
    unit: "×",
    decimals: 2,
    because:
      "One thread does all work and is busy for 97 % of the time; that of *one-row* waits for the disk, and gains where the disk is quick (measurements.md, Accepting as much as possible).",
  },
  keepsUp50PerSecond: {
    what: "Default settings keep up (lag p99 ≤ 1 s) with a destination that takes 50 ms",
    bound: "at least",
    goal: 500,
    unit: "events/s",
    decimals: 0,
  },
  keepsUp300PerSecond: {
    what: "Default settings keep up (lag p99 ≤ 1 s) with a destination that takes 300 ms",
    bound: "at least",
    goal: 100,
    unit: "events/s",
    decimals: 0,
  },
  answerP99Ms: {
    what: "Answer at 200 events/s, p99",
    bound: "at most",
    goal: 60,
    unit: "ms",
    decimals: 1,
    because:
      "Above about 20 arrivals a second an append may wait 25 ms, so that more events share a row: half of the time goes to that, the rest to the disk and to the delay of the sender itself.",
  },
  busyAnswerP99Ms: {
    what: "Answer at 200 events/s while 100,000 events drain, a replay, an export or 50 tails run, p99 of the worst",
    bound: "at most",
    goal: 200,
    unit: "ms",
    decimals: 1,
  },
  deliverP99Ms: {
    what: "Received → delivered at 200 events/s, healthy destination, p99",
    bound: "at most",
    goal: 50,
    unit: "ms",
    decimals: 0,
    because:
      "An event is posted once it is kept: its append may wait 25 ms, so that more events share a row, and then for the disk.",
  },
  fullJournalRatio: {
    what: "Events accepted with 1,000,000 events kept, against none",
    bound: "at least",
    goal: 0.95,
    unit: "×",
    decimals: 2,
  },
  latestPageMs: {
    what: "Latest page of `/api/events` with 1,000,000 events kept, slowest of 20",
    bound: "at most",
    goal: 50,
    unit: "ms",
    decimals: 1,
  },
  wakingMs: {
    what: "Waking of a shard with 1,000,000 events, 100,000 retries, 100,000 dead letters",
    bound: "at most",
    goal: 250,
    unit: "ms",
    decimals: 0,
  },
  memoryMb: {
    what: "Memory of workerd over 500,000 mixed requests, held after a collection",
    bound: "at most",
    goal: 256,
    unit: "MB",
    decimals: 0,
  },
  memoryGrowthPct: {
    what: "Growth of that memory, the worst fifth of the run against the second",
    bound: "at most",
    goal: 10,
    unit: "%",
    decimals: 1,
    because:
      "A shard remembers the fingerprints of ten minutes: a run that is shorter fills their memory to its end.",
  },
  rowsPerEvent: {
    what: "Rows written per event and destination at 64 connections",
    bound: "at most",
    goal: 0.1,
    unit: "",
    decimals: 3,
  },
  rowsPerEventAt50: {
    what: "Rows written per event and destination at 50 events/s",
    bound: "at most",
    goal: 0.25,
    unit: "",
    decimals: 3,
  },
  costPerMillion: {
    what: "A million further events at 50 events/s, counted operations and list prices",
    bound: "at most",
    goal: 0.8,
    unit: "$",
    decimals: 2,
    because:
      "How many events share a row varies by chance. A longer delay of commits would bring answers close to 100 ms.",
  },
  bundleGzipKb: {
    what: "Worker bundle, gzip, assets apart",
    bound: "at most",
    goal: 150,
    unit: "KB",
    decimals: 1,
  },
  coldStartRatio: {
    what: "Fresh isolate to first answer, against *bare*",
    bound: "at most",
    goal: 3,
    unit: "×",
    decimals: 2,
    because:
      "More than half of the time goes to compiling the script, which grows with the Worker's code; the runtime's flag that would put part of it off is experimental (measurements.md, Missed: the cold start).",
  },
  verdictOverheadMs: {
    what: "Verdict overhead over a direct call to the backend, p50",
    bound: "at most",
    goal: 1,
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
} as const satisfies Readonly<Record<string, Goal>>;

export type Key = keyof typeof goals;

export const keys = Object.keys(goals) as Key[];

export function reached(key: Key, value: number): boolean {
  const { bound, goal } = goals[key];
  return bound === "at least" ? value >= goal : value <= goal;
}

export function written(key: Key, value: number): string {
  const { unit, decimals } = goals[key];
  const number = value.toFixed(decimals);
  return unit === "$" ? `$${number}` : unit === "" ? number : `${number} ${unit}`;
}

/** The reason why a bound is missed; null: none is known. */
export function reasonFor(key: Key): string | null {
  const goal: Goal = goals[key];
  return goal.because ?? null;
}
