/** Draws steps by chance. */
import { replayChoices } from "../../src/shard/replay/order.ts";
import type { Chance } from "../support/chance.ts";
import { behaviours } from "./destination.ts";
import { fulls } from "./disk.ts";
import { departures } from "./listener.ts";
import { pollLosses } from "./poller.ts";
import { type DestinationName, hearerNames, peerManners, ruleStates, type Step } from "./steps.ts";

/** How often each kind of step is taken. */
const weights: Record<Step["do"], number> = {
  append: 30,
  pass: 24,
  behave: 10,
  crash: 5,
  crashAt: 8,
  evict: 3,
  stop: 2,
  fillDisk: 2,
  fillDiskAt: 2,
  growDatabase: 1,
  moveClock: 2,
  fireAgain: 2,
  reach: 3,
  steer: 5,
  replay: 4,
  replayDead: 3,
  retryNow: 3,
  skip: 3,
  replayAll: 7,
  cancelReplay: 1,
  deploy: 4,
  shrink: 1,
  grow: 2,
  retain: 2,
  forget: 1,
  count: 1,
  read: 6,
  watch: 4,
  unwatch: 2,
  erase: 2,
  hear: 2,
  act: 2,
  refuse: 1,
  poll: 12,
  listen: 10,
  unlisten: 4,
  babble: 4,
  ask: 6,
  batch: 3,
};

const drawn = Object.entries(weights).flatMap(([name, weight]) =>
  Array.from({ length: weight }, () => name as Step["do"]),
);

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function drawSteps(count: number, names: readonly DestinationName[], chance: Chance): Step[] {
  const first: Step[] = names.includes("listened") && chance.happens(0.5) ? listeningInBatches : [];
  return [...first, ...Array.from({ length: count }, () => drawStep(chance.pick(drawn), names, chance))];
}

const listeningInBatches: Step[] = [
  { do: "batch", destination: "listened", size: 3 },
  { do: "listen", pings: true, stays: true },
];

function drawStep(name: Step["do"], names: readonly DestinationName[], chance: Chance): Step {
  const shard = chance.between(0, 2);
  const destination = chance.pick(names);
  switch (name) {
    case "append": {
      const events = chance.happens(0.7) ? chance.between(1, 3) : chance.between(4, 12);
      const conversations = Array.from({ length: events }, () => chance.pick([..."aaabbcd-"])).join("");
      const as = chance.pick(["each", "each", "each", "each", "twice", "together"] as const);
      return {
        do: name,
        conversations,
        ...(chance.happens(0.05) && { quarantined: true }),
        ...(as !== "each" && { as }),
      };
    }
    case "pass": {
      // Days take long to simulate.
      const long = chance.happens(0.1);
      const lengths = long ? [11 * hour, day, 60 * hour] : [1, 10, 50, 200, 1_100, 5_000, 31_000, 200_000];
      return { do: name, ms: chance.pick(lengths) };
    }
    case "poll":
      return {
        do: name,
        limit: chance.pick([1, 2, 3, 100]),
        times: chance.between(1, 4),
        ...(chance.happens(0.4) && { loses: chance.pick(pollLosses) }),
        ...(chance.happens(0.3) && { beside: true }),
      };
    case "listen":
      return {
        do: name,
        ...asJudge(chance),
        ...(chance.happens(0.7) && { pings: true }),
        ...(chance.happens(0.7) && { stays: true }),
      };
    case "unlisten":
      return { do: name, ...asJudge(chance), how: chance.pick(departures) };
    case "babble":
      return { do: name, ...asJudge(chance), frames: chance.pick([1, 3, 25, 25]) };
    case "ask":
      return { do: name, times: chance.between(1, 4), ...(chance.happens(0.6) && { comes: true }) };
    case "batch":
      return {
        do: name,
        destination: chance.happens(0.4) ? "listened" : destination,
        size: chance.pick([null, 1, 3, 10]),
      };
    case "behave":
      return {
        do: name,
        destination: chance.pick([...names, ...hearerNames]),
        as: chance.happens(0.4) ? "well" : chance.pick(behaviours),
      };
    case "crashAt":
      return {
        do: name,
        shard,
        ...(chance.happens(0.25) && { inNextLife: true }),
        at: chance.pick(["write", "turn"] as const),
        number: chance.between(0, 12),
      };
    case "fillDisk":
      return { do: name, shard, how: chance.pick([null, null, ...fulls]) };
    case "fillDiskAt":
      return { do: name, shard, write: chance.between(0, 12), how: chance.pick(fulls) };
    case "growDatabase":
      return { do: name, shard, bytes: chance.pick([5e9, 9e9, 20e9]) };
    case "moveClock":
      return {
        do: name,
        shard,
        ms: chance.pick([1_500, minute, hour, day, 3 * day]) * chance.pick([-1, 1]),
      };
    case "reach":
      return { do: name, shard, as: chance.happens(0.5) ? "well" : chance.pick(peerManners) };
    case "steer":
      return {
        do: name,
        destination: chance.pick([...names, ...hearerNames]),
        action: chance.happens(0.6) ? "resume" : "pause",
      };
    case "replay":
    case "skip":
      return {
        do: name,
        event: chance.between(0, 200),
        destination: chance.happens(0.5) ? destination : null,
      };
    case "replayDead":
      return { do: name, destination: chance.happens(0.5) ? destination : null };
    case "replayAll":
      return {
        do: name,
        destination,
        choice: chance.pick(["all", "all", "all", ...replayChoices]),
        perSecond: chance.pick([1, 10, 100, 1_000]),
      };
    case "cancelReplay":
      return { do: name, replay: chance.between(0, 3) };
    case "deploy":
      return { do: name, destination, rule: chance.happens(0.5) ? "right" : chance.pick(ruleStates) };
    case "retain":
      return { do: name, hours: chance.pick([1, 12, 48]) };
    case "forget":
    case "retryNow":
      return { do: name, destination };
    case "count":
      return { do: name, shard, times: chance.between(1, 5) };
    case "watch":
      return { do: name, ...(chance.happens(0.6) && { since: true }), acknowledges: chance.happens(0.8) };
    case "erase":
      return { do: name, conversation: chance.pick([..."abcd"]) };
    case "refuse":
      return { do: name, count: chance.pick([3, 11, 40]) };
    case "shrink":
    case "grow":
    case "hear":
    case "act":
    case "unwatch":
      return { do: name };
    default:
      return { do: name, shard };
  }
}

function asJudge(chance: Chance): { as?: "judge" } {
  return chance.happens(0.3) ? { as: "judge" } : {};
}
