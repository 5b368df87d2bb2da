/**
 * Two versions in paired turns on the same runtime, machine and disk. Compared are the events that each accepts in a
 * second, and the usage of an event with one destination at a fixed rate.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Bundle } from "../../src/cli/bundle.ts";
import { usualSize } from "./acceptance.ts";
import { inTurns, ratiosOf, type Sample, sampleOf } from "./sample.ts";
import { type Bench, destination, type Gateway, startGateway } from "./servers.ts";

/** Events a second, well below what any version accepts: both have the same work, and idle as long. */
const rate = 300;

/** The compared measures, in the order of the report. */
const measures = {
  accepted: { what: "Events accepted a second at 64 connections", decimals: 0, unit: "" },
  cpuMs: { what: `Processor time an event at ${rate}/s, workerd's`, decimals: 3, unit: " ms" },
  rows: { what: `Rows written an event at ${rate}/s`, decimals: 3, unit: "" },
} as const;

type Measure = keyof typeof measures;

export interface Compared {
  what: string;
  decimals: number;
  unit: string;
  ours: Sample;
  other: Sample;
  /** Ours by the other's, round by round. */
  ratio: Sample;
}

/**
 * The build of another version.
 * @param dir a checkout of it, with its own `node_modules`
 */
export async function buildOf(dir: string, signal: AbortSignal): Promise<Bundle> {
  const path = join(resolve(dir), "src/cli/bundle.ts");
  if (!existsSync(path))
    throw new Error(`--against: ${dir} is no checkout of the gateway, it has no ${path}`);
  const builder: typeof import("../../src/cli/bundle.ts") = await import(pathToFileURL(path).href);
  return builder.bundle(signal);
}

export async function compareVersions(bench: Bench, other: Bundle): Promise<Record<Measure, Compared>> {
  const { product, backend, plan, say } = bench;
  const { rounds, seconds, warmSeconds } = plan.versions;
  const start = async (name: string, build: Bundle) => {
    const gateway = await startGateway(build, { rules: [destination("d0", backend)] });
    return { name, gateway };
  };
  const versions = [await start("this version", product), await start("the other", other)] as const;
  if (warmSeconds > 0) for (const { gateway } of versions) await turn(gateway, warmSeconds, bench);
  const turns = await inTurns(versions, rounds, async ({ name, gateway }) => {
    const found = await turn(gateway, seconds, bench);
    const cells = Object.entries(found).map(([key, value]) => written(key as Measure, value));
    say(`  ${name}: ${cells.join(", ")}`);
    return found;
  });
  for (const { gateway } of versions) await gateway.stop();

  const compared = (key: Measure): Compared => {
    const [ours, theirs] = versions.map((one) => sampleOf(turns.get(one)!.map((found) => found[key])));
    return { ...measures[key], ours: ours!, other: theirs!, ratio: ratiosOf(ours!, theirs!) };
  };
  return { accepted: compared("accepted"), cpuMs: compared("cpuMs"), rows: compared("rows") };
}

/** One turn of a version: a run of full load, then one at the fixed rate. */
async function turn(
  gateway: Gateway,
  seconds: number,
  { sender, say, plan }: Bench,
): Promise<Record<Measure, number>> {
  const load = { url: gateway.url, kind: "AfterSendMsg", size: usualSize, seconds } as const;
  const { perSecond, failed } = await sender.send({ ...load, mode: "closed", connections: 64 }, true);
  if (failed > 0) say(`  ${failed} callbacks were not accepted in time`);
  await gateway.drained();
  await sleep(plan.newsMs);
  const before = await gateway.billed();
  const cpuBefore = gateway.cpuSeconds();
  await sender.send({ ...load, mode: "open", perSecond: rate }, true);
  await gateway.drained();
  const cpuAfter = gateway.cpuSeconds();
  await sleep(plan.newsMs);
  const after = await gateway.billed();
  const events = after.received - before.received;
  return {
    accepted: perSecond,
    cpuMs: cpuBefore === null ? Number.NaN : ((cpuAfter! - cpuBefore) * 1_000) / events,
    rows: (after.rowsWritten - before.rowsWritten) / events,
  };
}

function written(key: Measure, value: number): string {
  const { decimals, unit } = measures[key];
  return `${value.toFixed(decimals)}${unit}`;
}
