/** Lets a gateway drain: once the faults are over, all waiting events are to arrive, dead letters by a replay. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Problems } from "./books.ts";
import type { Gateway } from "./gateway.ts";
import { destinationNames } from "./rules.ts";

/** A look counts the waiting events, which keeps the shards from delivering. Milliseconds. */
const lookEveryMs = 1_000;

/** Resolves with true when nothing waits; with false after so many seconds, which is a problem then. */
export async function drain(gateway: Gateway, withinSeconds: number, problems: Problems): Promise<boolean> {
  for (const name of destinationNames) await gateway.resume(name);
  const until = Date.now() + withinSeconds * 1_000;
  for (;;) {
    const destinations = await gateway.destinations();
    const left = destinations.filter(({ waiting, retrying, dead }) => waiting + retrying + dead > 0);
    if (left.length === 0 && !(await anyPending(gateway))) return true;
    if (left.some(({ dead }) => dead > 0)) await gateway.post("/api/dead-letters/replay");
    if (Date.now() > until) {
      for (const { name, state, waiting, retrying, dead, lastError } of left)
        problems.add(
          `not drained within ${withinSeconds} s`,
          `${name}, ${state}: ${waiting} wait, ${retrying} are retried, ${dead} are dead; ${lastError}`,
        );
      return false;
    }
    await sleep(lookEveryMs);
  }
}

/** Whether an event is on its way still: some that posts carry are not counted as waiting. */
async function anyPending(gateway: Gateway): Promise<boolean> {
  const { events } = await gateway.events({ state: "pending", limit: 1 });
  return events.length > 0;
}
