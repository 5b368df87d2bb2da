/** Time and chance as a shard's stages get them, so that a test can bring its own. Times are Unix milliseconds. */
import { systemTimer, type Timer } from "../in-time.ts";

export interface Clock extends Timer {
  now(): number;
  /** From 0 to below 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  ...systemTimer,
};
