/**
 * Sends callbacks, in a process of its own. `closed`: autocannon, every connection sends again as soon as it is
 * answered. `open`: so many a second, at random times, whether answers come or not, as callbacks do come.
 *
 * It takes `{id, load}` and gives `{id, outcome}` or `{id, error}` as messages of its parent.
 */
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { bodies, type Kind, queryOf } from "./callbacks.ts";
import { quantile } from "./sample.ts";

interface Common {
  url: string;
  seconds: number;
  kind: Kind;
  /** Bytes of a body. */
  size: number;
}

export type Load = Common & ({ mode: "closed"; connections: number } | { mode: "open"; perSecond: number });

export interface Outcome {
  /** Answers with 200. */
  accepted: number;
  /** Anything else, an answer after 2 s included: Tencent would have given up. */
  failed: number;
  perSecond: number;
  /** Milliseconds to the answer. */
  p50: number | null;
  p99: number | null;
}

interface Autocannon {
  on(event: "response", listen: (client: unknown, status: number, bytes: number, ms: number) => void): void;
  on(event: "start" | "reqError", listen: () => void): void;
}
const autocannon: (options: object, done: (error: Error | null) => void) => Autocannon = createRequire(
  import.meta.url,
)("autocannon");

const patienceMs = 2_000;

/** More than any gateway here accepts in a second: requests are made before they are sent. *bare* gets some twice. */
const mostPerSecond = 8_000;

async function closed(load: Load & { mode: "closed" }): Promise<Outcome> {
  const next = bodies(load.kind, load.size);
  const ofEach = Math.ceil((mostPerSecond * load.seconds) / load.connections);
  const latencies: number[] = [];
  let failed = 0;
  let startedAt = 0;
  let endedAt = 0;
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: load.url,
        connections: load.connections,
        duration: load.seconds,
        sampleInt: 50,
        timeout: 10,
        method: "POST",
        headers: { "content-type": "application/json" },
        setupClient(client: { setRequests(requests: { path: string; body: string }[]): void }) {
          const now = Date.now();
          const path = new URL(load.url).pathname + signed(load.kind, now);
          client.setRequests(Array.from({ length: ofEach }, () => ({ path, body: next(now) })));
        },
      },
      (error) => (error ? reject(error) : resolve()),
    );
    run.on("start", () => {
      startedAt = performance.now();
    });
    run.on("response", (_client, status, _bytes, ms) => {
      endedAt = performance.now();
      if (status === 200 && ms <= patienceMs) latencies.push(ms);
      else failed++;
    });
    run.on("reqError", () => failed++);
  });
  return outcomeOf(latencies, failed, endedAt - startedAt);
}

async function open(load: Load & { mode: "open" }): Promise<Outcome> {
  const next = bodies(load.kind, load.size);
  const agent = new Agent({ keepAlive: true });
  const chance = seeded(20_261_122);
  const latencies: number[] = [];
  let failed = 0;
  const sendOne = (due: number) =>
    new Promise<void>((resolve) => {
      const url = load.url + signed(load.kind, Date.now());
      const headers = { "content-type": "application/json" };
      const sending = request(url, { method: "POST", agent, headers, timeout: 10_000 }, (answer) => {
        answer.resume().on("end", () => {
          const ms = performance.now() - due;
          if (answer.statusCode === 200 && ms <= patienceMs) latencies.push(ms);
          else failed++;
          resolve();
        });
      });
      sending.on("timeout", () => sending.destroy(new Error("no answer")));
      sending.on("error", () => {
        failed++;
        resolve();
      });
      sending.end(next(Date.now()));
    });

  const startedAt = performance.now();
  const until = startedAt + load.seconds * 1000;
  const sent: Promise<void>[] = [];
  for (let due = startedAt; due < until; due += (-Math.log(1 - chance()) * 1000) / load.perSecond) {
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    sent.push(sendOne(due));
  }
  await Promise.all(sent);
  agent.destroy();
  return outcomeOf(latencies, failed, load.seconds * 1000);
}

function outcomeOf(latencies: readonly number[], failed: number, ms: number): Outcome {
  return {
    accepted: latencies.length,
    failed,
    perSecond: (latencies.length * 1000) / ms,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

const queries = new Map<Kind, { second: number; text: string }>();

/** A query is signed once a second. */
function signed(kind: Kind, now: number): string {
  const second = Math.floor(now / 1000);
  const last = queries.get(kind);
  if (last?.second === second) return last.text;
  const text = queryOf(kind, now);
  queries.set(kind, { second, text });
  return text;
}

/** Numbers from 0 to 1, the same in every run: a linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

process.on("message", async ({ id, load }: { id: number; load: Load }) => {
  try {
    process.send!({ id, outcome: load.mode === "closed" ? await closed(load) : await open(load) });
  } catch (error) {
    process.send!({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit());
