/** Measurements for people and programs. */
import { cloudflare } from "../../src/http/prices.ts";
import type { Accepting } from "./acceptance.ts";
import { goals, type Key, reached, written } from "./goals.ts";
import { byName, type Report } from "./measure.ts";
import type { Measured } from "./part.ts";
import { priceTable } from "./price-by-rate.ts";
import { costOfMillion, others } from "./prices.ts";
import type { Sample } from "./sample.ts";
import { aligned, markdownTable } from "./tables.ts";
import type { Compared } from "./versions.ts";

const keys = Object.keys(goals) as Key[];

/** One line, with exactly these keys. */
export function json({ numbers }: Report): string {
  const rounded = (value: number | null) => value && Number(value.toPrecision(4));
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, rounded(numbers[key])])));
}

function goalRows({ numbers }: Report): string[][] {
  return keys.map((key) => {
    const { what, bound, goal } = goals[key];
    const value = numbers[key];
    const sign = bound === "at least" ? "≥" : "≤";
    const verdict = value === null ? "not measured" : reached(key, value) ? "yes" : "no";
    return [what, `${sign} ${written(key, goal)}`, value === null ? "" : written(key, value), verdict];
  });
}

/** For the terminal. */
export function table(report: Report): string {
  const goalTable = aligned([["", "goal", "measured", "reached"], ...goalRows(report)]);
  return [...goalTable, "", ...sentences(report)].join("\n");
}

/** A part, for the terminal. */
export function partTable({ sentences, tables }: Measured): string {
  const written = tables.flatMap(({ title, text, head, rows }) => [
    title,
    ...aligned([[...head], ...rows]),
    text ?? "",
    "",
  ]);
  return [...sentences, ...written].join("\n").trimEnd();
}

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

/** The measurements behind the goals, in words. */
function sentences({
  references,
  searched,
  coldStart,
  soonness,
  keptUp,
  readingMicroseconds,
  words,
  free,
  plan,
  machine,
  date,
}: Report): string[] {
  const at64 = byName(references.get(64)!);
  const rate = (name: string) => at64(name).perSecond.median;
  const share = (name: string) => `${Math.round((rate("tim-relay") * 100) / rate(name))} %`;
  const { page } = searched;
  const kept = plan.kept.at(-1)!.toLocaleString("en");
  return [
    `tim-relay accepts ${share("bare")} of what *bare* answers, and ${share("by hand")} of what the server written by hand does.`,
    `Sent → received: median ${soonness.p50} ms; 99 % are answered within ${soonness.answerP99.toFixed(1)} ms.`,
    ...keptUp.map(
      ({ answerMs, perSecond, deliveredPerSecond, p50, p99 }) =>
        `A destination that takes ${answerMs} ms, at ${perSecond} events/s and default settings, from its first event on: ${Math.round(deliveredPerSecond)} delivered a second, median ${p50} ms after sending, 99 % within ${p99} ms.`,
    ),
    `A full journal keeps ${kept} events; its latest page takes ${page.median.toFixed(1)} ms, the first time ${page.first.toFixed(1)} ms. An export of all has ${Math.round(searched.exportedBytes / 1e6)} MB.`,
    `A fresh isolate gives its first answer after ${coldStart.product.median.toFixed(1)} ms, one of *bare* after ${coldStart.bare.median.toFixed(1)} ms.`,
    `Checking, parsing and validating a group message takes ${readingMicroseconds.toFixed(0)} µs.`,
    `A list of 10,000 Chinese and English words is built in ${words.buildMs.toFixed(0)} ms, the first one in ${words.firstBuildMs.toFixed(0)} ms, and takes ${words.megabytes.toFixed(1)} MB. To find them in a message of 1 KB takes ${words.messageMs.toFixed(2)} ms.`,
    `The free plan takes ${free.events.toLocaleString("en")} events a day at one a second: ${free.limit} run out first.`,
    `Measured on ${date} (${plan.name}: medians of ${plan.rounds} runs of ${plan.seconds} s): ${machine}.`,
  ];
}

/** `docs/bench.md`. */
export function markdown(report: Report): string {
  const { references, growth, profiles, usage, plan } = report;
  const connections = [...references].flatMap(([count, all]) =>
    all.map((one) => [String(count), one.name, ...acceptingCells(one)]),
  );
  const bill = costOfMillion(usage).map(({ item, amount, dollars }) => [
    item,
    amount.toFixed(3),
    `$${dollars.toFixed(3)}`,
  ]);
  const rated = priceTable(report.usages);
  const carried = report.transports.map(({ transport, dollars, how }) => [
    transport,
    `$${dollars.toFixed(4)}`,
    how,
  ]);
  const elsewhere = others.map(({ service, dollars, how, source, read }) => [
    `[${service}](${source})`,
    `$${dollars.toFixed(2)}`,
    `${how}; read ${read}`,
  ]);
  const head = ["", "events/s", "spread", "answer, median", "rows/event"];
  return [
    "# Measurements",
    "`npm run bench -- --write` wrote this page. What is compared took turns; ratios are medians of the rounds' ratios.",
    markdownTable(["", "goal", "measured", "reached"], goalRows(report)),
    ...sentences(report),
    "![Events accepted a second](bench.svg)",
    "## Against the references",
    "*bare* reads a callback and answers. *one-row* parses it and inserts a row in a Durable Object. *by hand* is a Node server " +
      "that inserts a row in SQLite, answers and forwards. tim-relay checks, keeps and forwards to one destination. " +
      "They are in `test/bench/reference`.",
    markdownTable(["connections", ...head], connections),
    ...report.processor.tables.flatMap(({ title, text, head, rows }) => [
      `## ${title}`,
      text ?? "",
      markdownTable(head, rows),
    ]),
    "## Growth",
    markdownTable(
      head,
      growth.map((one) => [one.name, ...acceptingCells(one)]),
    ),
    ...[...profiles].flatMap(([title, all]) => [
      `## ${title}`,
      markdownTable(
        head,
        all.map((one) => [one.name, ...acceptingCells(one)]),
      ),
    ]),
    "## What a million further events cost",
    `At 50 events a second, one destination, kept ${usage.retentionDays} days. Operations are counted by the gateway itself; processor time is ` +
      `all of workerd's on this machine. Prices of ${cloudflare.read}, beyond what the paid plan's 5 dollars a month include.`,
    markdownTable(["", "amount", "dollars"], [...bill, ["**together**", "", `**$${total(bill)}**`]]),
    `### ${rated.title}`,
    rated.text ?? "",
    markdownTable(rated.head, rated.rows),
    "A million deliveries more, by each way of carrying them, from operations that are counted on 10,000 events of 500 bytes:",
    markdownTable(["", "dollars", ""], carried),
    "Elsewhere, a million events to one destination, list prices beyond what a plan includes:",
    markdownTable(["", "dollars", ""], elsewhere),
    plan.profiles ? "" : "This was a quick run: run it without `--quick` for numbers to rely on.",
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");

  function total(lines: string[][]): string {
    return lines.reduce((sum, line) => sum + Number(line[2]!.slice(1)), 0).toFixed(2);
  }
}

function acceptingCells({ perSecond, answerMs, rows }: Accepting): string[] {
  return [
    Math.round(perSecond.median).toLocaleString("en"),
    spread(perSecond),
    `${answerMs.median.toFixed(2)} ms`,
    rows === null ? "" : rows.toFixed(3),
  ];
}

function spread({ least, most }: Sample): string {
  return `${Math.round(least).toLocaleString("en")} to ${Math.round(most).toLocaleString("en")}`;
}
