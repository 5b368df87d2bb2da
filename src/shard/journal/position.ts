/**
 * A position is an event's place in its shard's journal: an integer that grows, whatever the clock does. While the
 * clock runs forward, its upper part is the time of keeping. A time can therefore be sought by position.
 */

/** Positions a millisecond. With milliseconds since 1970, numbers stay exact until the year 2248. */
const perMillisecond = 1024;

const msPerDay = 86_400_000;

/** The next free position: the clock's, or the one after the last. */
export function nextPosition(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now) * perMillisecond);
}

/** The first position of a time (Unix milliseconds). */
export function positionAt(ms: number): number {
  return Math.floor(ms) * perMillisecond;
}

export function timeOf(position: number): number {
  return Math.floor(position / perMillisecond);
}

/** A position's day, the name of its tables: `20261122`. Never earlier than an earlier position's. */
export function dayOf(position: number): string {
  return new Date(timeOf(position)).toISOString().slice(0, 10).replaceAll("-", "");
}

export function startOfDay(day: string): number {
  return positionAt(Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`));
}

/** The first position of the day after. */
export function endOfDay(day: string): number {
  return startOfDay(day) + positionAt(msPerDay);
}
