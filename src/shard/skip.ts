/** Gives up deliveries of an event that an operator wants to be tried no more. */

import { say } from "../sentence.ts";
import type { Clock } from "./clock.ts";
import type { Destinations } from "./pump/destinations.ts";
import type { EventQueries } from "./query/event-queries.ts";
import type { Schedule } from "./schedule.ts";
import type { ShardStorage } from "./storage.ts";

export interface SkipStages {
  readonly events: Pick<EventQueries, "find">;
  readonly destinations: Destinations;
  readonly storage: ShardStorage;
  readonly schedule: Schedule;
}

/**
 * An event's deliveries become dead letters, and their conversations go on.
 * @param oldest an event that was received earlier is past retention, Unix milliseconds
 * @param named the destinations; null: all at which the event waits
 * @returns how many deliveries were given up; null if there is no such event
 */
export function skipDeliveries(
  id: string,
  oldest: number,
  named: readonly string[] | null,
  { events, destinations, storage, schedule }: SkipStages,
  clock: Clock,
): number | null {
  const entry = events.find(id, oldest);
  if (!entry) return null;
  const now = clock.now();
  let skipped = 0;
  storage.atomically(() => {
    for (const [name, pump] of destinations.pumps)
      if (
        (named === null || named.includes(name)) &&
        pump.interventions.skip(entry, now, say`skipped by the operator`)
      )
        skipped++;
  });
  schedule.at(now);
  return skipped;
}
