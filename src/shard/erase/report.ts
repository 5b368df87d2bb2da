/** A shard's part of an erasure, for the API. */
import type { ErasureRow } from "./table.ts";

/** Nothing of it names the account. */
export interface ErasureReport
  extends Pick<ErasureRow, "id" | "target" | "matched" | "erased" | "started" | "ended"> {
  shard: number;
}

/** @param parts of one erasure, at least one; the parts that are still to begin come first */
export function mergeErasure(parts: readonly ErasureReport[]): Omit<ErasureReport, "shard"> {
  const [{ id, target, started }] = parts as [ErasureReport];
  // A shard that has begun may still be listed as one to be told.
  const shards = [...new Map(parts.map((part) => [part.shard, part])).values()];
  const sum = (key: "matched" | "erased") => shards.reduce((all, part) => all + part[key], 0);
  const isDone = parts.every(({ ended }) => ended !== null);
  const ended = isDone ? Math.max(...parts.map(({ ended }) => ended!)) : null;
  return { id, target, started, matched: sum("matched"), erased: sum("erased"), ended };
}
