/** Where each destination stands over all shards. */
import type { Config } from "../config.ts";
import type { DestinationReport } from "../shard/pump/report.ts";
import { forwards } from "./recipients.ts";
import { everyShard } from "./shards.ts";

/** The first state that any shard reports is the destination's state. */
const worstFirst = ["disabled", "paused", "open", "up"] as const;

/** Every destination that any shard knows, also one whose rule is wrong or gone, with the worst state of each. */
export async function destinationReports(env: Env, config: Config): Promise<Map<string, DestinationReport>> {
  return mergeReports(await everyShard(env, config, (stub) => stub.destinations()));
}

/** Whether a rule forwards to a destination, or something is left of it: dead letters outlive their rule. */
export async function destinationIsKnown(name: string, env: Env, config: Config): Promise<boolean> {
  return forwards(config, name) || (await destinationReports(env, config)).has(name);
}

/** The same with exact counts, unless a backlog is very long. An older version of a shard estimates. */
export async function countedReports(env: Env, config: Config): Promise<Map<string, DestinationReport>> {
  const shards = await everyShard(env, config, (stub) =>
    stub.countedDestinations().catch(() => stub.destinations()),
  );
  return mergeReports(shards);
}

export function mergeReports(
  shards: readonly (readonly DestinationReport[])[],
): Map<string, DestinationReport> {
  const worst = new Map<string, DestinationReport>();
  for (const report of shards.flat()) {
    const other = worst.get(report.name);
    worst.set(report.name, other ? merge(other, report) : report);
  }
  return worst;
}

function merge(a: DestinationReport, b: DestinationReport): DestinationReport {
  return {
    name: a.name,
    state: worstFirst.find((state) => a.state === state || b.state === state)!,
    waiting: a.waiting + b.waiting,
    estimated: a.estimated || b.estimated,
    retrying: a.retrying + b.retrying,
    dead: a.dead + b.dead,
    expired: a.expired + b.expired,
    delivered: a.delivered + b.delivered,
    failed: a.failed + b.failed,
    fitted: (a.fitted ?? 0) + (b.fitted ?? 0),
    waitingSince: earliest(a.waitingSince, b.waitingSince),
    lastSuccessAt: latest(a.lastSuccessAt, b.lastSuccessAt),
    lastError: a.lastError ?? b.lastError,
    heldUntil: latest(a.heldUntil, b.heldUntil),
    full: a.full || b.full,
    delayed: a.delayed + b.delayed,
    forgottenAt: latest(a.forgottenAt, b.forgottenAt),
  };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
