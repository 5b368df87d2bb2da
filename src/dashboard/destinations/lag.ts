/** How far a destination is behind. */
import type { Destination } from "../../client/index.js";

export interface Lag {
  /** Events that wait for their first attempt. */
  events: number;
  /** True: about so many. */
  estimated: boolean;
  /** For how long the oldest of them waits, milliseconds; null where nothing waits. */
  ms: number | null;
  /** Whether the wait is longer than a healthy destination needs. */
  late: boolean;
}

/** `/health` takes a longer wait as a problem. Milliseconds. */
const lateAfterMs = 60_000;

/** @param now Unix milliseconds */
export function lagOf({ waiting, waitingSince, estimated = false }: Destination, now: number): Lag {
  const ms = waiting === 0 || waitingSince === null ? null : Math.max(0, now - Date.parse(waitingSince));
  return { events: waiting, estimated, ms, late: (ms ?? 0) > lateAfterMs };
}
