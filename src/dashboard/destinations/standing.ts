/** The state that the page shows of a destination. */
import type { Destination } from "../../client/index.js";

export type Standing = Destination["state"] | NonNullable<Destination["awaits"]> | "failing";

/**
 * The receiver that it awaits, if there is one. No action has paused it then, and none resumes it. One that is up, but
 * whose last attempt failed, is failing.
 */
export function standingOf({
  state,
  awaits,
  lastError,
}: Pick<Destination, "state" | "awaits" | "lastError">): Standing {
  return awaits ?? (state === "up" && lastError !== null ? "failing" : state);
}
