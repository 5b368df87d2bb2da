/** Outages of a gateway that pass by themselves: a deploy, a lost connection, a proxy without its server. */
import { ApiError } from "../client/index.js";

const passing = ["tail_closed", "listener_closed", "unreachable", "timeout"];

export function passes(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return passing.includes(error.code) || error.status === 429 || (error.status ?? 0) >= 500;
}

const longestWaitMs = 15_000;

/** How long to wait before another attempt, in milliseconds. @param chance from 0 to 1, so that programs do not come all at once */
export function waitBefore(attempt: number, chance: number): number {
  const wait = Math.min(250 * 2 ** Math.min(attempt, 10), longestWaitMs);
  return wait * (0.5 + chance / 2);
}
