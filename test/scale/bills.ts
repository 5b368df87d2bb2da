/** The bill of a month by its number of events: the generated part of the page on deploying. */
import { cloudflare } from "../../src/http/prices.ts";
import type { RatedUsage } from "../bench/price-by-rate.ts";
import {
  billOfEvents,
  daysPerMonth,
  freeEventsPerDay,
  linesOfMonth,
  planDollars,
  type Usage,
} from "../bench/prices.ts";
import { markdownTable } from "../bench/tables.ts";
import type { Counted } from "./count.ts";

/** Events of a month, millions. */
const volumes = [1, 10, 100] as const;
const most = volumes[2];

/** The busy part of a day, in which all of its events come. Hours. */
const busyHours = 8;

/** The platform keeps an idle object in memory so long, at most: what a single event is billed for. Seconds. */
const idleSeconds = 10;

export function bills({ usage, date, cpuMs }: Counted): string {
  const furtherDestination = (cpuMs.one - cpuMs.none) * cloudflare.perMillion.cpuMs;
  return [
    `Prices of ${cloudflare.read}, in US dollars; operations counted on ${date}.`,
    markdownTable(
      ["Events a month", "All day long", "The bill", `Within ${busyHours} hours a day`, "The bill"],
      volumes.map((millions) => [
        `${millions} million`,
        ...[24, busyHours].flatMap((hours) => billAt(usage, millions, hours)),
      ]),
    ),
    `The bill of ${most} million events, all day long:`,
    itemTable(usageAt(usage, rateOf(most, 24))),
    `A further healthy destination by https costs processor time alone: $${furtherDestination.toFixed(3)} for a million events.`,
    `The free plan takes ${freeEvents(usage)} events a day. Rows written run out first.`,
  ].join("\n\n");
}

/** The rate, and the bill, of events that come within these hours of each day. */
function billAt(usage: readonly RatedUsage[], millions: number, hours: number): [string, string] {
  const perSecond = rateOf(millions, hours);
  const dollars = billOfEvents(usageAt(usage, perSecond), millions);
  return [`${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`, `$${dollars.toFixed(0)}`];
}

/** Events a second. */
function rateOf(millions: number, hoursOfDay: number): number {
  return (millions * 1e6) / (daysPerMonth * hoursOfDay * 3_600);
}

function itemTable(usage: Usage): string {
  return markdownTable(
    ["Item", "Used", "Included", "Each further one", "Dollars"],
    [
      ...linesOfMonth(usage, most).map(({ item, amount, included, price, dollars }) => [
        item,
        amount.toFixed(1),
        included.toLocaleString("en"),
        `$${price}`,
        `$${dollars.toFixed(2)}`,
      ]),
      ["the plan itself", "", "", "", `$${planDollars.toFixed(2)}`],
    ],
  );
}

/** Rounded down: traffic is never quite as even as in a count. */
function freeEvents(usage: readonly RatedUsage[]): string {
  const { events, limit } = freeEventsPerDay(usage[0]!.usage);
  if (limit !== "rows written")
    throw new Error(`the free plan ends by ${limit}: the sentence says otherwise`);
  return (Math.floor(events / 10_000) * 10_000).toLocaleString("en");
}

/** The usage at a rate, between those that were counted. */
export function usageAt(counted: readonly RatedUsage[], perSecond: number): Usage {
  const above = counted.findIndex((one) => one.perSecond > perSecond);
  const low = above === -1 ? counted.at(-1)! : (counted[above - 1] ?? counted[0]!);
  const high = counted[above] ?? low;
  const share =
    low === high || perSecond < low.perSecond
      ? 0
      : Math.log(perSecond / low.perSecond) / Math.log(high.perSecond / low.perSecond);
  const between = Object.entries(low.usage).map(([name, value]) => {
    const other = high.usage[name as keyof Usage];
    return [name, value * (other / value) ** share];
  });
  return {
    ...(Object.fromEntries(between) as Usage),
    objectSeconds: Math.min(1 / perSecond, idleSeconds),
  };
}
