/** How callbacks differ from what Tencent documents, over all shards. */
import type { Config } from "../config.ts";
import type { CountedDrift } from "../shard/append/drift.ts";
import type { Caller } from "./authorize.ts";
import { everyShard } from "./shards.ts";

export type ShownDrift = Omit<CountedDrift, "seen"> & { seen: string | null };

/**
 * Every difference with its count, the most frequent first. An unexpected value is part of a body: `seen` is null where
 * the caller sees metadata alone.
 */
export async function driftReport(env: Env, config: Config, sees: Caller["sees"]): Promise<ShownDrift[]> {
  const all = await everyShard(env, config, (stub) => stub.drift());
  const shown = all.flat().map((one): ShownDrift => ({ ...one, seen: isShown(one, sees) ? one.seen : null }));
  const added = new Map<string, ShownDrift>();
  for (const one of shown) {
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

function isShown({ kind }: CountedDrift, sees: Caller["sees"]): boolean {
  return sees === "bodies" || kind !== "unexpected value";
}
