/** Metrics for Prometheus. */
import * as v from "valibot";
import { described } from "./answers.ts";
import type { Documented } from "./documented.ts";

export const metricOperations = {
  getMetrics: {
    tag: "Observability",
    summary:
      "Tells all counters, latencies and the state of each destination to Prometheus. Counters are left out while a shard does not answer: a smaller sum would look like a restart.",
    answer: described(v.string(), "Metrics in Prometheus' text format."),
    type: "text/plain",
  },
} satisfies Record<string, Documented>;
