/** Points in time as people write them: `2026-01-31`, `2026-01-31T12:00Z`, `2026-01-31T20:00:00.5+08:00`. */
import { parseDuration } from "./duration.ts";

const day = 86_400_000;

/** RFC 3339, less what nobody writes; a day alone, or a time without seconds, is one too. */
const instantPattern =
  /^(\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** Unix milliseconds, or null. A day begins in UTC. */
export function parseInstant(text: string): number | null {
  const [, date] = instantPattern.exec(text) ?? [];
  if (date === undefined) return null;
  // What the platform's parser does not know it may guess: it makes the 30th of February a day in March.
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const real = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
  return real ? Date.parse(text) : null;
}

/** The same, or so long before `now`: `2h`, `30m`, `15s`, `7d`. */
export function parseRecent(text: string, now: number): number | null {
  const [, days] = /^(\d{1,6})d$/.exec(text) ?? [];
  const ago = days === undefined ? parseDuration(text) : Number(days) * day;
  return ago === null ? parseInstant(text) : Math.max(0, now - ago);
}
