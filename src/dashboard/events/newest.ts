/** The newest events that are shown, newest first, and the changes that the tail tells. */
import type { Event, TailLine } from "../../client/index.js";

/** More would cost memory, and are a page away. */
export const mostEvents = 10_000;

/** Adds events that may be known already: an event that is there is replaced. */
export function withEvents(shown: readonly Event[], news: readonly Event[]): readonly Event[] {
  if (news.length === 0) return shown;
  const fresh = new Map(news.map((event) => [event.id, event]));
  const kept = shown.map((event) => {
    const again = fresh.get(event.id);
    if (again === undefined) return event;
    fresh.delete(event.id);
    return again;
  });
  return merged(kept, [...fresh.values()].sort(newestFirst)).slice(0, mostEvents);
}

/** Applies lines of the tail. */
export function withLines(shown: readonly Event[], lines: readonly TailLine[]): readonly Event[] {
  const events = lines.flatMap((line) => (line.type === "event" ? [line.event] : []));
  const all = withEvents(shown, events);
  const changes = changesOf(lines);
  if (changes.size === 0) return all;
  return all.map((event) => {
    const change = changes.get(event.id);
    return change === undefined ? event : changed(event, change);
  });
}

type Change = readonly Exclude<TailLine, { type: "event" } | { type: "gap" }>[];

function changesOf(lines: readonly TailLine[]): Map<string, Change> {
  const changes = new Map<string, Change>();
  for (const line of lines)
    if (line.type === "delivery" || line.type === "verdict")
      changes.set(line.event, [...(changes.get(line.event) ?? []), line]);
  return changes;
}

function changed(event: Event, lines: Change): Event {
  let { destinations, verdict } = event;
  for (const line of lines) {
    if (line.type === "delivery") destinations = { ...destinations, [line.destination]: line.state };
    else verdict = { rule: line.rule, code: line.code, ms: line.ms, how: line.how };
  }
  return { ...event, destinations, verdict, state: stateOf(event.state, Object.values(destinations)) };
}

/** Of several destinations an event has the first state in this order. */
const order = ["dead", "retrying", "pending", "delivered"] as const;

function stateOf(state: Event["state"], states: readonly Event["state"][]): Event["state"] {
  if (state === "quarantined") return state;
  return order.find((known) => states.includes(known)) ?? state;
}

/** Two sorted lists as one. New events are nearly all newer than those shown. */
function merged(shown: readonly Event[], news: readonly Event[]): Event[] {
  const all: Event[] = [];
  let next = 0;
  for (const event of shown) {
    while (next < news.length && newestFirst(news[next]!, event) < 0) all.push(news[next++]!);
    all.push(event);
  }
  return [...all, ...news.slice(next)];
}

function newestFirst(a: Event, b: Event): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt > b.receivedAt ? -1 : 1;
  return a.id > b.id ? -1 : a.id < b.id ? 1 : 0;
}
