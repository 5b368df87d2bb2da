/** Durations as text: `200ms`, `5s`, `5m`, `2h`. */

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration; null if the text is none. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  return unit === undefined ? null : Number(amount) * milliseconds[unit as keyof typeof milliseconds];
}

/** The shortest exact text for a duration: 300000 is `5m`. */
export function formatDuration(ms: number): string {
  const unit = (["h", "m", "s"] as const).find((name) => ms > 0 && ms % milliseconds[name] === 0) ?? "ms";
  return `${ms / milliseconds[unit]}${unit}`;
}
