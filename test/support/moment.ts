/** Points in time as the program prints them for people, and the ends of hours and days. */
import { until } from "./until.ts";

/** The time of day. Another day stands before it, so near midnight; the year too, if it is another one. */
const moment = String.raw`(?:(?:\d{4}-)?\d\d-\d\d )?\d\d:\d\d:\d\d`;

/** A duration. A second or more is printed in seconds, and a busy machine takes so long. */
const span = String.raw`(?:\d+(?:\.\d)? ms|\d+\.\d s)`;

/**
 * A pattern in which `<time>` stands for a moment that the program prints, and `<span>` for a duration. It fits at any
 * hour, and on a machine of any speed.
 */
export function withTimes(pattern: RegExp): RegExp {
  const source = pattern.source.replaceAll("<time>", moment).replaceAll("<span>", span);
  return new RegExp(source, pattern.flags);
}

/** The text, with `SPAN` in place of each duration. */
export function withoutSpans(text: string): string {
  return text.replace(new RegExp(String.raw`\b${span}`, "g"), "SPAN");
}

/** The text, with `TIME` in place of each moment. */
export function withoutTimes(text: string): string {
  return text.replace(new RegExp(String.raw`\b${moment}\b`, "g"), "TIME");
}

/** A time zone in which it is this hour of the day. */
export function zoneAt(hour: number): string {
  const east = ((hour - new Date().getUTCHours() + 36) % 24) - 12;
  // The sign of POSIX: Etc/GMT-8 is eight hours east.
  return `Etc/GMT${east > 0 ? "-" : "+"}${Math.abs(east)}`;
}

/** A time zone whose day has just begun. Programs run in it: an hour ago was yesterday, whenever the tests run. */
export const newDay = zoneAt(0);

/** `2026-11-27 00:14:03`, in a time zone. */
export function localTime(instant: string, timeZone: string): string {
  return new Date(instant).toLocaleString("sv-SE", { timeZone });
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** Resolves at once, but in the last minute of an hour: the events of a test belong to one hour. */
export const hourGoesOn = () => goesOn("hour", 60 * minute);

/** The same for the days of UTC, of which the journal has a table each. */
export const dayGoesOn = () => goesOn("day", day);

function goesOn(name: string, length: number): Promise<boolean> {
  return until(`the next ${name} has begun`, () => Date.now() % length < length - minute, 2 * minute);
}
