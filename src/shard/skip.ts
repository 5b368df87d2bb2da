/** Gives up deliveries of an event that an operator wants to be tried no more. */
import type { Clock } from "./clock.ts";
import type { Entry } from "./journal/segment.ts";
import type { Destinations } from "./pump/destinations.ts";
import type { Schedule } from "./schedule.ts";
import type { ShardStorage } from "./storage.ts";

/**
 * The event's deliveries become dead letters, and their conversations go on.
 * @param named the destinations; null: all at which the event waits
 * @returns how many deliveries were given up
 */
export function skipDeliveries(
  entry: Entry,
  named: readonly string[] | null,
  { pumps }: Destinations,
  storage: ShardStorage,
  schedule: Schedule,
  clock: Clock,
): number {
  const now = clock.now();
  let skipped = 0;
  storage.atomically(() => {
    for (const [name, pump] of pumps)
      if (
        (named === null || named.includes(name)) &&
        pump.interventions.skip(entry, now, "skipped by the operator")
      )
        skipped++;
  });
  schedule.at(now);
  return skipped;
}
