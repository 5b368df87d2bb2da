/** Counts by the minute. */
import * as v from "valibot";
import { countersShown } from "../../counters.ts";
import { component, count, described, gaps, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";

/** A field for each counter that is shown; a prefix has an object with its labels. */
const fieldsOf = (by: "minute" | "period"): v.ObjectEntries =>
  Object.fromEntries(
    countersShown(by).map(({ name, label, meaning }) => [
      name,
      described(label ? v.record(v.string(), count) : count, meaning),
    ]),
  );

const milliseconds = v.nullable(v.number());

const latency = component(
  "Latency",
  "Half of all, and 99 %, took so long at most: milliseconds, to a fifth of the value; null without any. `latency`: from receiving an event to its delivery. `answering`: from receiving a callback to its answer, for which Tencent waits 2 s. `deciding`: the time of a verdict.",
  { p50: milliseconds, p99: milliseconds },
);

/** The latencies of a minute, and of the period. */
const latencies = { latency, answering: latency, deciding: latency };

const destinationMinute = component("DestinationMinute", "The counts of one minute at a destination.", {
  at: described(timestamp, "Its beginning."),
  delivered: described(count, "Deliveries that succeeded, replays among them."),
  failed: described(count, "Attempts that failed."),
  latency,
  ...gaps,
});

export const statOperations = {
  getStats: {
    tag: "Observability",
    summary:
      "Counts minute by minute: received, rejected, quarantined, delivered, failed. Shows latencies of deliveries, answers and verdicts, and the counts that the platform bills.",
    answer: component("Stats", "The counts of the last minutes.", {
      minutes: v.array(
        component("Minute", "The counts of one minute.", {
          at: described(timestamp, "Its beginning."),
          ...fieldsOf("minute"),
          ...latencies,
        }),
      ),
      ...latencies,
      ...fieldsOf("period"),
      ...gaps,
    }),
  },
  listDestinationMinutes: {
    tag: "Destinations",
    summary:
      "Counts minute by minute what a destination took and refused, with the latency of first attempts that succeeded.",
    answer: described(v.array(destinationMinute), "The last minutes, oldest first."),
    notFound: "There is no such destination.",
  },
} satisfies Record<string, Documented>;
