/** The comparison of two versions, for people and programs. */
import type { Sample } from "./sample.ts";
import { aligned } from "./tables.ts";
import type { Compared } from "./versions.ts";

/** Two versions, for the terminal. */
export function versionsTable(compared: readonly Compared[]): string {
  const rows = compared.map(({ what, decimals, unit, ours, other, ratio }) => {
    const cell = ({ median }: Sample) => `${median.toFixed(decimals)}${unit}`;
    const { median, least, most } = ratio;
    return [what, cell(ours), cell(other), median.toFixed(3), `${least.toFixed(3)} to ${most.toFixed(3)}`];
  });
  return aligned([["", "this version", "the other", "ratio", "spread"], ...rows]).join("\n");
}

/** Two versions, one line: of each measure both medians, the median of the ratios, and the least and most of these. */
export function versionsJson(compared: Readonly<Record<string, Compared>>): string {
  const rounded = (value: number) => Number(value.toPrecision(4));
  const entries = Object.entries(compared).map(([key, { ours, other, ratio }]) => [
    key,
    {
      ours: rounded(ours.median),
      other: rounded(other.median),
      ratio: rounded(ratio.median),
      least: rounded(ratio.least),
      most: rounded(ratio.most),
    },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
