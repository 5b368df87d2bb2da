/** Replays and erasures in words. */
import type { Client } from "../../client/index.js";
import { counted } from "../counted.ts";
import { hint } from "../hint.ts";
import { shortTime, tookOf } from "../moment.ts";
import { dim, type Piece, say, screenWidth } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";
import { endedOf, type Job } from "./watch.ts";

/** Prints how a job has ended. Returns the exit code: 1 unless all of it succeeded. */
export function sayEnd(job: Job, relay: Client): number {
  const { id, state, matched, failed, destination, startedAt, endedAt } = job;
  const ended = endedOf(job);
  const took = endedAt === null ? "" : ` in ${tookOf(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const what =
    job.kind === "erase"
      ? `erased ${job.erased} of ${counted(matched, "event")}`
      : `sent ${job.sent} of ${counted(matched, "event")} to ${destination}`;
  const isWhole = state === "done" && failed === 0;
  const mark: Piece = isWhole ? { text: "✔ ", style: "green" } : { text: "✘ ", style: "red" };
  say(mark, what, took, state === "done" ? "" : `: ${state}`, dim(`  ${id}`));
  if (failed > 0)
    say(`  ${failed} failed: they are tried again, or dead letters`, dim(`; ${hint(relay, "destinations")}`));
  if (state === "done" && job.kind === "replay" && ended < matched)
    say(`  ${matched - ended} had expired, or fitted no more`);
  if (job.kind === "erase") for (const sentence of job.outOfReach) say(`  out of reach: ${sentence}`);
  return isWhole ? 0 : 1;
}

export function sayJobs(jobs: readonly Job[], now: number): void {
  const columns: Column<Job>[] = [
    { title: "ID", cell: ({ id }) => id },
    { title: "STATE", cell: ({ state }) => jobState(state) },
    { title: "DESTINATION", cell: ({ destination }) => destination ?? dim("erasure"), least: 12 },
    { title: "EVENTS", cell: ({ matched }) => String(matched), right: true },
    { title: "DONE", cell: (job) => String(endedOf(job)), right: true },
    { title: "FAILED", cell: ({ failed }) => failedOf(failed), right: true },
    { title: "STARTED", cell: ({ startedAt }) => shortTime(startedAt, now), optional: true },
    { title: "FROM", cell: ({ since }) => (since ? shortTime(since, now) : ""), optional: true },
    { title: "UNTIL", cell: ({ until }) => shortTime(until, now), optional: true },
  ];
  sayTable(columns, jobs, screenWidth());
}

function failedOf(count: number): Piece {
  return count === 0 ? "0" : { text: String(count), style: "red" };
}

function jobState(state: Job["state"]): Piece {
  return state === "running" ? { text: state, style: "yellow" } : state === "done" ? state : dim(state);
}
