/** How long and how often to measure. */

export interface Plan {
  name: "full" | "quick" | "smallest";
  /** Of one run. */
  seconds: number;
  /** Of the run before the first one, in which what is compiled, opened and connected only once is done. */
  warmSeconds: number;
  /** Runs of each subject. */
  rounds: number;
  /** Events kept, by which growth is measured; the last is what "a full journal" means. */
  kept: readonly number[];
  /** Of a run whose events come at a rate. */
  openSeconds: number;
  /** Of a run at the rate of the free plan. */
  freeSeconds: number;
  /** Whether to vary shards, destinations, bodies and rules, too. */
  profiles: boolean;
}

export const plans: Readonly<Record<Plan["name"], Plan>> = {
  full: {
    name: "full",
    seconds: 4,
    warmSeconds: 4,
    rounds: 5,
    kept: [0, 10_000, 100_000, 1_000_000],
    openSeconds: 30,
    freeSeconds: 60,
    profiles: true,
  },
  quick: {
    name: "quick",
    seconds: 0.8,
    warmSeconds: 1.2,
    rounds: 3,
    kept: [0, 100_000],
    openSeconds: 4,
    freeSeconds: 4,
    profiles: false,
  },
  /** Shows that everything runs; its numbers mean nothing. */
  smallest: {
    name: "smallest",
    seconds: 0.3,
    warmSeconds: 0,
    rounds: 1,
    kept: [0, 1_000],
    openSeconds: 1,
    freeSeconds: 2,
    profiles: false,
  },
};
