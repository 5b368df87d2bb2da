/**
 * The price of events by their rate. The fewer come at a time, the fewer share a row, and the longer an object is in
 * memory for each.
 */
import { usageAt } from "./delivery.ts";
import type { Table } from "./part.ts";
import { billOfMonth, costOfMillion, daysPerMonth, type Usage } from "./prices.ts";
import type { Bench } from "./servers.ts";

const rates = [1, 10, 50, 500] as const;

/** Events of a run, but no longer than the plan says. */
const eventsOfRun = 5_000;

export interface RatedUsage {
  /** Events. */
  perSecond: number;
  usage: Usage;
}

/** Low rates at once, since each gateway mostly waits; the highest alone, because its processor time counts. */
export async function usageByRate(bench: Bench): Promise<RatedUsage[]> {
  const { plan, say } = bench;
  const at = async (perSecond: (typeof rates)[number]): Promise<RatedUsage> => {
    const seconds = perSecond === 1 ? plan.freeSeconds : Math.min(plan.openSeconds, eventsOfRun / perSecond);
    return { perSecond, usage: await usageAt(perSecond, seconds, bench) };
  };
  const [highest, ...others] = rates.toReversed();
  say(`counting what is billed at ${others.toReversed().join(", ")} events/s`);
  const low = await Promise.all(others.toReversed().map(at));
  say(`counting what is billed at ${highest} events/s`);
  return [...low, await at(highest!)];
}

export function usageOfRate(all: readonly RatedUsage[], rate: (typeof rates)[number]): Usage {
  return all.find(({ perSecond }) => perSecond === rate)!.usage;
}

export function priceTable(all: readonly RatedUsage[]): Table {
  return {
    title: "The price by the rate of events",
    text:
      "One destination, kept 7 days, on one shard. The last column is the whole bill on the paid plan, its 5 dollars and " +
      "included amounts among it.",
    head: ["events/s", "events a month", "rows/event", "ms/event", "a million further events", "a month"],
    rows: all.map(({ perSecond, usage }) => [
      String(perSecond),
      `${Math.round((perSecond * 86_400 * daysPerMonth) / 1e6).toLocaleString("en")} million`,
      usage.rowsWritten.toFixed(3),
      usage.cpuMs.toFixed(2),
      `$${costOfMillion(usage)
        .reduce((sum, { dollars }) => sum + dollars, 0)
        .toFixed(2)}`,
      `$${Math.round(billOfMonth(usage, perSecond)).toLocaleString("en")}`,
    ]),
  };
}
