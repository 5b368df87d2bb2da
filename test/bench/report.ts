/** The measurements, for people and programs. */
import { chart } from "./chart.ts";
import { goals, type Key, keys, reached, reasonFor, written } from "./goals.ts";
import type { Report } from "./measure.ts";
import type { Measured, Table } from "./part.ts";
import type { Sample } from "./sample.ts";
import { aligned, markdownTable } from "./tables.ts";

/** One line, with exactly the keys of the goals; null: not measured. */
export function json(report: Report): string {
  const numbers = numbersOf(report);
  const rounded = (sample: Sample | undefined) => sample && Number(sample.median.toPrecision(4));
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, rounded(numbers[key]) ?? null])));
}

function numbersOf({ measured }: Report): Measured["numbers"] {
  return Object.assign({}, ...[...measured.values()].map(({ numbers }) => numbers));
}

const goalHead = ["", "goal", "measured", "spread", "reached"];

function goalRows(report: Report, chosen: readonly Key[]): string[][] {
  const numbers = numbersOf(report);
  return chosen.map((key) => {
    const { what, bound, goal } = goals[key];
    const bounded = `${bound === "at least" ? "≥" : "≤"} ${written(key, goal)}`;
    const sample = numbers[key];
    if (!sample) return [what, bounded, "", "", "not measured"];
    const { values, median, least, most } = sample;
    const spread = values.length > 1 ? `${written(key, least)} to ${written(key, most)}` : "";
    return [what, bounded, written(key, median), spread, reached(key, median) ? "yes" : "no"];
  });
}

/** The reasons of missed goals. */
function misses(report: Report): string[] {
  const numbers = numbersOf(report);
  return keys.flatMap((key) => {
    const { median } = numbers[key] ?? {};
    if (median === undefined || reached(key, median)) return [];
    return [`Missed: ${goals[key].what}. ${reasonFor(key) ?? "The reason is not known yet."}`];
  });
}

function failures({ failed }: Report): string[] {
  return [...failed].map(([name, error]) => `The part \`${name}\` failed: ${error}`);
}

function sentences(report: Report): string[] {
  const { plan, date, machine, load, seconds, measured } = report;
  return [
    ...failures(report),
    ...misses(report),
    ...[...measured.values()].flatMap(({ sentences }) => sentences),
    `Measured on ${date} in ${seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`} (${plan.name}): ${machine}. The load of the machine was ${load.toFixed(1)} before.`,
    ...(plan.name === "full"
      ? []
      : ["This was a quick run: run it without `--quick` for numbers to rely on."]),
  ];
}

function tablesOf({ measured }: Report): Table[] {
  return [...measured.values()].flatMap(({ tables }) => tables);
}

/** For the terminal: the goals of a whole run, or some parts with their tables. */
export function terminal(report: Report, isWhole: boolean): string {
  const numbers = numbersOf(report);
  const chosen = isWhole ? keys : keys.filter((key) => numbers[key]);
  const goalTable = chosen.length > 0 ? aligned([goalHead, ...goalRows(report, chosen)]) : [];
  const tables = isWhole
    ? []
    : tablesOf(report).flatMap(({ title, text, head, rows }) => [
        title,
        ...aligned([[...head], ...rows]),
        text,
        "",
      ]);
  return [...tables, ...goalTable, "", ...sentences(report)].join("\n");
}

/** `docs/bench.md`. */
export function markdown(report: Report): string {
  return [
    "# Measurements",
    "`npm run bench -- --write` wrote this page. What is compared took turns; ratios are medians of the rounds' ratios.",
    markdownTable(goalHead, goalRows(report, keys)),
    ...sentences(report),
    chartOf(report) && "![Events accepted a second](bench.svg)",
    ...tablesOf(report).flatMap(({ title, text, head, rows }) => [
      `## ${title}`,
      text,
      markdownTable(head, rows),
    ]),
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

/** `docs/bench.svg`; null: its part failed. */
export function chartOf({ measured, date, machine }: Report): string | null {
  const bars = measured.get("accepting")?.bars;
  return bars ? chart(bars, `${date}, ${machine}`) : null;
}
