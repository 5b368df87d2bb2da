/**
 * One POST, and a second one where the first met a connection that was just being closed.
 *
 * A destination closes a connection that was idle for long enough, and may do so just when it is used again. Then
 * nothing is wrong with the destination, and a new connection works. workerd throws the very same error for a refused
 * connection, and for one that broke while the answer was being made. So the surroundings decide: the destination has
 * answered before, and the connection is lost as quickly as a way there and back takes.
 */
import type { Message } from "./message.ts";
import { isLost } from "./outcome.ts";

/** A connection that is lost later may have been at work on an answer. Milliseconds. */
const quickly = 500;

/** Hosts that answered this isolate's last posts: a connection to them may still be open. */
const answering = new Set<string>();

/** With more hosts the memory begins anew. */
const most = 1_000;

export interface PostWays {
  /** When it begins; and the clock that says so. Unix milliseconds. */
  at: number;
  now(): number;
  signal: AbortSignal;
  fetcher: typeof fetch;
  /** There is no later attempt: the second POST is made whatever the host did before. */
  last?: boolean;
}

/** Rejects as `fetch` does. The receiver may get the message twice, under the same id. */
export async function post(message: Message, ways: PostWays): Promise<Response> {
  const { url, headers, body } = message;
  const { at, now, signal, fetcher, last = false } = ways;
  const [host = url] = /^\w+:\/\/[^/?#]*/.exec(url) ?? [];
  const once = async () => {
    const answer = await fetcher(url, { method: "POST", headers, body, redirect: "manual", signal });
    if (answering.size >= most) answering.clear();
    answering.add(host);
    return answer;
  };
  try {
    return await once();
  } catch (error) {
    const mayBeStale = last || answering.has(host);
    if (!mayBeStale || signal.aborted || !isLost(error) || Math.abs(now() - at) > quickly) throw error;
  }
  try {
    return await once();
  } catch (error) {
    answering.delete(host);
    throw error;
  }
}
