/** How far a replay or an erasure has come. */
import type { components, Destination } from "../../client/index.js";
import { type Standing, standingOf } from "./standing.ts";

export type Replay = components["schemas"]["Replay"];
export type Erasure = components["schemas"]["Erasure"];
export type Job = Replay | Erasure;

/** Events that have an outcome. */
export function endedOf(job: Job): number {
  return job.kind === "erase" ? job.erased : job.sent + job.failed;
}

/** A share from 0 to 1. Nothing to do is done. */
export function progressOf(job: Job): number {
  return job.matched === 0 ? 1 : Math.min(1, endedOf(job) / job.matched);
}

/** Milliseconds until a running job ends at its mean speed so far; null while that cannot be told. @param now Unix milliseconds */
export function leftOf(job: Job, now: number): number | null {
  const ended = endedOf(job);
  const tookMs = now - Date.parse(job.startedAt);
  if (job.state !== "running" || ended === 0 || tookMs <= 0) return null;
  return (Math.max(0, job.matched - ended) * tookMs) / ended;
}

export type Hold = Exclude<Standing, "up" | "failing">;

/** The state of its destination for which a running job waits; null: it goes on. */
export function holdOf(job: Job, destinations: readonly Destination[]): Hold | null {
  if (job.state !== "running") return null;
  const destination = destinations.find(({ name }) => name === job.destination);
  const standing = destination ? standingOf(destination) : "up";
  return standing === "up" || standing === "failing" ? null : standing;
}
