/** The plan of a round, drawn from its seed: the same seed gives the same plan. */
import { Chance } from "../support/chance.ts";

/** The activities that kills strike. Consecutive seeds take them in turn. */
export const activityNames = [
  "receiving",
  "flushing",
  "delivering",
  "retrying by a timer",
  "retrying by the alarm",
  "replaying an event",
  "replaying dead letters",
  "replaying a period",
  "dropping a day",
  "growing",
  "changing rules",
  "steering",
  "forgetting",
  "quarantining",
  "batching",
  "starting",
  "upgrading",
  "serving",
] as const;
export type ActivityName = (typeof activityNames)[number];

/** The moment of a kill. */
export interface Moment {
  /** How much of the activity is waited for: from 0, the first sign of it, to below 1. */
  share: number;
  /** From there to the kill, milliseconds. */
  delayMs: number;
  /** After this kill another one comes so many milliseconds after the process is started; null: none. */
  againMs: number | null;
}

export interface Plan {
  seed: number;
  activity: ActivityName;
  /** How many smaller seeds have the same activity: its kinds are taken in turn. */
  turn: number;
  shards: number;
  senders: number;
  groups: number;
  /** Callbacks of a burst. */
  events: number;
  /** Of the callbacks, the share of misfits. */
  misfits: number;
  /** The longest wait of a sender between two callbacks, milliseconds. */
  restMs: number;
  /** The longest time that a destination takes to answer, milliseconds. */
  slowMs: number;
  /** A destination fails every so many requests. */
  failsEvery: number;
  batch: { size: number; ms: number };
  /** Callers send a callback again if it got no answer, and now and then one that did. */
  resends: boolean;
  moments: Moment[];
  /** For draws of the round itself. */
  chance: Chance;
}

/** Kills of a round: more where they cost little. */
const kills: Readonly<Record<ActivityName, [least: number, most: number]>> = {
  receiving: [3, 5],
  flushing: [2, 3],
  delivering: [2, 4],
  "retrying by a timer": [2, 3],
  "retrying by the alarm": [1, 2],
  "replaying an event": [1, 2],
  "replaying dead letters": [1, 2],
  "replaying a period": [1, 2],
  "dropping a day": [1, 2],
  growing: [1, 2],
  "changing rules": [1, 2],
  steering: [2, 3],
  forgetting: [1, 2],
  quarantining: [2, 3],
  batching: [2, 3],
  starting: [2, 3],
  upgrading: [1, 2],
  serving: [1, 2],
};

const leastShards: Partial<Record<ActivityName, number>> = { steering: 2 };
const mostShards: Partial<Record<ActivityName, number>> = { growing: 2, upgrading: 2 };

/** A duplicate is recognised for ten minutes, and on its own shard. */
const withoutResends: readonly ActivityName[] = [
  "retrying by the alarm",
  "dropping a day",
  "growing",
  "upgrading",
];

export function drawPlan(seed: number): Plan {
  const activity = activityNames[(seed - 1) % activityNames.length]!;
  const chance = new Chance(seed);
  return {
    seed,
    activity,
    turn: Math.floor((seed - 1) / activityNames.length),
    shards: chance.between(leastShards[activity] ?? 1, mostShards[activity] ?? 3),
    senders: chance.between(3, 14),
    groups: chance.between(2, 9),
    events: chance.between(60, 240),
    misfits: activity === "quarantining" ? 0.5 : 0.03,
    restMs: activity === "dropping a day" ? 0 : chance.pick([0, 0, 4, 12]),
    slowMs: chance.pick([0, 8, 8, 30, 80]),
    failsEvery: chance.pick([5, 17, 40]),
    batch: { size: chance.pick([2, 5, 10, 40]), ms: chance.pick([0, 20, 60]) },
    resends: chance.happens(0.6) && !withoutResends.includes(activity),
    moments: Array.from({ length: chance.between(...kills[activity]) }, () => drawMoment(activity, chance)),
    chance,
  };
}

/** The same plan with fewer events and kills. */
export function brief(plan: Plan): Plan {
  const most = Math.min(2, kills[plan.activity][0]);
  return { ...plan, events: Math.ceil(plan.events / 3), moments: plan.moments.slice(0, most) };
}

function drawMoment(activity: ActivityName, chance: Chance): Moment {
  const again = activity === "starting" || chance.happens(0.25);
  return {
    share: chance.happens(0.4) ? 0 : chance.next() * 0.8,
    delayMs: chance.between(0, chance.pick([0, 3, 10, 40])),
    againMs: again ? chance.between(0, chance.pick([20, 150, 400, 800])) : null,
  };
}
