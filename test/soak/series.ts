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
export function sparkline(values: readonly (number | null)[]): string {
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

export function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
