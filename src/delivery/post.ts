/**
 * One POST, made again where it met a connection that was just being closed.
 *
 * A destination closes a connection that was idle for long enough, and may do so just when it is used again. Then
 * nothing is wrong with the destination, and a new connection works. Several connections may have grown old together:
 * each try uses one of them up, until none is left and a new one is made. workerd throws the very same error for a
 * refused connection, and for one that broke while the answer was being made. So the surroundings decide: the
 * destination has answered before, and the connections are lost as quickly as a way there and back takes.
 */
import type { Message } from "./message.ts";
import { isLost } from "./outcome.ts";

/** A connection that is lost later may have been at work on an answer. Milliseconds since the first try. */
const quickLossMs = 500;

/** A message is tried so many times at most. */
const maxTries = 64;

/** What this isolate has seen of a host. */
interface Host {
  /** It answered the last post: a connection to it may still be open. */
  answers: boolean;
  /** Posts on their way to it, and the most that were so at once: about as many connections may have grown old. */
  underWay: number;
  peak: number;
}

const hosts = new Map<string, Host>();

/** With more hosts the memory begins anew. */
const maxHosts = 1_000;

function hostOf(url: string): Host {
  const [name = url] = /^\w+:\/\/[^/?#]*/.exec(url) ?? [];
  let host = hosts.get(name);
  if (!host) {
    if (hosts.size >= maxHosts) hosts.clear();
    host = { answers: false, underWay: 0, peak: 0 };
    hosts.set(name, host);
  }
  return host;
}

export interface PostOptions {
  /** When it begins; and the clock that says so. Unix milliseconds. */
  at: number;
  now(): number;
  signal: AbortSignal;
  fetcher: typeof fetch;
  /** There is no later attempt: a second try is made whatever the host did before. */
  last?: boolean;
}

/** Rejects as `fetch` does. The receiver may get the message more than once, under the same id. */
export async function post(message: Message, ways: PostOptions): Promise<Response> {
  const { url, headers, body } = message;
  const { at, now, signal, fetcher, last = false } = ways;
  const host = hostOf(url);
  host.peak = Math.max(host.peak, ++host.underWay);
  try {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await fetcher(url, { method: "POST", headers, body, redirect: "manual", signal });
        host.answers = true;
        return answer;
      } catch (error) {
        // Twice, as a connection whose answer is still being read is none that is under way.
        const most = host.answers ? Math.min(2 * host.peak, maxTries) : last ? 2 : 1;
        if (tries < most && !signal.aborted && isLost(error) && Math.abs(now() - at) <= quickLossMs) continue;
        if (tries > 1) host.answers = false;
        throw error;
      }
    }
  } finally {
    host.underWay--;
  }
}
