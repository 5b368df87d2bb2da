/** Counts by the minute: of the gateway, with the part that the platform bills, and of a destination. */
import { countedBy, countersShown } from "../../counters.ts";
import type { CountedMinute } from "../../shard/journal/minutes.ts";
import { answeredPrefix, decidedPrefix, latencyQuantile, tookPrefix } from "../../shard/latency.ts";
import { add, type Counters } from "../../shard/meter.ts";
import type { Shard } from "../../shard/shard.ts";
import { askMost, marked } from "../ask-each.ts";
import { destinationIsKnown } from "../destination-reports.ts";
import { digits } from "../fields.ts";
import { unknownDestination } from "../recipients.ts";
import { time } from "../reply.ts";
import { route } from "../route.ts";
import { handOverCounters } from "../shards.ts";

const minutesOfQuery = () =>
  digits({ least: 1, most: 1_440, otherwise: 60 }, "How many minutes, up to a day.");

const valuesOf = (by: "minute" | "period", counted: Counters) =>
  Object.fromEntries(
    countersShown(by).map(({ name, key, label }) => [
      name,
      label ? countedBy(key, counted) : (counted[key] ?? 0),
    ]),
  );

const latencyOf = (counted: Counters, prefix?: string) => ({
  p50: latencyQuantile(counted, 0.5, prefix),
  p99: latencyQuantile(counted, 0.99, prefix),
});

const latenciesOf = (counted: Counters) => ({
  latency: latencyOf(counted),
  answering: latencyOf(counted, answeredPrefix),
  deciding: latencyOf(counted, decidedPrefix),
});

const showStats = route(
  {
    method: "GET",
    path: "/api/stats",
    operation: "getStats",
    access: "read",
    query: () => ({ minutes: minutesOfQuery() }),
  },
  async ({ query, ...place }) => {
    const { answers, missing } = await askMost(place, "stats", async (stub, index) => {
      await handOverCounters(place.env, place.config, index);
      return stub.minutes(query.minutes);
    });
    const minutes = summedUp(answers);
    const all: Counters = {};
    for (const { counted } of minutes) add(all, counted);
    return {
      minutes: minutes.map(({ at, counted }) => ({
        at: time(at),
        ...valuesOf("minute", counted),
        ...latenciesOf(counted),
      })),
      ...latenciesOf(all),
      ...valuesOf("period", all),
      ...marked(missing),
    };
  },
);

const listDestinationMinutes = route(
  {
    method: "GET",
    path: "/api/destinations/{name}/minutes",
    operation: "listDestinationMinutes",
    access: "read",
    query: () => ({ minutes: minutesOfQuery() }),
  },
  async ({ params: { name }, query, ...place }) => {
    if (!(await destinationIsKnown(name, place))) throw unknownDestination(404, name, place.config);
    const ask = (stub: DurableObjectStub<Shard>) => stub.destinationMinutes(name, query.minutes);
    const { answers: shards, missing } = await askMost(place, "minutes of a destination", ask);
    return summedUp(shards).map(({ at, counted }) => ({
      at: time(at),
      delivered: counted.delivered ?? 0,
      failed: counted.failed ?? 0,
      latency: latencyOf(counted, tookPrefix(name)),
      ...marked(missing),
    }));
  },
);

export const statsRoutes = [showStats];

export const destinationMinutesRoutes = [listDestinationMinutes];

/** The minutes of all shards, oldest first. */
function summedUp(shards: readonly (readonly CountedMinute[])[]): CountedMinute[] {
  const sums = new Map<number, Counters>();
  for (const { at, counted } of shards.flat()) {
    const sum = sums.get(at) ?? {};
    sums.set(at, sum);
    add(sum, counted);
  }
  return [...sums].sort(([a], [b]) => a - b).map(([at, counted]) => ({ at, counted }));
}
