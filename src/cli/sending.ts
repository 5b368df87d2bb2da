/** Callbacks on their way to a gateway, as fast as somebody asks for. */
import { setTimeout as sleep } from "node:timers/promises";
import { printable } from "../callback/text.ts";

/** Longer than the 2 s after which Tencent gives up, so that the real time is shown. */
const timeoutMs = 10_000;

export interface Answer {
  /** Null if there was no answer. */
  status: number | null;
  /** The body, or the reason why there was no answer. */
  text: string;
  ms: number;
}

export async function send(url: string, body: string): Promise<Answer> {
  const start = performance.now();
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    (error: Error) => ({ status: null, text: reason(error) }),
  );
  return { ...answer, ms: performance.now() - start };
}

function reason(error: Error): string {
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const cause = error.cause instanceof Error ? error.cause : error;
  return "code" in cause && cause.code === "ECONNREFUSED"
    ? "no answer: nothing listens there; is the gateway running (npm start)?"
    : `no answer: ${cause.message}`;
}

/** Calls `act` `count` times, from 0 on: `concurrency` at a time, `rate` a second at most. */
export async function repeat<T>(
  act: (index: number) => Promise<T>,
  count: number,
  concurrency: number,
  rate: number,
): Promise<T[]> {
  const start = performance.now();
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      const due = start + (index * 1000) / rate;
      if (due > performance.now()) await sleep(due - performance.now());
      results.push(await act(index));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
  return results;
}

export function describe({ status, text }: Answer): string {
  return printable(status === null ? text : `${status} ${text}`);
}

/** The number of each distinct answer, and the latencies. */
export function summary(answers: readonly Answer[], tookMs: number): string {
  const kinds = Map.groupBy(answers, describe);
  const ms = answers.map((answer) => answer.ms).sort((a, b) => a - b);
  const quantile = (share: number) => ms[Math.ceil(share * ms.length) - 1]!.toFixed(1);
  return [
    ...[...kinds].map(([kind, { length }]) => `${length} × ${kind}`),
    `${answers.length} in ${(tookMs / 1000).toFixed(2)} s, ${Math.round((answers.length * 1000) / tookMs)} a second; ` +
      `latency p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, max ${quantile(1)} ms`,
  ].join("\n");
}
