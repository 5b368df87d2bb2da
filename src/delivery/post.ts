/**
 * One POST, repeated if it met a connection that was just being closed.
 *
 * A destination closes idle connections, and may close one at the moment it is used again. The destination is healthy
 * then, and a new connection works. Several connections may have become idle together: each try uses up one of them,
 * until a new connection is made. workerd throws the same error for a refused connection. It also throws this error if
 * a connection broke while the destination worked on its answer. The post is therefore repeated only under two
 * conditions. The destination has answered before, and the connection is lost as quickly as a round trip takes.
 */
import type { Message } from "./message.ts";
import { isLost } from "./outcome.ts";

/** A connection that is lost later may have carried a request that was being processed. Milliseconds since the first try. */
const quickLossMs = 500;

/** The largest number of tries of one message. */
const maxTries = 64;

/** The state of a host, as this isolate has seen it. */
interface Host {
  /** The host answered the last post: a connection to it may still be open. */
  answers: boolean;
  /** Posts in flight. */
  inFlight: number;
  /** The most posts that were in flight at once: about so many connections may have become idle. */
  peak: number;
}

const hosts = new Map<string, Host>();

/** With more hosts, all states are dropped. */
const maxHosts = 1_000;

function hostOf(url: string): Host {
  const [name = url] = /^\w+:\/\/[^/?#]*/.exec(url) ?? [];
  let host = hosts.get(name);
  if (!host) {
    if (hosts.size >= maxHosts) hosts.clear();
    host = { answers: false, inFlight: 0, peak: 0 };
    hosts.set(name, host);
  }
  return host;
}

export interface PostOptions {
  /** The start of the attempt, Unix milliseconds. */
  at: number;
  /** The clock, Unix milliseconds. */
  now(): number;
  signal: AbortSignal;
  fetcher: typeof fetch;
  /** There is no later attempt: a second try is made even if the host has not answered before. */
  last?: boolean;
}

/** Posts a message. Rejects as `fetch` does. The destination may get the message more than once, with the same id. */
export async function post(message: Message, options: PostOptions): Promise<Response> {
  const { url, headers, body } = message;
  const { at, now, signal, fetcher, last = false } = options;
  const host = hostOf(url);
  host.peak = Math.max(host.peak, ++host.inFlight);
  try {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await fetcher(url, { method: "POST", headers, body, redirect: "manual", signal });
        host.answers = true;
        return answer;
      } catch (error) {
        // Twice the peak, as a connection whose answer is still being read does not count as in flight.
        const most = host.answers ? Math.min(2 * host.peak, maxTries) : last ? 2 : 1;
        if (tries < most && !signal.aborted && isLost(error) && Math.abs(now() - at) <= quickLossMs) continue;
        if (tries > 1) host.answers = false;
        throw error;
      }
    }
  } finally {
    host.inFlight--;
  }
}
