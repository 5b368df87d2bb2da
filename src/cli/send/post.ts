/** Callbacks on their way to a gateway, at the rate that is asked for. */
import { setTimeout as sleep } from "node:timers/promises";
import { printable } from "../../callback/text.ts";

export interface Answer {
  /** Null if there was no answer. */
  status: number | null;
  text: string;
  ms: number;
  /** Why this is not the answer of a gateway; null if it is one, which may be a refusal. */
  failure: string | null;
}

/** @param from where the URL comes from, for a sentence */
export async function post(url: string, body: string, timeoutMs: number, from: string): Promise<Answer> {
  const start = performance.now();
  const { origin } = new URL(url);
  let status: number | null = null;
  let text = "";
  let failure: string | null;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
    status = response.status;
    failure = isObject(text) ? null : otherServer(origin, response, from);
  } catch (error) {
    failure = reasonOf(error as Error, origin, timeoutMs, from);
  }
  return { status, text, ms: performance.now() - start, failure };
}

/** A gateway answers each callback with an object of JSON. */
function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function otherServer(origin: string, { status, headers }: Response, from: string): string {
  const type = headers.get("content-type")?.split(";")[0] ?? "no content type";
  return `${origin} answered ${status} and ${type}, and not as a gateway does: it is another server, or a proxy stands before it; the address is that of ${from}`;
}

function reasonOf(error: Error, origin: string, timeoutMs: number, from: string): string {
  if (error.name === "TimeoutError")
    return `${origin} has not answered within ${timeoutMs / 1000} s: --timeout waits longer`;
  const cause = (error.cause ?? error) as Error & { code?: string };
  switch (cause.code) {
    case "ECONNREFUSED":
      return `nothing listens on ${origin}: is the gateway running (npm start)?`;
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
      return `${origin} broke the connection off: try again in a moment`;
    default:
      return `${origin} cannot be reached: ${cause.message}: is the address of ${from} right?`;
  }
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

export function describe({ status, text, failure }: Answer): string {
  return printable(failure ?? `${status} ${text}`);
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
