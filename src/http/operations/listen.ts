/** The WebSocket of a listener. */
import * as v from "valibot";
import { count, described } from "./answers.ts";
import type { Documented } from "./documented.ts";

const texts = v.record(v.string(), v.string());

const frame = v.pipe(
  v.variant("kind", [
    v.object({
      id: described(v.string(), "The header `webhook-id`: the answer repeats it."),
      kind: described(v.picklist(["event", "ask"]), "`ask`: the answer's body is the verdict."),
      headers: described(
        texts,
        "Those of a request by HTTPS, the signature among them; names in lower case.",
      ),
      query: v.exactOptional(described(v.string(), 'Tencent\'s own query, with `"format": "raw"`.')),
      body: v.string(),
      deadlineMs: described(count, "The time for the answer, milliseconds."),
    }),
    v.object({
      kind: described(v.literal("replaced"), "Another listener has taken over; the connection is closed."),
    }),
    v.object({
      kind: described(v.literal("error"), "A frame of the listener was wrong. The connection goes on."),
      error: v.object({ code: v.string(), message: v.string() }),
    }),
  ]),
  v.title("ListenerFrame"),
  v.description(
    'A text frame to a listener. It answers a request by the frame `{"id", "status", "headers"?, "body"?}`: the id of the request, and an HTTP answer whose body is a text. The text `ping`, sent every 10 s, is answered `pong`; a listener that pings and then is silent for 25 s is gone. The close code 4000 says that another listener has taken over.',
  ),
);

export const listenOperations = {
  listen: {
    tag: "Destinations",
    summary:
      "A WebSocket that receives for a rule with `listener:`, and whose answers are those of a destination or backend. The token is the rule's own `secret`, or an `ADMIN_TOKEN`. One listener a rule: a newer one takes over.",
    answer: frame,
    notFound: "No rule has this name.",
  },
} satisfies Record<string, Documented>;
