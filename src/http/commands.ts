/** What the gateway knows of commands, and how what it receives differs from that. */
import { describeCommands } from "../callback/describe.ts";
import { readConfig } from "../config.ts";
import type { CountedDrift } from "../shard/append/drift.ts";
import { json, time } from "./reply.ts";
import { everyShard } from "./shards.ts";

export function listCommands(): Response {
  return json({ commands: describeCommands() });
}

/** Every difference with its count over all shards, the most frequent first. */
export async function listDrift(env: Env): Promise<Response> {
  const drift = await driftReport(env);
  return json({
    drift: drift.map(({ first, last, ...rest }) => ({ ...rest, firstAt: time(first), lastAt: time(last) })),
  });
}

export async function driftReport(env: Env): Promise<CountedDrift[]> {
  const all = await everyShard(env, readConfig(env), (stub) => stub.drift());
  const added = new Map<string, CountedDrift>();
  for (const one of all.flat()) {
    const key = JSON.stringify([one.command, one.path, one.kind, one.seen]);
    const other = added.get(key);
    added.set(key, {
      ...one,
      count: one.count + (other?.count ?? 0),
      first: Math.min(one.first, other?.first ?? one.first),
      last: Math.max(one.last, other?.last ?? one.last),
    });
  }
  return [...added.values()].sort((a, b) => b.count - a.count);
}
