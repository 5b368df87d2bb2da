/** The price of a million further events: here, by each transport, and elsewhere. */
import { cloudflare } from "../../src/http/prices.ts";
import type { Measured } from "./part.ts";
import { priceTable, usageByRate, usageOfRate } from "./price-by-rate.ts";
import { costOfMillion, freeEventsPerDay, others } from "./prices.ts";
import { sampleOf } from "./sample.ts";
import type { Bench } from "./servers.ts";
import { transportCosts } from "./transports.ts";

export async function cost(bench: Bench): Promise<Measured> {
  const usages = await usageByRate(bench);
  const usage = usageOfRate(usages, 50);
  const bill = costOfMillion(usage);
  const total = bill.reduce((sum, { dollars }) => sum + dollars, 0);
  const free = freeEventsPerDay(usageOfRate(usages, 1));
  return {
    numbers: { rowsPerEventAt50: sampleOf([usage.rowsWritten]), costPerMillion: sampleOf([total]) },
    sentences: [
      `The free plan takes ${free.events.toLocaleString("en")} events a day at one a second: ${free.limit} run out first.`,
    ],
    tables: [
      {
        title: "What a million further events cost",
        text:
          `At 50 events a second, one destination, kept ${usage.retentionDays} days. Operations are counted by the gateway itself; processor ` +
          `time is all of workerd's on this machine. Prices of ${cloudflare.read}, beyond what the paid plan's 5 dollars a month include.`,
        head: ["", "amount", "dollars"],
        rows: [
          ...bill.map(({ item, amount, dollars }) => [item, amount.toFixed(3), `$${dollars.toFixed(3)}`]),
          ["**together**", "", `**$${total.toFixed(2)}**`],
        ],
      },
      priceTable(usages),
      {
        title: "What a million deliveries cost, by transport",
        text: "On top of it, from operations that are counted on 10,000 events of 500 bytes.",
        head: ["", "dollars", ""],
        rows: (await transportCosts()).map(({ transport, dollars, how }) => [
          transport,
          `$${dollars.toFixed(4)}`,
          how,
        ]),
      },
      {
        title: "Elsewhere",
        text: "A million events to one destination, list prices beyond what a plan includes.",
        head: ["", "dollars", ""],
        rows: others.map(({ service, dollars, how, source, read }) => [
          `[${service}](${source})`,
          `$${dollars.toFixed(2)}`,
          `${how}; read ${read}`,
        ]),
      },
    ],
  };
}
