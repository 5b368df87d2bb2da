/** How long and how often to measure. */
import type { CpuTurn } from "./cpu-turn.ts";

/** How subjects that are compared take turns. */
export interface Turns {
  /** Of one run. */
  seconds: number;
  /** Of the run before the first one, in which what is compiled, opened and connected only once is done. */
  warmSeconds: number;
  /** Runs of each subject. */
  rounds: number;
}

/** How processor time is measured. */
export interface ProcessorPlan {
  /** Of each subject's first run, at the first rate, which compiles its code. */
  warmSeconds: number;
  /** After a run, in which progress is noted. */
  settleMs: number;
  /** Whether servers that teams write take turns too. */
  teams: boolean;
  rates: readonly { perSecond: number; seconds: number; rounds: number }[];
}

export interface Plan {
  name: "full" | "quick" | "smallest";
  /** An answer that comes later has failed: Tencent would have given up. */
  patienceMs: number;
  /** By then, progress without a segment to carry it has a row of its own. */
  newsMs: number;
  /** Sending at a fixed rate before a first run at one. */
  openWarmSeconds: number;
  processor: ProcessorPlan;
  /** How to compare at so many connections; 64 is one of them, and the first. */
  accepting: readonly { connections: number; turns: Turns }[];
  /** At 200 events a second. */
  delivering: { seconds: number; rounds: number };
  /** Answers beside other work: the events that it works on, and for how long. */
  answers: { backlog: number; seconds: number };
  /** Trials of rates: how long each sends, and then waits; how many rates above the first are tried, and below it. */
  sustained: { seconds: number; waitMs: number; climbs: number; descents: number };
  /** Events of a full journal. */
  kept: number;
  /** How to compare a full journal with an empty one. */
  journal: Turns;
  waking: { events: number; retries: number; deadLetters: number; rounds: number };
  /** Fresh isolates of each Worker. */
  coldStarts: number;
  verdicts: Turns;
  /** Of a run at a fixed rate, whose operations are counted. */
  openSeconds: number;
  /** Of a run at the rate of the free plan. */
  freeSeconds: number;
  /** Null: not at all. */
  growth: (CpuTurn & { rounds: number }) | null;
  /** Mixed requests, and whether their numbers are recorded. */
  memory: { requests: number; record?: boolean };
  /** How to compare two versions. */
  versions: Turns;
}

/** What the plans share whose numbers count. */
const counted = { patienceMs: 2_000, newsMs: 1_200, openWarmSeconds: 1 };

export const plans: Readonly<Record<Plan["name"], Plan>> = {
  full: {
    name: "full",
    ...counted,
    processor: {
      warmSeconds: 8,
      settleMs: 500,
      teams: true,
      rates: [
        { perSecond: 500, seconds: 4, rounds: 9 },
        { perSecond: 50, seconds: 3, rounds: 3 },
      ],
    },
    accepting: [
      { connections: 64, turns: { seconds: 1.2, warmSeconds: 2, rounds: 11 } },
      { connections: 1, turns: { seconds: 1, warmSeconds: 0, rounds: 5 } },
    ],
    delivering: { seconds: 8, rounds: 3 },
    answers: { backlog: 100_000, seconds: 8 },
    sustained: { seconds: 8, waitMs: 1_500, climbs: 2, descents: 20 },
    kept: 1_000_000,
    journal: { seconds: 1.2, warmSeconds: 2, rounds: 11 },
    waking: { events: 1_000_000, retries: 100_000, deadLetters: 100_000, rounds: 7 },
    coldStarts: 40,
    verdicts: { seconds: 2, warmSeconds: 2, rounds: 5 },
    openSeconds: 30,
    freeSeconds: 30,
    growth: { perSecond: 50, seconds: 2, settleMs: 300, rounds: 3 },
    memory: { requests: 90_000 },
    versions: { seconds: 4, warmSeconds: 3, rounds: 11 },
  },
  quick: {
    name: "quick",
    ...counted,
    processor: {
      warmSeconds: 0.5,
      settleMs: 0,
      teams: false,
      rates: [{ perSecond: 500, seconds: 0.6, rounds: 1 }],
    },
    accepting: [{ connections: 64, turns: { seconds: 0.4, warmSeconds: 0.3, rounds: 2 } }],
    delivering: { seconds: 1, rounds: 1 },
    answers: { backlog: 10_000, seconds: 1 },
    sustained: { seconds: 1, waitMs: 1_500, climbs: 0, descents: 20 },
    kept: 20_000,
    journal: { seconds: 0.4, warmSeconds: 0.3, rounds: 2 },
    waking: { events: 20_000, retries: 2_000, deadLetters: 2_000, rounds: 1 },
    coldStarts: 10,
    verdicts: { seconds: 0.3, warmSeconds: 0.2, rounds: 1 },
    openSeconds: 1,
    freeSeconds: 1,
    growth: null,
    memory: { requests: 1_000 },
    versions: { seconds: 1.5, warmSeconds: 1, rounds: 3 },
  },
  /** Shows that everything runs, also on a busy machine; its numbers mean nothing. */
  smallest: {
    name: "smallest",
    patienceMs: 20_000,
    newsMs: 100,
    openWarmSeconds: 0.1,
    processor: {
      warmSeconds: 0.1,
      settleMs: 0,
      teams: false,
      rates: [{ perSecond: 500, seconds: 0.4, rounds: 1 }],
    },
    accepting: [{ connections: 64, turns: { seconds: 0.2, warmSeconds: 0, rounds: 1 } }],
    delivering: { seconds: 0.1, rounds: 1 },
    answers: { backlog: 200, seconds: 0.1 },
    sustained: { seconds: 0.1, waitMs: 100, climbs: 0, descents: 0 },
    kept: 200,
    journal: { seconds: 0.1, warmSeconds: 0, rounds: 1 },
    waking: { events: 200, retries: 20, deadLetters: 20, rounds: 1 },
    coldStarts: 1,
    verdicts: { seconds: 0.1, warmSeconds: 0, rounds: 1 },
    openSeconds: 0.2,
    freeSeconds: 0.2,
    growth: { perSecond: 50, seconds: 0.1, settleMs: 0, rounds: 1 },
    memory: { requests: 200 },
    versions: { seconds: 0.2, warmSeconds: 0, rounds: 1 },
  },
};
