/** The state that the page shows of a destination. */
import type { Destination } from "../../client/index.js";

export type Standing = Destination["state"] | NonNullable<Destination["awaits"]>;

/** The receiver that it awaits, if there is one. No action has paused it then, and none resumes it. */
export function standingOf({ state, awaits }: Pick<Destination, "state" | "awaits">): Standing {
  return awaits ?? state;
}
