/** `GET /api/cost`: an estimate of the bill of the last day, from operations that are counted anyhow. */
import { countedBy } from "../../counters.ts";
import { add, type Counters } from "../../shard/meter.ts";
import { askMost } from "../ask-each.ts";
import { cloudflare, estimated } from "../prices.ts";
import { time } from "../reply.ts";
import { route } from "../route.ts";
import { handOverCounters } from "../shards.ts";

const dayMs = 86_400_000;
const daysPerMonth = 30;
const bytesPerGb = 1_000_000_000;

const showCost = route(
  {
    method: "GET",
    path: "/api/cost",
    operation: "getCost",
    access: "read",
  },
  async (place) => {
    const { config } = place;
    const since = Date.now() - dayMs;
    const { answers: shards, missing } = await askMost(place, "cost", async (stub, index) => {
      await handOverCounters(place.env, config, index);
      return stub.usage(since);
    });
    const counted: Counters = {};
    for (const shard of shards) add(counted, shard.counted);
    const { received = 0, delivered = 0, failed = 0, activeMs = 0 } = counted;
    const limitCounts = Object.entries(countedBy("limited:", counted))
      .filter(([key]) => !key.endsWith(":skipped"))
      .reduce((sum, [, times]) => sum + times, 0);
    const amounts = {
      requests: counted.requests ?? 0,
      shardRequests: (counted.shardRequests ?? 0) + limitCounts,
      gbSeconds: (activeMs / 1_000) * cloudflare.objectGb,
      rowsWritten: counted.rowsWritten ?? 0,
      rowsRead: counted.rowsRead ?? 0,
      logEvents: config.logSample * (received + delivered + failed),
    };
    const gbStored = shards.reduce((sum, { bytes }) => sum + bytes, 0) / bytesPerGb;
    const priced = [
      ...estimated.map((item) => ({
        item,
        amount: amounts[item],
        dollars: (amounts[item] / 1e6) * cloudflare.perMillion[item],
      })),
      {
        item: "gbStored" as const,
        amount: gbStored,
        dollars: (gbStored * cloudflare.perGbMonth) / daysPerMonth,
      },
    ];
    return {
      since: time(since),
      dollars: priced.reduce((sum, { dollars }) => sum + dollars, 0),
      items: priced,
      estimated: true as const,
      pricesOf: cloudflare.read,
      ...(missing.length > 0 && { missing }),
    };
  },
);

export const costRoutes = [showCost];
