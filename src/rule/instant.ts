/** Points in time as text: `2026-01-31`, `2026-01-31T12:00Z`, `2026-01-31T20:00:00.5+08:00`. */
import { parseDuration } from "./duration.ts";

const day = 86_400_000;

/**
 * RFC 3339 in upper case and without leap seconds. A day alone and a time without seconds are accepted too.
 * https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
const instantPattern =
  /^(\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** Unix milliseconds; null if the text is no point in time. A day alone means its midnight in UTC. */
export function parseInstant(text: string): number | null {
  const [, date] = instantPattern.exec(text) ?? [];
  if (date === undefined) return null;
  // `Date.parse` turns the 30th of February into a day in March.
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const real = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
  return real ? Date.parse(text) : null;
}

/** Unix milliseconds of a point in time, or of a duration before `now`: `2h`, `30m`, `15s`, `7d`. Null if it is neither. */
export function parseRecent(text: string, now: number): number | null {
  const [, days] = /^(\d{1,6})d$/.exec(text) ?? [];
  const ago = days === undefined ? parseDuration(text) : Number(days) * day;
  return ago === null ? parseInstant(text) : Math.max(0, now - ago);
}
