/** The relay events in the journal of a shard. */
import type { Event } from "../../../src/callback/event.ts";
import { everyRow } from "../../../src/shard/journal/sieve.ts";
import type { TestShard } from "../test-shard.ts";

/** Oldest first. */
export function relayEvents({ stages: { journal } }: TestShard): Event[] {
  const found: Event[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const page: ReturnType<typeof journal.sift> = journal.sift("from", from, everyRow);
    found.push(...page.entries.map(({ event }) => event));
    from = page.next;
  }
  return found.filter(({ app }) => app === "relay");
}
