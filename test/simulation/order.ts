/** The order of a conversation's events at a destination. */
import type { SimulatedGateway } from "./gateway.ts";
import type { DestinationName } from "./steps.ts";

/** Whether the destination's rule keeps the order of conversations. */
export function isOrdered(name: DestinationName): boolean {
  return ["ordered", "both", "polled", "queued", "listened"].includes(name);
}

/**
 * Events of a conversation that the destination took in another order than they were kept.
 * @param kept positions by event
 */
export function disorder(
  gateway: SimulatedGateway,
  name: DestinationName,
  kept: ReadonlyMap<string, number>,
): string[] {
  const first = new Map<string, number>();
  for (const [index, { id, taken }] of gateway.destinations.get(name)!.arrivals.entries())
    if (taken && !first.has(id)) first.set(id, index);
  const groups = new Map<string, { id: string; number: number }[]>();
  for (const { id, conversation, shard, number } of gateway.sent) {
    if (conversation === null || !kept.has(id) || !first.has(id)) continue;
    if (gateway.replays.has(name, id) || gateway.replays.hasSkipped(name, id)) continue;
    if (gateway.history.passesBy(name, id)) continue;
    // A post from before a crash may arrive after its delivery was given up, and so after later events.
    if (gateway.erasures.mayHaveGivenUp(id)) continue;
    const key = `${shard} ${conversation}`;
    groups.set(key, [...(groups.get(key) ?? []), { id, number }]);
  }
  return [...groups].flatMap(([key, events]) => {
    const byKeeping = events.toSorted((a, b) => kept.get(a.id)! - kept.get(b.id)!);
    const byArrival = events.toSorted((a, b) => first.get(a.id)! - first.get(b.id)!);
    return byKeeping.some(({ id }, index) => byArrival[index]!.id !== id)
      ? [`${name}: ${key} was kept as ${shown(byKeeping)}, and taken as ${shown(byArrival)}`]
      : [];
  });
}

function shown(events: readonly { number: number }[]): string {
  return events.map(({ number }) => number).join(" ");
}
