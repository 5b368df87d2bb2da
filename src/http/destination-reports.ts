/** Where each destination stands over all shards. */
import { inTime } from "../in-time.ts";
import type { DestinationReport } from "../shard/pump/report.ts";
import type { Shard } from "../shard/shard.ts";
import { askMost, type Place } from "./ask-each.ts";
import { forwards } from "./recipients.ts";

/** Counting is not waited for any longer. Milliseconds. */
const countWithinMs = 1_500;

/** The first state that any shard reports is the destination's state. */
const worstFirst = ["disabled", "paused", "open", "up"] as const;

/** The reports of the shards that answer. */
export interface Reports {
  /** Every destination that any shard knows, also one whose rule is wrong or gone, with the worst state of each. */
  reports: Map<string, DestinationReport>;
  missing: number[];
}

/** Throws a refusal where no shard answers. */
export async function destinationReports(place: Place): Promise<Reports> {
  const { answers, missing } = await askMost(place, "destinations", (stub) => stub.destinations());
  return { reports: mergeReports(answers), missing };
}

/**
 * Whether a rule forwards to a destination, or something is left of it: dead letters outlive their rule. A silent shard
 * may know it.
 */
export async function destinationIsKnown(name: string, place: Place): Promise<boolean> {
  if (forwards(place.config, name)) return true;
  const { reports, missing } = await destinationReports(place);
  return reports.has(name) || missing.length > 0;
}

/** The report of a shard with exact counts. It estimates a very long backlog, and any where it is busy. */
export async function countedDestinations(stub: DurableObjectStub<Shard>): Promise<DestinationReport[]> {
  return inTime(stub.countedDestinations(), countWithinMs, () => stub.destinations());
}

/** The reports of all shards as one for each destination, by its name. */
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
    concurrency: (a.concurrency ?? 0) + (b.concurrency ?? 0),
    waitingSince: earliest(a.waitingSince, b.waitingSince),
    lastSuccessAt: latest(a.lastSuccessAt, b.lastSuccessAt),
    lastError: a.lastError ?? b.lastError,
    heldUntil: latest(a.heldUntil, b.heldUntil),
    ...awaiting(a.awaits ?? b.awaits),
    full: a.full || b.full,
    delayed: a.delayed + b.delayed,
    forgottenAt: latest(a.forgottenAt, b.forgottenAt),
  };
}

/** A receiver that comes by itself is there for all shards, or for none: a shard may hear of it late. */
function awaiting(awaits: DestinationReport["awaits"]): Pick<DestinationReport, "awaits"> {
  return awaits === undefined ? {} : { awaits };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
