/** Erasures over all shards, as lists of long jobs show them. */

import { say } from "../sentence.ts";
import { type ErasureReport, mergeErasure } from "../shard/erase/report.ts";
import type { Erasure } from "./operations/replays.ts";
import { time } from "./reply.ts";

/** Copies that an erasure leaves, a sentence each. */
export const outOfReach = [
  say`Events that were forwarded before: ask their destinations to erase them.`,
  say`Archives in R2, queues, and lines of logs.`,
  say`Backups: Cloudflare can restore a Durable Object to any time of the last 30 days. A copy of a data folder stays.`,
  say`Freed pages of the shards' database files: they may hold erased bytes until they are used again.`,
  say`Texts that name the account in no field of accounts, and rows that were damaged.`,
  say`Filters of live tails that watch the account, until a while after their viewers leave.`,
  say`Patterns of replays that run, until they end.`,
  say`Events that came after the erasure began.`,
] as const;

/**
 * Erasures by the parts of all shards, the newest first.
 * @param partial a shard is silent: its parts are missing, and may not be done
 */
export function erasuresOf(rows: readonly ErasureReport[], partial: boolean): Erasure[] {
  const merged = [...Map.groupBy(rows, ({ id }) => id).values()].map((parts) => erasureJson(parts, partial));
  return merged.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

function erasureJson(parts: readonly ErasureReport[], partial: boolean): Erasure {
  const { id, target, started, matched, erased, ended } = mergeErasure(parts);
  const endedAt = partial ? null : ended;
  return {
    id,
    kind: "erase",
    target,
    destination: null,
    since: null,
    until: time(started),
    state: endedAt === null ? "running" : "done",
    matched,
    erased,
    sent: 0,
    failed: 0,
    startedAt: time(started),
    endedAt: time(endedAt),
    ...(partial && { estimated: true }),
    outOfReach: [...outOfReach],
  };
}
