/** The measurements of the page, for people and programs. */
import { quantile } from "../sample.ts";
import { aligned, markdownTable } from "../tables.ts";
import type { Live } from "./live.ts";
import type { Report } from "./measure.ts";

interface Figure {
  what: string;
  /** At most. */
  goal: number;
  value: number;
  unit: string;
  decimals: number;
}

const median = <Found>(all: readonly Found[], value: (one: Found) => number | null) =>
  quantile(
    all.map((one) => value(one) ?? Number.NaN),
    0.5,
  )!;

/** What has to be reached, and what was measured: of several rounds the middle one. */
export function figuresOf({ firstLoad, scrolling, live, withEventOpen, overview, destinations }: Report) {
  const frame = { goal: 100, unit: "ms", decimals: 0 };
  const watched = (all: readonly Live[]) => ({
    frame: median(all, ({ longestFrameMs }) => longestFrameMs),
    row: median(all, ({ rowP99Ms }) => rowP99Ms),
    growth: median(all, ({ before, after }) => after.mb - before.mb),
  });
  const growth = { goal: 20, unit: "MB", decimals: 1 };
  const [list, beside] = [watched([live]), watched([withEventOpen])];
  const [state, targets] = [watched(overview), watched(destinations)];
  return {
    firstLoadKb: {
      what: "First load, all files, gzip",
      goal: 100,
      value: firstLoad.kb,
      unit: "KB",
      decimals: 1,
    },
    interactiveMs: {
      what: "From the navigation to an event that can be clicked, processor slowed 4 ×",
      goal: 1_000,
      value: firstLoad.interactiveMs.median,
      unit: "ms",
      decimals: 0,
    },
    scrollFrameMs: {
      what: "Longest frame while all events are scrolled through, to the end and back",
      ...frame,
      value: median(scrolling, ({ down, back, again }) =>
        Math.max(...[down, back, again].map(({ longestFrameMs }) => longestFrameMs)),
      ),
    },
    liveFrameMs: { what: "Longest frame at 200 events/s", ...frame, value: list.frame },
    liveRowMs: {
      what: "Arrival of an event → its row in the page at 200 events/s, 99th percentile",
      ...frame,
      goal: 1_000,
      value: list.row,
    },
    liveHeapMb: {
      what: "Growth of the page's memory meanwhile",
      ...growth,
      value: list.growth,
    },
    openFrameMs: {
      what: "Longest frame at 200 events/s with an event open beside the list",
      ...frame,
      value: beside.frame,
    },
    openRowMs: {
      what: "Arrival → row with that event open, 99th percentile",
      ...frame,
      goal: 1_000,
      value: beside.row,
    },
    openHeapMb: {
      what: "Growth of the page's memory with that event open",
      ...growth,
      value: beside.growth,
    },
    overviewFrameMs: { what: "Longest frame of the overview at 200 events/s", ...frame, value: state.frame },
    overviewHeapMb: { what: "Growth of the overview's memory meanwhile", ...growth, value: state.growth },
    destinationsFrameMs: {
      what: "Longest frame of the destinations at 200 events/s",
      ...frame,
      value: targets.frame,
    },
    destinationsHeapMb: {
      what: "Growth of the destinations' memory meanwhile",
      ...growth,
      value: targets.growth,
    },
  } satisfies Record<string, Figure>;
}

/** One line, with exactly the keys of the figures. */
export function json(report: Report): string {
  const entries = Object.entries(figuresOf(report)).map(([key, { value }]) => [
    key,
    Number(value.toPrecision(4)),
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

const head = ["", "goal", "measured", "reached"];

function rowsOf(report: Report): string[][] {
  return Object.values(figuresOf(report)).map(({ what, goal, value, unit, decimals }) => [
    what,
    `≤ ${goal} ${unit}`,
    `${value.toFixed(decimals)} ${unit}`,
    value <= goal ? "yes" : "no",
  ]);
}

/** For the terminal. */
export function table(report: Report): string {
  return [...aligned([head, ...rowsOf(report)]), "", ...sentences(report)].join("\n");
}

/** `docs/page.md`. */
export function markdown(report: Report): string {
  return [
    "# Measurements of the page",
    "`npm run bench:page -- --write` wrote this page. Of several rounds, the middle one counts.",
    markdownTable(head, rowsOf(report)),
    ...sentences(report),
    report.plan.name === "full"
      ? ""
      : "This was a quick run: run it without `--quick` for numbers to rely on.",
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

function sentences(report: Report): string[] {
  const {
    plan,
    firstLoad,
    scrolling,
    live,
    withEventOpen,
    overview,
    destinations,
    chromium,
    machine,
    date,
    load,
  } = report;
  const { files, requests, largestPaintMs, blockingMs } = firstLoad;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const frames = (way: "down" | "back" | "again") =>
    `${scrolling.map((one) => one[way].longestFrameMs.toFixed(0)).join(", ")} ms`;
  const views = [live, withEventOpen, ...overview, ...destinations];
  const nodes = Math.max(...views.map(({ after }) => after.nodes));
  return [
    `The first load has ${files} files and ${requests} requests. Slowed 4 ×, the largest paint comes after ` +
      `${ms(largestPaintMs.median)}, and tasks block the page for ${ms(blockingMs.median)} beyond 50 ms each.`,
    `Longest frames of each round, while ${plan.events.toLocaleString("en")} events are scrolled through: on the way down, ` +
      `while they are loaded, ${frames("down")}; up ${frames("back")}; down again ${frames("again")}.`,
    `At 200 events/s for ${plan.seconds} s, an event has its row after ${ms(live.rowP50Ms ?? Number.NaN)} in the median. ` +
      `${((live.shown * 100) / live.accepted).toFixed(1)} % of the events had one: of more than fit the window within a ` +
      "frame, the older have none.",
    `The document has ${nodes} nodes at most in any view.`,
    `Measured on ${date} (${plan.name}) in Chromium ${chromium}: ${machine}. The machine's load was ` +
      `${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}.`,
  ];
}
