/**
 * Cloudflare's list prices in US dollars, without taxes and discounts. Beside them stands when they were read. The API
 * and the bench price by them.
 */

/** https://developers.cloudflare.com/workers/platform/pricing/ and /durable-objects/platform/pricing/ */
export const cloudflare = {
  read: "2026-11",
  /** Of each further million, beyond what the paid plan's 5 dollars a month include. */
  perMillion: {
    requests: 0.3,
    cpuMs: 0.02,
    shardRequests: 0.15,
    gbSeconds: 12.5,
    rowsWritten: 1,
    rowsRead: 0.001,
    logEvents: 0.6,
  },
  perGbMonth: 0.2,
  /** Of the free plan. */
  perDay: {
    requests: 100_000,
    shardRequests: 100_000,
    rowsWritten: 100_000,
    rowsRead: 5_000_000,
    gbSeconds: 13_000,
  },
  /** The memory for which an object is billed, GB. */
  objectGb: 0.128,
};

/** An operation, or a time, that is billed by the million. */
export type BilledByMillion = keyof typeof cloudflare.perMillion;

/** The items that the API estimates, storage apart. */
export const estimated = [
  "requests",
  "shardRequests",
  "gbSeconds",
  "rowsWritten",
  "rowsRead",
  "logEvents",
] as const satisfies BilledByMillion[];
