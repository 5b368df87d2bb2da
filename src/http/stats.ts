/** `GET /api/stats`: what happened in the last minutes, and what of it the platform bills. */
import { readConfig } from "../config.ts";
import { latencyQuantile } from "../shard/latency.ts";
import { type Counters, count } from "../shard/meter.ts";
import { json, Refusal, time } from "./reply.ts";
import { everyShard, handOverTally } from "./shards.ts";

/** A day. */
const mostMinutes = 1_440;

export async function stats(request: Request, env: Env): Promise<Response> {
  const config = readConfig(env);
  const minutes = minutesOf(new URL(request.url).searchParams.get("minutes"));
  await handOverTally(env, config);
  const shards = await everyShard(env, config, (stub) => stub.minutes(minutes));
  const byMinute = new Map<number, Counters>();
  const all: Counters = {};
  for (const { at, counted } of shards.flat()) {
    const sums = byMinute.get(at) ?? {};
    byMinute.set(at, sums);
    for (const [name, times] of Object.entries(counted)) {
      count(sums, name, times);
      count(all, name, times);
    }
  }
  const of = (counters: Counters, ...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, counters[name] ?? 0]));
  return json({
    minutes: [...byMinute]
      .sort(([a], [b]) => a - b)
      .map(([at, counters]) => ({
        at: time(at),
        ...of(counters, "received", "delivered", "failed", "dead", "verdicts"),
        rejected: rejectionsOf(counters),
      })),
    latency: { p50: latencyQuantile(all, 0.5), p99: latencyQuantile(all, 0.99) },
    ...of(all, "rowsWritten", "rowsRead", "requests", "shardRequests", "alarms"),
  });
}

/** By reason. */
function rejectionsOf(counters: Counters): Counters {
  const refused = "refused:";
  return Object.fromEntries(
    Object.entries(counters).flatMap(([name, times]) =>
      name.startsWith(refused) ? [[name.slice(refused.length), times]] : [],
    ),
  );
}

function minutesOf(text: string | null): number {
  if (text === null) return 60;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw new Refusal(400, "bad_minutes", `minutes: expected a whole number from 1 to ${mostMinutes}`);
  return Math.min(Number(text), mostMinutes);
}
