/** `GET /api/stats`: the counts of the last minutes, and the part of them that the platform bills. */
import * as v from "valibot";
import { countedBy, countersShown } from "../../counters.ts";
import { latencyQuantile } from "../../shard/latency.ts";
import { add, type Counters } from "../../shard/meter.ts";
import { component, count, described, timestamp } from "../answers.ts";
import { digits } from "../fields.ts";
import { time } from "../reply.ts";
import { route } from "../route.ts";
import { everyShard, handOverCounters } from "../shards.ts";

/** A field for each counter that is shown; a prefix has an object with its labels. */
const fieldsOf = (by: "minute" | "period"): v.ObjectEntries =>
  Object.fromEntries(
    countersShown(by).map(({ name, label, meaning }) => [
      name,
      described(label ? v.record(v.string(), count) : count, meaning),
    ]),
  );

const valuesOf = (by: "minute" | "period", counted: Counters) =>
  Object.fromEntries(
    countersShown(by).map(({ name, key, label }) => [
      name,
      label ? countedBy(key, counted) : (counted[key] ?? 0),
    ]),
  );

const milliseconds = v.nullable(v.number());

const showStats = route(
  {
    method: "GET",
    path: "/api/stats",
    operation: "getStats",
    tag: "Observability",
    access: "read",
    summary:
      "Counts minute by minute: received, rejected, quarantined, delivered, failed. Shows the latency, and the counts that the platform bills.",
    query: { minutes: digits({ least: 1, most: 1_440, otherwise: 60 }, "How many minutes, up to a day.") },
    answer: component("Stats", "The counts of the last minutes.", {
      minutes: v.array(
        component("Minute", "The counts of one minute.", {
          at: described(timestamp, "Its beginning."),
          ...fieldsOf("minute"),
        }),
      ),
      latency: component("Latency", "From receiving an event to its delivery, milliseconds.", {
        p50: milliseconds,
        p99: milliseconds,
      }),
      ...fieldsOf("period"),
    }),
  },
  async ({ query, env, config }) => {
    await handOverCounters(env, config);
    const shards = await everyShard(env, config, (stub) => stub.minutes(query.minutes));
    const byMinute = new Map<number, Counters>();
    const all: Counters = {};
    for (const { at, counted } of shards.flat()) {
      const sums = byMinute.get(at) ?? {};
      byMinute.set(at, sums);
      add(sums, counted);
      add(all, counted);
    }
    return {
      minutes: [...byMinute]
        .sort(([a], [b]) => a - b)
        .map(([at, counted]) => ({ at: time(at), ...valuesOf("minute", counted) })),
      latency: { p50: latencyQuantile(all, 0.5), p99: latencyQuantile(all, 0.99) },
      ...valuesOf("period", all),
    };
  },
);

export const statsRoutes = [showStats];
