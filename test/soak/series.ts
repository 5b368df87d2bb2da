/** The measured course of a soak: one point an interval. */

export interface Point {
  /** The end of the interval, seconds after the start. */
  at: number;
  /** Anonymous memory of workerd, MB. */
  memory: number | null;
  /** Bytes on disk, MB. */
  stored: number;
  /** The age of the oldest event that waits for its first attempt, over all destinations. Seconds. */
  oldest: number;
  /** Milliseconds from the due time of a callback to its first delivery: where no fault befalls, and elsewhere. */
  steadyP50: number | null;
  steadyP99: number | null;
  faultedP50: number | null;
  faultedP99: number | null;
  /** Milliseconds from the due time to the answer. */
  answerP50: number | null;
  answerP99: number | null;
  /** A second. */
  accepted: number;
  delivered: number;
}

/** A fault as it came about, seconds after the start. */
export interface Mark {
  kind: string;
  on: string;
  from: number;
  until: number;
}

export interface Course {
  points: readonly Point[];
  marks: readonly Mark[];
}

const blocks = "▁▂▃▄▅▆▇█";
const columns = 72;

/** A row of bars; of several points that share a column the largest counts. */
function sparkline(values: readonly (number | null)[]): string {
  const shown = columned(values);
  const most = Math.max(...shown.map((value) => value ?? 0), Number.MIN_VALUE);
  return shown
    .map((value) => (value === null ? " " : blocks[Math.min(7, Math.floor((value / most) * 8))]))
    .join("");
}

function columned(values: readonly (number | null)[]): (number | null)[] {
  const size = Math.max(1, values.length / columns);
  return Array.from({ length: Math.ceil(values.length / size) }, (_, column) => {
    const some = values
      .slice(Math.floor(column * size), Math.floor((column + 1) * size))
      .filter((value) => value !== null);
    return some.length === 0 ? null : Math.max(...some);
  });
}

const rows = [
  ["memory, MB", "memory"],
  ["stored, MB", "stored"],
  ["oldest waiting, s", "oldest"],
  ["lag p50, ms", "steadyP50"],
  ["lag p99, ms", "steadyP99"],
  ["lag p99, faulted, ms", "faultedP99"],
  ["answer p99, ms", "answerP99"],
  ["accepted /s", "accepted"],
  ["delivered /s", "delivered"],
] as const satisfies readonly (readonly [string, keyof Point])[];

/** The course as lines of text, with the largest value of each row. */
export function sparklines({ points }: Course): string {
  return rows
    .map(([name, key]) => {
      const values = points.map((point) => point[key]);
      const most = Math.max(0, ...values.filter((value) => value !== null));
      return `${name.padEnd(21)}${sparkline(values)} ${round(most)}`;
    })
    .join("\n");
}

/** The memory of the runtime over the longest time without a restart. */
export interface Memory {
  /** MB, of all points. */
  most: number | null;
  seconds: number;
  /** The mean of the last third of that time against that of its second third; the first warms up. Null: too short. */
  growth: number | null;
}

export function memoryOf({ points, marks }: Course): Memory {
  const restarts = marks.filter(({ kind }) => restarting.test(kind));
  const stretches: Point[][] = [[]];
  for (const point of points) {
    const isBroken = restarts.some(({ from, until }) => point.at >= from && point.at <= until + 1);
    if (isBroken) stretches.push([]);
    else stretches.at(-1)!.push(point);
  }
  const longest = stretches.reduce((one, other) => (other.length > one.length ? other : one));
  const third = Math.floor(longest.length / 3);
  const mean = (some: readonly Point[]) =>
    some.reduce((sum, { memory }) => sum + (memory ?? 0), 0) / some.length;
  const known = points.flatMap(({ memory }) => memory ?? []);
  const growth = mean(longest.slice(-third)) / mean(longest.slice(third, 2 * third));
  return {
    most: known.length === 0 ? null : round(Math.max(...known)),
    seconds: round((longest.at(-1)?.at ?? 0) - (longest[0]?.at ?? 0)),
    growth: third < 3 || !Number.isFinite(growth) ? null : Math.round(growth * 100) / 100,
  };
}

/** The kinds of faults that restart the gateway. */
export const restarting = /^SIG|rules$/;

export function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
