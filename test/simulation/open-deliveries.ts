/** The deliveries of a destination that have no outcome, as a shard's rows tell it. */
import { isForwardable } from "../../src/callback/event.ts";
import type { Entry } from "../../src/shard/journal/segment.ts";
import type { Books } from "../shard/books.ts";

/** Of events that are kept: those without an outcome, and without an entry of the retry list. */
export function openDeliveries(books: Books, name: string, kept: readonly Entry[] = books.entries): Entry[] {
  const { segments, settled, retries } = books;
  const ended = new Set([
    ...segments.flatMap(({ progress }) =>
      progress.delivered.flatMap(([destination, position]) => (destination === name ? [position] : [])),
    ),
    ...settled.flatMap(({ destination, position }) => (destination === name ? [position] : [])),
    ...retries.flatMap(({ destination, positions }) => (destination === name ? positions : [])),
  ]);
  return kept.filter(({ position, event }) => isForwardable(event) && !ended.has(position));
}
