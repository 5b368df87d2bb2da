/** A shard's part of a replay, for the API. */
import type { ReplayRow } from "./table.ts";

export interface ReplayReport
  extends Pick<
    ReplayRow,
    "id" | "destination" | "since" | "until" | "state" | "matched" | "sent" | "failed" | "started" | "ended"
  > {
  /** Shard 0's: `matched` of all shards. Null on other shards. */
  total: number | null;
  /** Shard 0's: how many shards are still to be told. */
  untold: number;
}

export function reportOf(row: ReplayRow): ReplayReport {
  const { id, destination, since, until, state, matched, sent, failed, started, ended, total, untold } = row;
  return {
    id,
    destination,
    since,
    until,
    state,
    matched,
    sent,
    failed,
    started,
    ended,
    total,
    untold: untold.length,
  };
}

/** The same replay over all shards: it is done when each shard's part is. */
export function mergeReplays(parts: readonly ReplayReport[]): ReplayReport[] {
  const byId = Map.groupBy(parts, ({ id }) => id);
  return [...byId.values()].map((all) => {
    const sum = (key: "matched" | "sent" | "failed" | "untold") =>
      all.reduce((total, part) => total + part[key], 0);
    const whole = all.find(({ total }) => total !== null);
    const isRunning = sum("untold") > 0 || all.some(({ state }) => state === "running");
    const isCancelled = all.some(({ state }) => state === "cancelled");
    const state = isCancelled ? "cancelled" : isRunning ? "running" : "done";
    const ended = state === "running" ? null : Math.max(...all.map(({ ended }) => ended ?? 0));
    return {
      ...(whole ?? all[0]!),
      state,
      matched: whole?.total ?? sum("matched"),
      sent: sum("sent"),
      failed: sum("failed"),
      untold: sum("untold"),
      ended,
    };
  });
}
