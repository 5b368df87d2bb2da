/**
 * A listener: a program that has opened a WebSocket to the gateway. It gets the request of an HTTPS destination in a
 * frame, and answers with another one. Whether it is slow or gone is known later than its time is up.
 */

import { say } from "../../sentence.ts";
import type { FramedRequest } from "../frame.ts";
import { NoReceiver } from "../no-answer.ts";
import type { Call } from "./transport.ts";
import { untilAborted } from "./until-aborted.ts";

/** A response with one of these has no body: https://fetch.spec.whatwg.org/#null-body-status */
const withoutBody = [204, 205, 304];

const notThere = () => new NoReceiver(say`no listener is connected`, "unsent");
const gone = () => new NoReceiver(say`the listener went before it answered`, "left");

export const listener: Call<"listener"> = async (message, { asks = false, signal, listeners }) => {
  const { id, query, headers, body, timeoutMs } = message;
  if (!listeners) throw notThere();
  const request: FramedRequest = {
    id,
    kind: asks ? "ask" : "event",
    headers,
    ...(query !== "" && { query }),
    body,
    deadlineMs: timeoutMs,
  };
  const exchanging = listeners.exchange(message.rule, request).catch(() => {
    // Shard 0 has died, and the connection with it.
    throw gone();
  });
  const exchanged = await (asks ? untilAborted(exchanging, signal) : exchanging);
  switch (exchanged.kind) {
    case "unsent":
      throw notThere();
    case "left":
      throw gone();
    case "late":
      throw new DOMException("The answer took too long", "TimeoutError");
    case "answered": {
      const { status, headers, body } = exchanged.answer;
      return new Response(withoutBody.includes(status) ? null : body, { status, headers });
    }
  }
};
