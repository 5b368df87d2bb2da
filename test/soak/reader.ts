/** Reads the API of a gateway every second, as a dashboard, Prometheus and an operator would. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Destination } from "../support/api.ts";
import type { Gateway } from "./gateway.ts";

/** An answer that is not 200, or none, with the time of its request. */
export interface ReadFailure {
  from: number;
  until: number;
  problem: string;
}

export interface Reader {
  reads: number;
  slowest: { path: string; ms: number };
  failures: ReadFailure[];
  /** When the oldest event that waits was received, Unix milliseconds; null if none waits. */
  oldest: number | null;
  waiting: number;
  retrying: number;
  dead: number;
  /** Resolves when the last look has ended. */
  ended: Promise<void>;
}

const everyMs = 1_000;
const mostFailures = 10_000;

export function startReader(gateway: Gateway, ending: AbortSignal): Reader {
  let turn = 0;
  let lastEvent: string | null = null;

  const read = async (path: string): Promise<unknown> => {
    const from = Date.now();
    const fail = (problem: string) => {
      if (reader.failures.length < mostFailures)
        reader.failures.push({ from, until: Date.now(), problem: `${path}: ${problem}` });
      return null;
    };
    reader.reads++;
    try {
      const response = await gateway.request(path);
      const text = await response.text();
      const ms = Date.now() - from;
      if (ms > reader.slowest.ms) reader.slowest = { path, ms };
      if (response.status !== 200) return fail(`${response.status} ${text.slice(0, 200)}`);
      return path === "/metrics" ? text : JSON.parse(text);
    } catch (error) {
      return fail(error instanceof Error ? String(error.cause ?? error.message) : String(error));
    }
  };
  const look = async () => {
    turn++;
    const destinations = (await read("/api/destinations")) as Destination[] | null;
    if (destinations !== null) {
      const since = destinations.flatMap(({ waitingSince }) =>
        waitingSince ? [Date.parse(waitingSince)] : [],
      );
      reader.oldest = since.length === 0 ? null : Math.min(...since);
      for (const sum of ["waiting", "retrying", "dead"] as const)
        reader[sum] = destinations.reduce((total, one) => total + one[sum], 0);
    }
    const page = (await read("/api/events?limit=50")) as { events: { id: string }[] } | null;
    if (page !== null) lastEvent = page.events.at(-1)?.id ?? null;
    if (lastEvent !== null) await read(`/api/events/${lastEvent}`);
    await read("/metrics");
    await read("/health");
    const rare = [
      "/api/events?text=durian&limit=20",
      "/api/events?account=user-1&limit=20",
      "/api/events?state=dead&limit=20",
      "/api/events?state=quarantined&limit=20",
      "/api/events?conversation=group:@TGS%23soak-7&limit=20",
      "/api/events?command=Sns.*&since=1m&limit=20",
      "/api/stats?minutes=60",
      "/api/dead-letters?limit=20",
      "/api/drift",
      "/api/verdicts/diff?rule=trial&since=1m",
    ];
    await read(rare[turn % rare.length]!);
  };
  const reader: Reader = {
    reads: 0,
    slowest: { path: "", ms: 0 },
    failures: [],
    oldest: null,
    waiting: 0,
    retrying: 0,
    dead: 0,
    ended: Promise.resolve(),
  };
  reader.ended = (async () => {
    while (!ending.aborted) {
      const next = performance.now() + everyMs;
      await look();
      await sleep(Math.max(0, next - performance.now()), null, { signal: ending }).catch(() => {});
    }
  })();
  return reader;
}
