/** The newest events of several shards, as many as may be held. */
import type { Event } from "../callback/event.ts";
import { mergePages, type PageCursor } from "./page.ts";

export interface Found extends PageCursor {
  event: Event;
}

/** Events, newest first, and where the search of them has ended. */
export interface Looked {
  items: Found[];
  /** The search goes on before it; null: it has come to the end. */
  next: PageCursor | null;
  /** All events that arrived from then on are among these. Unix milliseconds; 0: all events are. */
  from: number;
}

/** Joins the events of several shards. Events beyond `most`, or beyond so many characters of bodies, are left out. */
export function newestOf(all: readonly Looked[], most: number, text: number): Looked {
  const merged = mergePages(all, most);
  let held = 0;
  const kept = merged.items.findIndex(({ event }, index) => {
    held += event.body.length;
    return index > 0 && held > text;
  });
  const items = kept < 0 ? merged.items : merged.items.slice(0, kept);
  const next = kept < 0 ? merged.next : items.at(-1)!;
  const taken = new Set(items);
  const left = all.flatMap((one) => one.items).filter((item) => !taken.has(item));
  return { items, next, from: Math.max(...all.map((one) => one.from), afterAll(left)) };
}

/** The time after the arrival of all these events, Unix milliseconds; 0 where there is none. */
export function afterAll(found: readonly Found[]): number {
  return found.reduce((latest, { event }) => Math.max(latest, event.receivedAt + 1), 0);
}
