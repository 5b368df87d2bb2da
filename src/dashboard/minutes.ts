/** Counts by the minute, as charts draw them. */

const minuteMs = 60_000;

export type Period = "1h" | "6h" | "24h";

export const periods: readonly Period[] = ["1h", "6h", "24h"];

/** How many minutes a period has. */
export const minutesIn: Readonly<Record<Period, number>> = { "1h": 60, "6h": 360, "24h": 1_440 };

/** A longer period is a longer answer, and changes less. Milliseconds. */
export const freshForMs: Readonly<Record<Period, number>> = { "1h": 10_000, "6h": 30_000, "24h": 60_000 };

export interface Minutes<Minute> {
  /** Unix seconds of each minute's beginning. */
  times: readonly number[];
  /** Null: the gateway told nothing of it. */
  minutes: readonly (Minute | null)[];
}

/**
 * Every minute of a period. The minute that runs is left out, because it would look like a fall. It is shown while
 * nothing has happened before it.
 * @param now Unix milliseconds
 * @param isBusy whether something was counted in a minute: the gateway lists quiet minutes too
 */
export function everyMinute<Minute extends { at: string }>(
  counted: readonly Minute[],
  length: number,
  now: number,
  isBusy: (minute: Minute) => boolean,
): Minutes<Minute> {
  const byTime = new Map(counted.map((minute) => [Date.parse(minute.at), minute]));
  const running = Math.floor(now / minuteMs) * minuteMs;
  const begins = Array.from({ length }, (_, index) => running - (length - index) * minuteMs);
  const minuteAt = (at: number) => byTime.get(at) ?? null;
  const wasBusy = begins.map(minuteAt).some((minute) => minute !== null && isBusy(minute));
  if (!wasBusy) begins.push(running);
  return { times: begins.map((at) => at / 1_000), minutes: begins.map(minuteAt) };
}

/** The sum of a count over a list of minutes. */
export function total<Minute>(minutes: readonly Minute[], count: (minute: Minute) => number): number {
  return minutes.reduce((sum, minute) => sum + count(minute), 0);
}
