/** How long and how often to measure. */

/** How processor time is measured. */
export interface ProcessorPlan {
  /** Of each subject's first run, at the first rate, which compiles its code. */
  warmSeconds: number;
  /** After a run, in which progress is noted. */
  settleMs: number;
  rates: readonly { perSecond: number; seconds: number; rounds: number }[];
}

/** How subjects that are compared take turns. */
export interface Turns {
  /** Of one run. */
  seconds: number;
  /** Of the run before the first one, in which what is compiled, opened and connected only once is done. */
  warmSeconds: number;
  /** Runs of each subject. */
  rounds: number;
}

export interface Plan extends Turns {
  name: "full" | "quick" | "smallest";
  /** Events kept, by which growth is measured; the last is what "a full journal" means. */
  kept: readonly number[];
  /** How to compare them: what is expected is no difference at all, which takes many rounds to see. */
  growth: Turns;
  /** Fresh isolates of each Worker. */
  coldStarts: number;
  processor: ProcessorPlan;
  /** How to compare two versions. */
  versions: Turns;
  /** Of a run whose events come at a rate. */
  openSeconds: number;
  /** Of a run at the rate of the free plan. */
  freeSeconds: number;
  /** How to vary shards, destinations, bodies and rules; null: not at all. */
  profiles: Turns | null;
}

export const plans: Readonly<Record<Plan["name"], Plan>> = {
  full: {
    name: "full",
    seconds: 3,
    warmSeconds: 3,
    rounds: 5,
    kept: [0, 10_000, 100_000, 1_000_000],
    growth: { seconds: 1.5, warmSeconds: 2, rounds: 9 },
    coldStarts: 40,
    processor: {
      warmSeconds: 3,
      settleMs: 1_200,
      rates: [
        { perSecond: 500, seconds: 2, rounds: 9 },
        { perSecond: 50, seconds: 4, rounds: 5 },
      ],
    },
    versions: { seconds: 4, warmSeconds: 3, rounds: 11 },
    openSeconds: 30,
    freeSeconds: 60,
    profiles: { seconds: 1.5, warmSeconds: 1.5, rounds: 3 },
  },
  quick: {
    name: "quick",
    seconds: 0.6,
    warmSeconds: 0.8,
    rounds: 3,
    kept: [0, 100_000],
    growth: { seconds: 0.5, warmSeconds: 0.8, rounds: 5 },
    coldStarts: 15,
    processor: { warmSeconds: 1, settleMs: 100, rates: [{ perSecond: 500, seconds: 1, rounds: 1 }] },
    versions: { seconds: 1.5, warmSeconds: 1, rounds: 3 },
    openSeconds: 3,
    freeSeconds: 3,
    profiles: null,
  },
  /** Shows that everything runs; its numbers mean nothing. */
  smallest: {
    name: "smallest",
    // Other tests run beside it: a gateway that has just started may take a second for its first answer.
    seconds: 2,
    warmSeconds: 1,
    rounds: 1,
    kept: [0, 1_000],
    growth: { seconds: 2, warmSeconds: 1, rounds: 1 },
    coldStarts: 1,
    processor: { warmSeconds: 0.2, settleMs: 0, rates: [{ perSecond: 500, seconds: 0.3, rounds: 1 }] },
    versions: { seconds: 2, warmSeconds: 1, rounds: 1 },
    openSeconds: 0.5,
    freeSeconds: 1,
    profiles: null,
  },
};
