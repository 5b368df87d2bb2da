/** How callbacks differ from what Tencent documents, over all shards. */
import type { Config } from "../config.ts";
import type { CountedDrift } from "../shard/append/drift.ts";
import { everyShard } from "./shards.ts";

/** Every difference with its count, the most frequent first. */
export async function driftReport(env: Env, config: Config): Promise<CountedDrift[]> {
  const all = await everyShard(env, config, (stub) => stub.drift());
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
