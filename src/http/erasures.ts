/** Erasures over all shards, as lists of long jobs show them. */
import * as v from "valibot";
import { type ErasureReport, mergeErasure } from "../shard/erase/report.ts";
import { component, count, described, timestamp } from "./answers.ts";
import { time } from "./reply.ts";

/** Copies that an erasure leaves, a sentence each. */
export const outOfReach = [
  "Events that were forwarded before: ask their destinations to erase them.",
  "Archives in R2, queues, and lines of logs.",
  "Backups: Cloudflare can restore a Durable Object to any time of the last 30 days. A copy of a data folder stays.",
  "Freed pages of the shards' database files: they may hold erased bytes until they are used again.",
  "Texts that name the account in no field of accounts, and rows that were damaged.",
  "Filters of live tails that watch the account, until a while after their viewers leave.",
  "Patterns of replays that run, until they end.",
  "Events that came after the erasure began.",
] as const;

/** Of a replay or an erasure. */
export const partly = v.exactOptional(
  described(
    v.boolean(),
    "True where a shard does not answer: what it has done is missing in the counts, and it may still run.",
  ),
);

export const erasure = component("Erasure", "The erasure of an account from the kept events.", {
  id: v.string(),
  kind: v.literal("erase"),
  target: described(v.string(), "The first 8 hexadecimal digits of the account's SHA-256."),
  destination: v.null(),
  since: v.null(),
  until: described(timestamp, "Events that came later stay as they are."),
  state: described(v.picklist(["running", "done"]), "`done`: on every shard."),
  matched: described(count, "Events that named the account at the beginning."),
  erased: described(count, "Events that are erased so far."),
  sent: count,
  failed: count,
  startedAt: timestamp,
  endedAt: v.nullable(timestamp),
  estimated: partly,
  outOfReach: described(v.array(v.string()), "Copies that an erasure leaves, a sentence each."),
});

export type Erasure = v.InferOutput<typeof erasure>;

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
