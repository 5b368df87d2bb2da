/**
 * Sends callbacks, in a process of its own. `closed`: autocannon, every connection sends again as soon as it is
 * answered. `open`: so many a second, whether answers come or not. Its times count from the intended time of a callback:
 * a sender or a gateway that was late for one must not hide the wait of the next.
 *
 * Its argument is how many milliseconds an answer may take. It takes `{id, load}` and gives `{id, outcome}` or
 * `{id, error}` as messages of its parent.
 */
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { bodies, type Kind, queryOf } from "./callbacks.ts";
import { quantile } from "./sample.ts";
import { arrivals, seeded } from "./schedule.ts";

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
  /** Anything else, an answer that came too late included: Tencent would have given up. */
  failed: number;
  /** Answers with 200 that came too late. */
  tooLate: number;
  perSecond: number;
  /** Milliseconds to the answer, whatever it is; one that never comes counts as the longest wait. */
  p50: number | null;
  p99: number | null;
  /** By how much the sender itself was late, milliseconds; null in closed mode. */
  lateP99: number | null;
}

interface Autocannon {
  on(event: "response", listen: (client: unknown, status: number, bytes: number, ms: number) => void): void;
  on(event: "start" | "reqError", listen: () => void): void;
  stop(): void;
}
const autocannon: (options: object, done: (error: Error | null) => void) => Autocannon = createRequire(
  import.meta.url,
)("autocannon");

const patienceMs = Number(process.argv[2]);

/** An answer is waited for as long. */
const longestMs = 5 * patienceMs;

/** More than any gateway here accepts in a second: requests are made before they are sent. *bare* gets some twice. */
const mostPerSecond = 8_000;

async function closed(load: Load & { mode: "closed" }): Promise<Outcome> {
  const next = bodies(load.kind, load.size);
  const ofEach = Math.ceil((mostPerSecond * load.seconds) / load.connections);
  const latencies: number[] = [];
  let accepted = 0;
  let failed = 0;
  let tooLate = 0;
  let startedAt = 0;
  let endedAt = 0;
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: load.url,
        connections: load.connections,
        duration: longestMs / 1_000 + load.seconds,
        sampleInt: 50,
        timeout: longestMs / 1_000,
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
    // On a busy machine a short run waits for its first answer.
    let isOver = false;
    const stopIfOver = () => {
      if (isOver && latencies.length + failed > 0) run.stop();
    };
    run.on("start", () => {
      startedAt = performance.now();
      setTimeout(() => {
        isOver = true;
        stopIfOver();
      }, load.seconds * 1_000);
    });
    run.on("response", (_client, status, _bytes, ms) => {
      endedAt = performance.now();
      latencies.push(ms);
      if (status === 200 && ms <= patienceMs) accepted++;
      else failed++;
      if (status === 200 && ms > patienceMs) tooLate++;
      stopIfOver();
    });
    run.on("reqError", () => {
      failed++;
      stopIfOver();
    });
  });
  return outcomeOf({ latencies, accepted, failed, tooLate }, Math.max(1, endedAt - startedAt));
}

async function open(load: Load & { mode: "open" }): Promise<Outcome> {
  const next = bodies(load.kind, load.size);
  const agent = new Agent({ keepAlive: true });
  const headers = { "content-type": "application/json" };
  const latencies: number[] = [];
  const late: number[] = [];
  let accepted = 0;
  let failed = 0;
  let tooLate = 0;
  const sendOne = (due: number) =>
    new Promise<void>((resolve) => {
      const url = load.url + signed(load.kind, Date.now());
      const ended = (status: number | undefined, ms: number) => {
        latencies.push(ms);
        if (status === 200 && ms <= patienceMs) accepted++;
        else failed++;
        if (status === 200 && ms > patienceMs) tooLate++;
        resolve();
      };
      const sending = request(url, { method: "POST", agent, headers, timeout: longestMs }, (answer) => {
        answer.resume().on("end", () => ended(answer.statusCode, performance.now() - due));
      });
      sending.on("timeout", () => sending.destroy(new Error("no answer")));
      sending.on("error", () => ended(undefined, longestMs));
      sending.end(next(Math.floor(performance.timeOrigin + due)));
      late.push(performance.now() - due);
    });

  const startedAt = performance.now();
  const sent: Promise<void>[] = [];
  for (const after of arrivals(load.perSecond, load.seconds, seeded(20_261_122))) {
    const due = startedAt + after;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    sent.push(sendOne(due));
  }
  await Promise.all(sent);
  agent.destroy();
  return {
    ...outcomeOf({ latencies, accepted, failed, tooLate }, load.seconds * 1_000),
    lateP99: quantile(late, 0.99),
  };
}

interface Answers {
  latencies: readonly number[];
  accepted: number;
  failed: number;
  tooLate: number;
}

function outcomeOf({ latencies, accepted, failed, tooLate }: Answers, ms: number): Outcome {
  return {
    accepted,
    failed,
    tooLate,
    perSecond: (accepted * 1_000) / ms,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    lateP99: null,
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

process.on("message", async ({ id, load }: { id: number; load: Load }) => {
  try {
    process.send!({ id, outcome: load.mode === "closed" ? await closed(load) : await open(load) });
  } catch (error) {
    process.send!({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit());
