/** Numbers, times and lengths of time in the page's language. */
import { computed } from "@preact/signals";
import { language } from "./language.ts";

// Making a formatter takes some eighty times as long as using it. A list uses it for each row, in each frame.
const counts = computed(() => new Intl.NumberFormat(language.value));
const days = formatterOf({ month: "short", day: "numeric" });
const hours = formatterOf({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clocks = formatterOf({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const moments = formatterOf({
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

export function count(value: number | bigint): string {
  return counts.value.format(value);
}

/** `950 ms`, `1.4 s`, `12 min`, `3 h`, `2 d`; a dash without a value. @param ms milliseconds */
export function duration(ms: number | null): string {
  if (ms === null) return "–";
  const [size, en, zh] = units.find(([size]) => ms >= size) ?? [1, "ms", "毫秒"];
  const value = ms / size;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${language.value === "zh" ? zh : en}`;
}

const units: readonly (readonly [ms: number, en: string, zh: string])[] = [
  [86_400_000, "d", "天"],
  [3_600_000, "h", "小时"],
  [60_000, "min", "分钟"],
  [1_000, "s", "秒"],
];

/** `120 B`, `1.2 KB`, `3 MB`. */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  const [size, unit] = value < 1_000_000 ? [1_000, "KB"] : [1_000_000, "MB"];
  return `${Math.round((value / size) * 10) / 10} ${unit}`;
}

/** Local: `14:03:22`, before today with its date. */
export function clock(at: Date, now = new Date()): string {
  const time = clocks.value.format(at);
  return at.toDateString() === now.toDateString() ? time : `${days.value.format(at)} ${time}`;
}

/** Local: `14:03`; midnight is the new day's date. */
export function hour(at: Date): string {
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  return (isMidnight ? days : hours).value.format(at);
}

/** Local, with its day: `Nov 26, 14:03`. */
export function moment(at: Date): string {
  return moments.value.format(at);
}

function formatterOf(options: Intl.DateTimeFormatOptions) {
  return computed(() => new Intl.DateTimeFormat(language.value, options));
}
