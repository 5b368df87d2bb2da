/** `GET /api/stats`: what happened in the last minutes, and what of it the platform bills. */
import { readConfig } from "../config.ts";
import { add, type Counters } from "../shard/meter.ts";
import { latencyQuantile } from "../shard/query/latency.ts";
import { json, time } from "./reply.ts";
import { everyShard, handOverCounters } from "./shards.ts";
import { wholeNumberIn } from "./whole-number.ts";

/** Up to a day. */
const range = { least: 1, most: 1_440, otherwise: 60 };

export async function stats(query: URLSearchParams, env: Env): Promise<Response> {
  const config = readConfig(env);
  const minutes = wholeNumberIn(query, "minutes", range);
  await handOverCounters(env, config);
  const shards = await everyShard(env, config, (stub) => stub.minutes(minutes));
  const byMinute = new Map<number, Counters>();
  const all: Counters = {};
  for (const { at, counted } of shards.flat()) {
    const sums = byMinute.get(at) ?? {};
    byMinute.set(at, sums);
    add(sums, counted);
    add(all, counted);
  }
  const of = (counters: Counters, ...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, counters[name] ?? 0]));
  return json({
    minutes: [...byMinute]
      .sort(([a], [b]) => a - b)
      .map(([at, counters]) => ({
        at: time(at),
        ...of(counters, "received", "delivered", "failed", "dead", "verdicts"),
        rejected: by("refused:", counters),
        quarantined: by("quarantined:", counters),
      })),
    latency: { p50: latencyQuantile(all, 0.5), p99: latencyQuantile(all, 0.99) },
    ...of(all, "rowsWritten", "rowsRead", "requests", "shardRequests", "alarms"),
  });
}

/** What counters with this prefix have counted, by the rest of their names. */
function by(prefix: string, counters: Counters): Counters {
  return Object.fromEntries(
    Object.entries(counters).flatMap(([name, times]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), times]] : [],
    ),
  );
}
