/** Follows a replay or an erasure until it has ended. It runs at the gateway: the end of this program changes nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, components } from "../../client/index.js";
import { counted } from "../counted.ts";
import { hint } from "../hint.ts";
import { goesOn } from "../interrupt.ts";
import { spanOf } from "../moment.ts";
import { passes, waitBefore } from "../outage.ts";
import { StatusLine } from "../status-line.ts";

export type Replay = components["schemas"]["Replay"];
export type Erasure = components["schemas"]["Erasure"];
export type Job = Replay | Erasure;

const lookEveryMs = 500;

/** A replay that has moved nothing for so long waits for its destination. */
const restingMs = 3_000;

/** Outages in a row that are waited out: about two minutes. */
const mostOutages = 14;

/** Resolves with the job when it has ended. */
export function watched(relay: Client, id: string): Promise<Job> {
  return goesOn(
    `${id} goes on at the gateway: ${hint(relay, `replay --watch ${id}`)}, or --cancel ${id}`,
    () => untilEnd(relay, id),
  );
}

async function untilEnd(relay: Client, id: string): Promise<Job> {
  const line = new StatusLine();
  try {
    const pace = new Pace();
    let reason = "";
    for (;;) {
      const job = await stateOf(relay, id, line);
      if (job.state !== "running") return job;
      pace.saw(endedOf(job), performance.now());
      if (pace.restsFor(performance.now()) < restingMs) reason = "";
      else if (reason === "") {
        reason = await reasonToRest(relay, job);
        if (reason !== "") line.tell(`${id} waits: ${reason}`);
      }
      line.show(progressOf(job, reason || pace.left(job.matched, performance.now())));
      await sleep(lookEveryMs);
    }
  } finally {
    line.clear();
  }
}

/** How the job stands; an outage of the gateway is waited out, because the job survives it. */
async function stateOf(relay: Client, id: string, line: StatusLine): Promise<Job> {
  for (let outages = 0; ; outages++) {
    try {
      return await relay.get("/api/replays/{id}", { path: { id } });
    } catch (error) {
      if (!passes(error) || outages === mostOutages) throw error;
      line.show(`${error.message}; asking again`);
      await sleep(waitBefore(outages, Math.random()));
    }
  }
}

/** Events that have an outcome. */
export function endedOf(job: Job): number {
  return job.kind === "erase" ? job.erased : job.sent + job.failed;
}

/** `audit ███░░ 60 %, 6 of 10 events, 1 failed, 2s left` */
export function progressOf(job: Job, more: string): string {
  const ended = endedOf(job);
  const share = job.matched === 0 ? 1 : Math.min(1, ended / job.matched);
  const full = Math.floor(share * barLength);
  const bar = "█".repeat(full) + "░".repeat(barLength - full);
  const parts = [
    `${Math.floor(share * 100)} %`,
    `${ended} of ${counted(job.matched, "event")}`,
    job.failed > 0 ? `${job.failed} failed` : "",
    more,
  ];
  return `${job.destination ?? "erasing"} ${bar} ${parts.filter(Boolean).join(", ")}`;
}

const barLength = 20;

async function reasonToRest(relay: Client, { destination: name }: Job): Promise<string> {
  if (name === null) return "";
  const all = await relay.get("/api/destinations").catch(() => []);
  const { state, awaits } = all.find((one) => one.name === name) ?? {};
  if (awaits) return `${name} waits for a ${awaits}`;
  if (state === "paused") return `${name} is paused; ${hint(relay, `resume ${name}`)}`;
  if (state === "open") return `${name} is down and is probed`;
  return state === "disabled" ? `${name} is disabled; ${hint(relay, `resume ${name}`)}` : "";
}

/** How fast a job goes, as seen from here. Times are milliseconds of one clock. */
export class Pace {
  #first: { count: number; at: number } | null = null;
  #last = { count: -1, at: 0 };

  saw(count: number, at: number): void {
    this.#first ??= { count, at };
    if (count !== this.#last.count) this.#last = { count, at };
  }

  /** How long nothing has changed. */
  restsFor(now: number): number {
    return now - this.#last.at;
  }

  /** `12s left`; empty while it cannot be told. */
  left(total: number, now: number): string {
    const done = this.#last.count - (this.#first?.count ?? 0);
    if (done <= 0 || this.#first === null) return "";
    return `${spanOf(((total - this.#last.count) * (now - this.#first.at)) / done)} left`;
  }
}
