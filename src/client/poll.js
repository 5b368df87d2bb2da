/** Polls: a receiver without an address fetches its events. */
import { pathPart } from "./path-part.js";
import { jsonOf } from "./request.js";
import { searchOf } from "./search.js";

/** @import { Polled, PollOptions } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/** How long the gateway waits for an event, seconds. It is less than an answer is waited for. */
const longestWait = 20;

/** A client that gives answers too little time for a wait pauses between polls instead. Milliseconds. */
const pauseMs = 1_000;

/**
 * @param {Target} target
 * @param {string} name
 * @param {PollOptions} [options]
 * @returns {AsyncGenerator<Polled, void, void>}
 */
export async function* polled(target, name, { limit, after = "", signal } = {}) {
  const wait = Math.min(longestWait, Math.floor(target.timeoutMs / 2_000));
  for (;;) {
    const query = { wait, after, ...(limit !== undefined && { limit }) };
    const address = `/api/poll/${pathPart("name", name)}${searchOf(query)}`;
    const answer = /** @type {Polled} */ (await jsonOf(target, "GET", address, { signal }));
    if (answer.events.length > 0) yield answer;
    else if (wait === 0) await pause(signal);
    after = answer.after;
  }
}

/**
 * @param {AbortSignal} [signal] ends it early
 * @returns {Promise<void>}
 */
function pause(signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, pauseMs);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
