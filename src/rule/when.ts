/**
 * Points in time as people say them, in the time zone of this machine: `2h`, `1h30m ago`, `02:00`, `yesterday 14:00`,
 * `2026-11-26`, `11-26 14:00:03`, `2026-11-26T06:00:00Z`, Unix seconds or milliseconds.
 */
import { parseInstant } from "./instant.ts";

export const expectedMoment =
  "expected a time such as 2h, 02:00, yesterday 14:00, 2026-11-26 14:00 or 2026-11-26T06:00:00Z";

const second = 1000;
const day = 86_400 * second;

const units: readonly (readonly [unit: RegExp, ms: number])[] = [
  [/^(ms|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, second],
  [/^(m|mins?|minutes?)$/, 60 * second],
  [/^(h|hrs?|hours?)$/, 3600 * second],
  [/^(d|days?)$/, day],
  [/^(w|weeks?)$/, 7 * day],
];

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/**
 * Unix milliseconds; null if the text is no point in time.
 * @param now Unix milliseconds
 * @param after a time of day alone is the first one from then on; without it, the last one that has passed
 */
export function parseMoment(text: string, now: number, after?: number): number | null {
  const said = text.trim().replace(/\s+/g, " ");
  const lower = said.toLowerCase();
  if (lower === "now") return now;
  if (/^\d{13}$/.test(said)) return Number(said);
  if (/^\d{10}$/.test(said)) return Number(said) * second;
  const ago = durationOf(lower.replace(/ ago$/, ""));
  if (ago !== null) return Math.max(0, now - ago);
  // A zone is told: nothing of it depends on this machine.
  if (/t.*(z|[+-]\d\d:\d\d)$/.test(lower)) return parseInstant(said.toUpperCase());
  return localMoment(lower, now, after);
}

/** Milliseconds of `90s`, `1h30m`, `2 hours`, `1.5h`; null if the text is no duration. */
function durationOf(text: string): number | null {
  if (!/^(\d+(\.\d+)? ?[a-z]+ ?)+$/.test(text)) return null;
  let ms = 0;
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/g)) {
    const unit = units.find(([names]) => names.test(name!));
    if (!unit) return null;
    ms += Number(amount) * unit[1];
  }
  return ms;
}

interface TimeOfDay {
  hours: number;
  minutes: number;
  seconds: number;
}

function localMoment(text: string, now: number, after: number | undefined): number | null {
  const [, date, clock] = /^(.*?)(?:^|[ t]|$)(\d\d?:\d\d(?::\d\d(?:\.\d{1,3})?)?)?$/.exec(text) ?? [];
  const [, clockFirst, dateLast] = /^(\d\d?:\d\d(?::\d\d)?) (.+)$/.exec(text) ?? [];
  const [said, timeSaid] = clockFirst === undefined ? [date, clock] : [dateLast, clockFirst];
  if (said === undefined) return null;
  const time = timeSaid === undefined ? { hours: 0, minutes: 0, seconds: 0 } : timeOfDay(timeSaid);
  if (!time) return null;
  if (said === "") return timeSaid === undefined ? null : nearestTime(time, now, after);
  const date0 = dateOf(said, now);
  return date0 && at(date0, time);
}

function timeOfDay(text: string): TimeOfDay | null {
  const [hours, minutes, seconds = 0] = text.split(":").map(Number) as [number, number, number?];
  return hours < 24 && minutes < 60 && seconds < 60 ? { hours, minutes, seconds } : null;
}

/** The time of day on a day. @param days so many days later */
function at(date: Date, { hours, minutes, seconds }: TimeOfDay, days = 0): number {
  const rounded = Math.floor(seconds);
  const ms = Math.round((seconds - rounded) * second);
  return new Date(
    date.getFullYear(),
    date.getMonth(),
    date.getDate() + days,
    hours,
    minutes,
    rounded,
    ms,
  ).getTime();
}

function nearestTime(time: TimeOfDay, now: number, after: number | undefined): number {
  if (after !== undefined) {
    const onThatDay = at(new Date(after), time);
    return onThatDay >= after ? onThatDay : at(new Date(after), time, 1);
  }
  const today = at(new Date(now), time);
  return today <= now ? today : at(new Date(now), time, -1);
}

/** A day of the past as `today`, `yesterday`, `monday`, `2026-11-26` or `11-26`; null if the text is none. */
function dateOf(text: string, now: number): Date | null {
  const today = new Date(now);
  const before = (days: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  if (text === "today") return before(0);
  if (text === "yesterday") return before(1);
  const weekday =
    text.length < 3 ? -1 : weekdays.findIndex((name) => name === text || name.slice(0, 3) === text);
  if (weekday >= 0) return before(((today.getDay() - weekday + 6) % 7) + 1);
  const [, year, month, dayOfMonth] = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (month === undefined) return null;
  const dateIn = (inYear: number) => new Date(inYear, Number(month) - 1, Number(dayOfMonth));
  let date = dateIn(year === undefined ? today.getFullYear() : Number(year));
  if (year === undefined && date.getTime() > now) date = dateIn(today.getFullYear() - 1);
  // The constructor makes the 30th of February a day in March.
  return date.getMonth() === Number(month) - 1 && date.getDate() === Number(dayOfMonth) ? date : null;
}
