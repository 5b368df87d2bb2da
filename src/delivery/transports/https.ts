/**
 * One POST, repeated if it met a connection that was just being closed.
 *
 * A destination closes idle connections, and may close one at the moment it is used again. The destination is healthy
 * then, and a new connection works. Several connections may have become idle together: each lost post uses up one of
 * them, until a new connection is made. All posts to a host share their number, so that a host that goes down is not
 * flooded. workerd throws the same error for a refused connection. It also throws this error if a connection broke while
 * the destination worked on its answer. The post is therefore repeated only under two conditions. A connection may be
 * left from an earlier answer, and the connection is lost as quickly as a round trip takes.
 */
import { withQuery } from "../message.ts";
import { isLost } from "../no-answer.ts";
import type { Call } from "./transport.ts";

/** A connection that is lost later may have carried a request that was being processed. Milliseconds since the first try. */
const quickLossMs = 500;

/** The largest number of connections of a host that are taken to be idle, and of further tries of one message. */
const maxIdle = 63;

/** The state of a host, as this isolate has seen it. */
interface Host {
  /** Connections that may be idle: each answer leaves one, and each lost post has used one up. */
  idle: number;
  /** Posts in flight. */
  inFlight: number;
  /** The most posts that were in flight at once: not many more connections may have become idle. */
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
    host = { idle: 0, inFlight: 0, peak: 0 };
    hosts.set(name, host);
  }
  return host;
}

/**
 * Posts a message. Rejects as `fetch` does. The destination may get the message more than once, with the same id. If
 * this attempt is the last one, a second try is made even if the host has not answered before.
 */
export const https: Call<"https"> = async (message, { at, now, signal, fetcher, asks = false }) => {
  const { address, query, headers, body } = message;
  const url = withQuery(address.url, query);
  const host = hostOf(url);
  host.peak = Math.max(host.peak, ++host.inFlight);
  try {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await fetcher(url, { method: "POST", headers, body, redirect: "manual", signal });
        // Twice the peak, as a connection whose answer is still being read does not count as in flight.
        host.idle = Math.min(host.idle + 1, 2 * host.peak - 1, maxIdle);
        return answer;
      } catch (error) {
        const wasQuick = !signal.aborted && isLost(error) && Math.abs(now() - at) <= quickLossMs;
        if (!wasQuick || tries > maxIdle) throw error;
        if (host.idle > 0) host.idle--;
        else if (!asks || tries > 1) throw error;
      }
    }
  } finally {
    host.inFlight--;
  }
};
