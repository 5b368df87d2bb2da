/** Points in time for people: local, and how long ago. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

type Instant = number | string;

/** `2026-11-26 14:00:03`, in the time zone of this machine. */
export function localTime(instant: Instant): string {
  return `${localDay(instant)} ${timeOfDay(instant)}`;
}

/** The same without the year, if it is this one. */
export function shortTime(instant: Instant, now: number): string {
  const text = localTime(instant);
  return text.startsWith(localDay(now).slice(0, 5)) ? text.slice(5) : text;
}

/** `14:00:03` if that was today, else with the day before it. */
export function timeOrDay(instant: Instant, now: number): string {
  return localDay(instant) === localDay(now) ? timeOfDay(instant) : shortTime(instant, now);
}

function localDay(instant: Instant): string {
  const date = new Date(instant);
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
}

/** `14:00:03` */
export function timeOfDay(instant: Instant): string {
  const date = new Date(instant);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}

const two = (number: number) => String(number).padStart(2, "0");

/** The columns of a terminal that `relativeTime` takes within a hundred days. */
export const relativeWidth = "59m ago".length;

/** `5s ago`, `3m ago`, `in 2h`. */
export function relativeTime(instant: Instant, now: number): string {
  const away = new Date(instant).getTime() - now;
  if (Math.abs(away) < second) return "now";
  const span = spanOf(Math.abs(away));
  return away < 0 ? `${span} ago` : `in ${span}`;
}

/** A length of time in its largest unit, rounded down: `45s`, `3m`, `2h`, `6d`. */
export function spanOf(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)}s`;
  if (ms < hour) return `${Math.floor(ms / minute)}m`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)}h`;
  return `${Math.floor(ms / day)}d`;
}

/** The columns of a terminal that `tookOf` takes below a hundred seconds. */
export const tookWidth = "999 ms".length;

/** A duration measured in milliseconds: `12 ms`, `1.4 s`, `3m`; empty where nothing was measured. */
export function tookOf(ms: number | null): string {
  if (ms === null) return "";
  if (ms >= minute) return spanOf(ms);
  return ms < second ? `${Math.round(ms)} ms` : `${(ms / second).toFixed(1)} s`;
}
