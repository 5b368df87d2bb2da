/** Counts and measures on the real gateway the numbers that the simulation starts from. */
import { bundle } from "../../src/cli/bundle.ts";
import { cpuTurn } from "../bench/cpu-turn.ts";
import { describeMachine } from "../bench/machine.ts";
import { withBench } from "../bench/measure.ts";
import { plans } from "../bench/plans.ts";
import { type RatedUsage, usageByRate } from "../bench/price-by-rate.ts";
import { referenceWorker } from "../bench/references.ts";
import { inTurns, sampleOf } from "../bench/sample.ts";
import { type Bench, destination, startGateway } from "../bench/servers.ts";

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
  const turn = (name: (typeof names)[number]) => {
    const subject = { server: servers[name], destinations: name === "one" ? 1 : 0 };
    return cpuTurn(subject, { perSecond, seconds, settleMs: 0 }, bench);
  };
  for (const name of names) await turn(name);
  const turns = await inTurns(names, rounds, turn);
  const median = (name: (typeof names)[number]) => sampleOf(turns.get(name)!).median;
  return { bare: median("bare"), none: median("none"), one: median("one") };
}
