/** A listener: a program without an address receives the requests of a rule over a WebSocket, and answers them. */
import { framesOf } from "./frames.js";
import { pathPart } from "./path-part.js";
import { ApiError } from "./request.js";

/** @import { ListenOptions, ListenerRequest } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/** A listener that pings, and then is silent for 25 s, is gone for the gateway. */
const purpose = { code: "listener_closed", noun: "connection", pingEveryMs: 10_000 };

/**
 * @param {Target} target
 * @param {string} name
 * @param {ListenOptions} [options]
 * @returns {AsyncGenerator<ListenerRequest, void, void>}
 */
export async function* requestsOf(target, name, { onMistake, ...options } = {}) {
  const address = `/api/listen/${pathPart("name", name)}`;
  for await (const { text, send } of framesOf(target, address, purpose, options)) {
    const frame = JSON.parse(text);
    if (frame.kind === "replaced")
      throw new ApiError("replaced", `another program listens for ${name} at ${target.url} now`);
    if (frame.kind === "error") onMistake?.(String(frame.error?.message));
    else yield { ...frame, answer: (/** @type {object} */ answer) => send({ ...answer, id: frame.id }) };
  }
}
