/** The measurements, one after the other, and what they come to. */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bundle } from "../../src/cli/bundle.ts";
import { type Accepting, againstReferences, profiles, whileWatched, withEventsKept } from "./acceptance.ts";
import { type ColdStart, coldStart } from "./cold-start.ts";
import { soonness } from "./delivery.ts";
import type { Numbers } from "./goals.ts";
import { type KeptUp, keepingUp } from "./keeping-up.ts";
import type { Measured } from "./part.ts";
import type { Plan } from "./plans.ts";
import { type RatedUsage, usageByRate, usageOfRate } from "./price-by-rate.ts";
import { costOfMillion, freeEventsPerDay, type Usage } from "./prices.ts";
import { processor } from "./processor.ts";
import { readingMicroseconds } from "./reading.ts";
import { ratioOf } from "./sample.ts";
import type { Searching } from "./searching.ts";
import { type Bench, startBackend, startSender, stopAll } from "./servers.ts";
import { type TransportCost, transportCosts } from "./transports.ts";
import { verdicts } from "./verdicts.ts";
import { type WordMeasures, wordMeasures } from "./words.ts";

export interface Report {
  plan: Plan;
  /** ISO date. */
  date: string;
  machine: string;
  numbers: Numbers;
  processor: Measured;
  /** By number of connections: the product, one-row, bare, by hand. */
  references: Map<number, Accepting[]>;
  growth: Accepting[];
  profiles: Map<string, Accepting[]>;
  searched: Searching;
  coldStart: ColdStart;
  soonness: { p50: number; p99: number; answerP99: number };
  keptUp: readonly KeptUp[];
  /** For reading one callback: checks, parsing, validation. */
  readingMicroseconds: number;
  words: WordMeasures;
  /** At 50 events a second. */
  usage: Usage;
  usages: readonly RatedUsage[];
  transports: readonly TransportCost[];
  free: { events: number; limit: string };
}

/** Measures with a backend and a sender, which end with it, as does every other process that it started. */
export async function withBench<Found>(
  { plan, product, say }: Pick<Bench, "plan" | "product" | "say">,
  measure: (bench: Bench) => Promise<Found>,
): Promise<Found> {
  try {
    return await measure({ product, backend: await startBackend(), sender: startSender(), plan, say });
  } finally {
    await stopAll();
  }
}

export async function measure(bench: Bench): Promise<Report> {
  const { plan, product } = bench;
  const fresh = await coldStart(bench);
  const processorTime = await processor(bench);
  const references = await againstReferences(bench);
  const { accepting: growth, searched } = await withEventsKept(bench);
  const [unwatched, watched] = (await whileWatched(bench)) as [Accepting, Accepting];
  const delivered = await soonness(bench);
  const keptUp = await keepingUp(bench);
  const [lag0, lag50, lag300] = keptUp.map(({ p99 }) => p99) as [number, number, number];
  const judged = await verdicts(bench);
  const usages = await usageByRate(bench);
  const usage = usageOfRate(usages, 50);
  const varied = plan.profiles ? await profiles(bench, plan.profiles) : new Map<string, Accepting[]>();
  const at64 = byName(references.get(64)!);
  const at1 = byName(references.get(1)!);
  return {
    plan,
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    numbers: {
      acceptCpuRatio: processorTime.numbers.acceptCpuRatio?.median ?? null,
      deliverCpuRatio: processorTime.numbers.deliverCpuRatio?.median ?? null,
      furtherCpuRatio: processorTime.numbers.furtherCpuRatio?.median ?? null,
      acceptRatio: ratioOf(at64("tim-relay").perSecond, at64("one-row").perSecond),
      ackLatencyRatio: ratioOf(at1("tim-relay").answerMs, at1("one-row").answerMs),
      watchedRatio: ratioOf(watched.perSecond, unwatched.perSecond),
      fullLogRatio: ratioOf(growth.at(-1)!.perSecond, growth[0]!.perSecond),
      rowsPerEvent: at64("tim-relay").rows,
      deliverP99Ms: delivered.p99,
      keepsUp0P99Ms: lag0,
      keepsUp50P99Ms: lag50,
      keepsUp300P99Ms: lag300,
      latestPageMs: searched.page.slowest,
      accountSearchMs: searched.accountMs,
      exportPerSecond: searched.exportedPerSecond,
      exportPeakMb: searched.peakMb,
      exportingRatio: searched.acceptedRatio,
      costPerMillion: costOfMillion(usage).reduce((sum, { dollars }) => sum + dollars, 0),
      bundleGzipKb: gzipKb(product),
      coldStartRatio: fresh.ratio,
      verdictOverheadMs: judged.overheadMs,
      verdictsInTimePct: judged.inTime,
    },
    readingMicroseconds: await readingMicroseconds(),
    words: wordMeasures(),
    processor: processorTime,
    references,
    growth,
    profiles: varied,
    searched,
    coldStart: fresh,
    soonness: delivered,
    keptUp,
    usage,
    usages,
    transports: await transportCosts(),
    free: freeEventsPerDay(usageOfRate(usages, 1)),
  };
}

export function byName(all: readonly Accepting[]): (name: string) => Accepting {
  return (name) => all.find((one) => one.name === name)!;
}

/** The size of the uploaded Worker's code, compressed, in KiB as wrangler counts. */
export function gzipKb({ dir, modules }: Bundle): number {
  const code = modules.filter(({ type }) => type !== "text");
  return gzipSync(Buffer.concat(code.map(({ name }) => readFileSync(join(dir, name))))).length / 1024;
}

export function describeMachine(): string {
  const all = cpus();
  const gb = Math.round(totalmem() / 2 ** 30);
  return `${all[0]?.model.trim() ?? "unknown processor"}, ${all.length} cores, ${gb} GB, ${process.platform}, Node ${process.versions.node}`;
}
