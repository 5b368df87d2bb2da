/** The faults of a soak, drawn from its seed before it begins. */
import { Chance } from "../support/chance.ts";
import { type Change, changes, type DestinationName, destinationNames } from "./rules.ts";

export const destinationFaults = [
  "down",
  "slow",
  "failing",
  "rate limited",
  "gone",
  "reset",
  "hanging",
  "pause",
] as const;
const ofBackends = ["backend down", "backend late", "backend unreadable", "backend failing"] as const;
const ofGateways = ["SIGKILL", "SIGTERM", "other rules"] as const;
const ofTraffic = ["flood", "replay", "replay of dead letters"] as const;

export const faultKinds = [...destinationFaults, ...ofBackends, ...ofGateways, ...ofTraffic];
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  kind: FaultKind;
  /** Seconds after the start. */
  at: number;
  /** How long it lasts, seconds. */
  seconds: number;
  /** The destination that it befalls. */
  destination: DestinationName;
  change: Change;
  /** A status that fails. */
  status: number;
}

/** The usual distance of two faults, seconds. */
const usualSpacing = 20;

/** The share of a run after which no fault begins. */
const lastStart = 0.9;

/** Callbacks of one flood. */
export const floodSize = 24;

/**
 * Each round has every kind once, in another order. The gateway restarts in every second round only: in the other
 * rounds it runs on for minutes, which shows whether its memory grows.
 */
export function drawFaults(seed: number, seconds: number): Fault[] {
  const chance = new Chance(seed);
  const spacing = Math.min(usualSpacing, (seconds * lastStart) / (faultKinds.length + 1));
  const faults: Fault[] = [];
  for (let round = 0; ; round++)
    for (const kind of shuffled(faultKinds, chance)) {
      const restarts = (ofGateways as readonly FaultKind[]).includes(kind);
      if (restarts && round % 2 === 1) continue;
      const at = (faults.length + 1) * spacing * (0.95 + chance.next() / 10);
      if (at > seconds * lastStart) return faults;
      faults.push({
        kind,
        at,
        seconds: (0.25 + chance.next()) * spacing,
        destination: chance.pick(destinationNames.filter((name) => name !== "steady")),
        change: chance.pick(changes),
        status: chance.pick([500, 502, 503, 408, 302]),
      });
    }
}

function shuffled<One>(all: readonly One[], chance: Chance): One[] {
  const left = [...all];
  return all.map(() => left.splice(chance.between(0, left.length - 1), 1)[0]!);
}
