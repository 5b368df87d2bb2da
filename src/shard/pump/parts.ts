/**
 * The division of a batch that fails again and again: its events go singly, so that a bad one spoils no other. A large
 * batch of an archive is divided step by step, until the bad event is alone: that takes rows by the dozen.
 */
import type { Entry } from "../journal/segment.ts";

/** A batch of more events is divided into parts. Only an archive has such batches. */
const mostSingly = 1_000;

/** Parts of a large batch, and of each part that fails in its turn. */
const partsEach = 32;

/**
 * Into how many entries the events of a failed post go; 1: they stay one.
 * @param failures of these deliveries, this one included
 * @param isPart whether they are a part of a divided batch already
 */
export function partsAfter(events: number, failures: number, isPart: boolean): number {
  if (failures < 2 || events < 2) return 1;
  return isPart || events > mostSingly ? Math.min(events, partsEach) : events;
}

/** The events in so many parts or a few more. With an order, the events of one conversation stay together or go singly. */
export function partsOf(entries: readonly Entry[], parts: number, ordered: boolean): Entry[][] {
  const groups = ordered
    ? [...Map.groupBy(entries, ({ position, event }) => event.conversation ?? position).values()]
    : entries.map((entry) => [entry]);
  if (parts >= entries.length || groups.length === 1) return entries.map((entry) => [entry]);
  const size = Math.ceil(entries.length / parts);
  const all: Entry[][] = [];
  for (const group of groups) {
    const last = all.at(-1);
    if (last !== undefined && last.length + group.length <= size) last.push(...group);
    else all.push([...group]);
  }
  return all.map((part) => part.sort((a, b) => a.position - b.position));
}
