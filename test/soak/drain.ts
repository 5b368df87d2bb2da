/** Lets a gateway drain: once the faults are over, all that waits is to arrive, dead letters by a replay. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Problems } from "./books.ts";
import type { Gateway } from "./gateway.ts";
import { destinationNames } from "./rules.ts";

const lookEveryMs = 250;

/** Resolves when nothing waits, or after so many seconds, which is a problem then. */
export async function drain(gateway: Gateway, withinSeconds: number, problems: Problems): Promise<void> {
  for (const name of destinationNames) await gateway.resume(name);
  const until = Date.now() + withinSeconds * 1_000;
  for (;;) {
    const destinations = await gateway.destinations();
    const left = destinations.filter(({ waiting, retrying, dead }) => waiting + retrying + dead > 0);
    if (left.length === 0 && (await quarantinedOnly(gateway))) return;
    if (left.some(({ dead }) => dead > 0)) await gateway.post("/api/dead-letters/replay");
    if (Date.now() > until) {
      for (const { name, state, waiting, retrying, dead, lastError } of left)
        problems.add(
          `not drained within ${withinSeconds} s`,
          `${name}, ${state}: ${waiting} wait, ${retrying} are retried, ${dead} are dead; ${lastError}`,
        );
      return;
    }
    await sleep(lookEveryMs);
  }
}

/** Whether no event is on its way: `waiting` counts none that a post carries. */
async function quarantinedOnly(gateway: Gateway): Promise<boolean> {
  const { events } = await gateway.events({ state: "pending", limit: 1 });
  return events.length === 0;
}
