/** How callbacks differ from Tencent's documents, over all shards. */
import { catalogue } from "../callback/catalogue.ts";
import { withoutUnknownName } from "../callback/drift.ts";
import type { CountedDrift } from "../shard/append/drift.ts";
import type { Caller } from "./authorize.ts";

export type ShownDrift = Omit<CountedDrift, "seen"> & { seen: string | null };

/** Every difference with its count, the most frequent first. @param all those of each shard */
export function mergeDrift(all: readonly CountedDrift[], sees: Caller["sees"]): ShownDrift[] {
  const shown = all.map((one) => (sees === "bodies" ? one : withoutBody(one)));
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

/** An unexpected value and the name of an unknown field are parts of a body. */
function withoutBody(drift: CountedDrift): ShownDrift {
  if (drift.kind === "unexpected value") return { ...drift, seen: null };
  if (drift.kind !== "unknown field") return drift;
  return { ...drift, path: withoutUnknownName(catalogue.get(drift.command) ?? null, drift.path) };
}
