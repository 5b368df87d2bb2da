/** The steps of a simulation as data, so that a schedule that fails can be shrunk and kept. */

import type { Chance } from "./chance.ts";
import { behaviours } from "./destination.ts";

export const destinationNames = ["plain", "ordered", "batched", "both"] as const;
export type DestinationName = (typeof destinationNames)[number];

/** The rule of a destination after a deployment. */
export const ruleStates = ["right", "wrong", "off", "removed", "moved"] as const;
export type RuleState = (typeof ruleStates)[number];

export type Step =
  /** Events of conversations, each by its letter; those of one step are sent at once. */
  | { do: "append"; conversations: string; quarantined?: true }
  | { do: "pass"; ms: number }
  | { do: "behave"; destination: DestinationName; as: (typeof behaviours)[number] }
  | { do: "crash"; shard: number }
  | { do: "crashAtWrite"; shard: number; write: number }
  | { do: "evict"; shard: number }
  | { do: "fillDisk"; shard: number; full: boolean }
  | { do: "moveClock"; shard: number; ms: number }
  | { do: "fireAgain"; shard: number }
  | { do: "reach"; shard: number; reachable: boolean }
  | { do: "steer"; destination: DestinationName; action: "pause" | "resume" }
  | { do: "replay"; event: number; destination: DestinationName | null }
  | { do: "replayDead"; destination: DestinationName | null }
  | { do: "deploy"; destination: DestinationName; rule: RuleState }
  | { do: "grow" }
  | { do: "forget"; destination: DestinationName };

/** How often each kind of step is taken. */
const weights: Record<Step["do"], number> = {
  append: 30,
  pass: 24,
  behave: 10,
  crash: 5,
  crashAtWrite: 6,
  evict: 3,
  fillDisk: 2,
  moveClock: 2,
  fireAgain: 2,
  reach: 2,
  steer: 5,
  replay: 4,
  replayDead: 3,
  deploy: 4,
  grow: 1,
  forget: 1,
};

const drawn = Object.entries(weights).flatMap(([name, weight]) =>
  Array.from({ length: weight }, () => name as Step["do"]),
);

export function drawSteps(count: number, chance: Chance): Step[] {
  return Array.from({ length: count }, () => drawStep(chance.pick(drawn), chance));
}

function drawStep(name: Step["do"], chance: Chance): Step {
  const shard = chance.between(0, 2);
  const destination = chance.pick(destinationNames);
  switch (name) {
    case "append": {
      const events = chance.happens(0.7) ? chance.between(1, 3) : chance.between(4, 12);
      const conversations = Array.from({ length: events }, () => chance.pick([..."aaabbcd-"])).join("");
      return { do: name, conversations, ...(chance.happens(0.05) && { quarantined: true }) };
    }
    case "pass":
      return { do: name, ms: chance.pick([1, 10, 50, 200, 1_100, 5_000, 31_000, 200_000, 40_000_000]) };
    case "behave":
      return { do: name, destination, as: chance.happens(0.4) ? "well" : chance.pick(behaviours) };
    case "crashAtWrite":
      return { do: name, shard, write: chance.between(0, 12) };
    case "fillDisk":
      return { do: name, shard, full: chance.happens(0.4) };
    case "moveClock":
      return { do: name, shard, ms: chance.pick([-3_600_000, -60_000, -1_500, 1_500, 60_000, 3_600_000]) };
    case "reach":
      return { do: name, shard, reachable: chance.happens(0.6) };
    case "steer":
      return { do: name, destination, action: chance.happens(0.6) ? "resume" : "pause" };
    case "replay":
      return {
        do: name,
        event: chance.between(0, 200),
        destination: chance.happens(0.5) ? destination : null,
      };
    case "replayDead":
      return { do: name, destination: chance.happens(0.5) ? destination : null };
    case "deploy":
      return { do: name, destination, rule: chance.happens(0.5) ? "right" : chance.pick(ruleStates) };
    case "forget":
      return { do: name, destination };
    case "grow":
      return { do: name };
    default:
      return { do: name, shard };
  }
}
