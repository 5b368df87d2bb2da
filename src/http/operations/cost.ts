/** The estimated bill of a day. */
import * as v from "valibot";
import { estimated } from "../prices.ts";
import { component, described, missing, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";

const item = component("CostItem", "An item of the bill.", {
  item: described(
    v.picklist([...estimated, "gbStored"]),
    "`shardRequests`: to Durable Objects, alarms and the counts of limits among them. `gbSeconds`: of objects in memory, as far as rows show it. `logEvents`: ordinary lines, by `LOG_SAMPLE`. `gbStored`: gigabytes now, for a day.",
  ),
  amount: described(v.number(), "How much of it."),
  dollars: v.number(),
});

export const costOperations = {
  getCost: {
    tag: "Observability",
    summary:
      "Estimates the cost of the last 24 hours at Cloudflare's list prices, before the amounts that a plan includes. Counted are requests, rows, time in memory, ordinary log lines and storage. Processor time, calls among shards and messages of the tail are not.",
    answer: component("Cost", "An estimate, wherever the gateway runs.", {
      since: described(timestamp, "The beginning of the period, which ends now."),
      dollars: described(v.number(), "Of all items together, US dollars."),
      items: v.array(item),
      estimated: v.literal(true),
      pricesOf: described(v.string(), "The month in which the prices were read."),
      missing,
    }),
  },
} satisfies Record<string, Documented>;
