/**
 * The costs of an event by list prices in US dollars, without taxes and discounts. Beside every price of another service
 * stands when it was read.
 */
import { cloudflare } from "../../src/http/prices.ts";

/** Of a month on the paid plan. */
export const planDollars = 5;

export const daysPerMonth = 30;

/** The usage of an event: operations as counted, time and space as measured. */
export interface Usage {
  requests: number;
  /** Alarms among them. */
  shardRequests: number;
  rowsWritten: number;
  rowsRead: number;
  cpuMs: number;
  /** Of all objects, seconds in memory. */
  objectSeconds: number;
  /** Bytes kept, and for how long. */
  bytes: number;
  retentionDays: number;
  logEvents: number;
}

/** An item of the bill of a million further events. */
export interface CostLine {
  /** The item and the unit of its price. */
  item: string;
  amount: number;
  dollars: number;
}

interface Item {
  item: string;
  /** Of a million events. */
  amount: (usage: Usage) => number;
  price: number;
  /** Of each month, in the paid plan. */
  included: number;
}

const { perMillion, perGbMonth, objectGb } = cloudflare;

const items: readonly Item[] = [
  {
    item: "million Worker requests",
    amount: ({ requests }) => requests,
    price: perMillion.requests,
    included: 10,
  },
  { item: "million CPU milliseconds", amount: ({ cpuMs }) => cpuMs, price: perMillion.cpuMs, included: 30 },
  {
    item: "million Durable Object requests, alarms included",
    amount: ({ shardRequests }) => shardRequests,
    price: perMillion.shardRequests,
    included: 1,
  },
  {
    item: "million GB-seconds of Durable Objects",
    amount: ({ objectSeconds }) => objectSeconds * objectGb,
    price: perMillion.gbSeconds,
    included: 0.4,
  },
  {
    item: "million rows written",
    amount: ({ rowsWritten }) => rowsWritten,
    price: perMillion.rowsWritten,
    included: 50,
  },
  {
    item: "million rows read",
    amount: ({ rowsRead }) => rowsRead,
    price: perMillion.rowsRead,
    included: 25_000,
  },
  {
    item: "GB-months kept",
    amount: ({ bytes, retentionDays }) => (bytes / 1_000) * (retentionDays / daysPerMonth),
    price: perGbMonth,
    included: 5,
  },
  {
    item: "million log events",
    amount: ({ logEvents }) => logEvents,
    price: perMillion.logEvents,
    included: 20,
  },
];

export function costOfMillion(usage: Usage): CostLine[] {
  return items.map(({ item, amount, price }) => ({
    item,
    amount: amount(usage),
    dollars: amount(usage) * price,
  }));
}

/** An item of the bill of a month. */
export interface BillLine extends CostLine {
  /** In the plan's own price. */
  included: number;
  /** Of a further unit. */
  price: number;
}

/** The bill of so many million events within a month on the paid plan, besides the plan's own price. */
export function linesOfMonth(usage: Usage, millions: number): BillLine[] {
  return items.map(({ item, amount, price, included }) => {
    const used = millions * amount(usage);
    return { item, amount: used, included, price, dollars: Math.max(0, used - included) * price };
  });
}

/** The whole bill of so many million events within a month on the paid plan. */
export function billOfEvents(usage: Usage, millions: number): number {
  return linesOfMonth(usage, millions).reduce((sum, { dollars }) => sum + dollars, planDollars);
}

/** The bill of a month on the paid plan, at a steady rate. */
export function billOfMonth(usage: Usage, perSecond: number): number {
  return billOfEvents(usage, (perSecond * 86_400 * daysPerMonth) / 1e6);
}

/** How many events a day the free plan takes, and what runs out first. */
export function freeEventsPerDay(usage: Usage): { events: number; limit: string } {
  const { perDay } = cloudflare;
  const gbSecondsADay = 86_400 * objectGb;
  const limits = [
    { limit: "requests", events: perDay.requests / usage.requests },
    { limit: "Durable Object requests", events: perDay.shardRequests / usage.shardRequests },
    { limit: "rows written", events: perDay.rowsWritten / usage.rowsWritten },
    { limit: "rows read", events: perDay.rowsRead / usage.rowsRead },
    // One object may be in memory all day.
    { limit: "duration", events: gbSecondsADay <= perDay.gbSeconds ? Number.POSITIVE_INFINITY : 0 },
  ];
  const { limit, events } = limits.reduce((least, one) => (one.events < least.events ? one : least));
  return { limit, events: Math.floor(events) };
}

export interface OtherService {
  service: string;
  dollars: number;
  how: string;
  source: string;
  read: string;
}

/** The costs of a million events to one destination at other services, beyond the plans' included usage. */
export const others: readonly OtherService[] = [
  {
    service: "Cloudflare Queues",
    dollars: 3 * 0.4 + 0.3,
    how: "write, read and delete at $0.40 a million, and the request of the Worker that takes the callback; no search, no replay, kept 14 days at most",
    source: "https://developers.cloudflare.com/queues/platform/pricing/",
    read: "2026-11",
  },
  {
    service: "Amazon EventBridge",
    dollars: 1 + 0.2,
    how: "custom events at $1.00 and API destinations at $0.20 a million; whatever takes the callback and checks its signature, and the archive, come on top",
    source: "https://aws.amazon.com/eventbridge/pricing/",
    read: "2026-06",
  },
  {
    service: "Hookdeck Outpost",
    dollars: 10,
    how: "managed, from $10 a million",
    source: "https://hookdeck.com/outpost/pricing",
    read: "2026-05",
  },
  {
    service: "Hookdeck Event Gateway",
    dollars: 30,
    how: "$3.00 per 100,000 up to 5 million a month, on top of a plan from $39 a month; 5 events/s included",
    source: "https://hookdeck.com/pricing",
    read: "2026-09",
  },
  {
    service: "Svix",
    dollars: 100,
    how: "$0.0001 a message, on top of a plan from $490 a month",
    source: "https://www.svix.com/pricing/",
    read: "2026-09",
  },
];
