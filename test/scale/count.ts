/** Counts and measures on the real gateway the numbers that the simulation starts from. */
import { bundle } from "../../src/cli/bundle.ts";
import { usualSize } from "../bench/acceptance.ts";
import { describeMachine, withBench } from "../bench/measure.ts";
import { plans } from "../bench/plans.ts";
import { type RatedUsage, usageByRate } from "../bench/price-by-rate.ts";
import { inTurns, sampleOf } from "../bench/sample.ts";
import { type Bench, destination, referenceWorker, type Server, startGateway } from "../bench/servers.ts";

export interface Counted {
  /** ISO date. */
  date: string;
  machine: string;
  /** With one destination. */
  usage: RatedUsage[];
  /** Milliseconds of all of workerd for an event at 500 a second, medians: without shard, without destination, with one. */
  cpuMs: { bare: number; none: number; one: number };
}

const perSecond = 500;
const seconds = 4;
const rounds = 5;

export async function count(stopping: AbortSignal, say: (line: string) => void): Promise<Counted> {
  const product = await bundle(stopping);
  return withBench({ plan: plans.full, product, say }, async (bench) => ({
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    usage: await usageByRate(bench),
    cpuMs: await processorTimes(bench),
  }));
}

async function processorTimes(bench: Bench): Promise<Counted["cpuMs"]> {
  const { product, backend, say } = bench;
  say(`measuring processor time at ${perSecond} events/s`);
  const servers = {
    bare: await referenceWorker("bare", product),
    none: await startGateway(product, { rules: [] }),
    one: await startGateway(product, { rules: [destination("d0", backend)] }),
  };
  const names = ["bare", "none", "one"] as const;
  for (const name of names) await turn(servers[name], name === "one" ? 1 : 0, bench);
  const turns = await inTurns(names, rounds, (name) => turn(servers[name], name === "one" ? 1 : 0, bench));
  const median = (name: (typeof names)[number]) => sampleOf(turns.get(name)!).median;
  return { bare: median("bare"), none: median("none"), one: median("one") };
}

/** Milliseconds of an event. */
async function turn(server: Server, destinations: number, { backend, sender }: Bench): Promise<number> {
  await backend.seen();
  const before = server.cpuSeconds();
  const { accepted } = await sender.send({
    mode: "open",
    url: server.url,
    kind: "AfterSendMsg",
    size: usualSize,
    perSecond,
    seconds,
  });
  await backend.came(accepted * destinations);
  const after = server.cpuSeconds();
  if (before === null || after === null) throw new Error("this system does not tell processor time");
  return ((after - before) * 1_000) / accepted;
}
