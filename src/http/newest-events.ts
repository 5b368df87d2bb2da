/** The newest events of several shards, as many as may be held. */
import type { Event } from "../callback/event.ts";

export interface Found {
  position: number;
  event: Event;
}

/** Events, newest first, and the time from which on the shards were looked through; 0: wholly. */
export interface Looked {
  found: Found[];
  from: number;
}

/** Joins the events of several shards. Those beyond `most`, or beyond so many characters of bodies, are left out. */
export function newestOf(all: readonly Looked[], most: number, text: number): Looked {
  const found = all.flatMap((one) => one.found).sort((a, b) => b.position - a.position);
  const from = Math.max(...all.map((one) => one.from));
  let held = 0;
  const kept = found.findIndex(({ event }, index) => {
    held += event.body.length;
    return index >= most || (index > 0 && held > text);
  });
  if (kept < 0) return { found, from };
  // Another event of the same millisecond may be among those that are kept.
  return { found: found.slice(0, kept), from: Math.max(from, found[kept]!.event.receivedAt + 1) };
}
