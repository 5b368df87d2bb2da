/** Polls: a receiver without an address fetches its events. */
import { jsonOf } from "./request.js";
import { searchOf } from "./search.js";

/** @import { Polled, PollOptions } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/** How long the gateway waits for an event, seconds. It is less than an answer is waited for. */
const longestWait = 20;

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
    const address = `/api/poll/${encodeURIComponent(name)}${searchOf(query)}`;
    const answer = /** @type {Polled} */ (await jsonOf(target, "GET", address, { signal }));
    if (answer.events.length > 0) yield answer;
    after = answer.after;
  }
}
