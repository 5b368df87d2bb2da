/** Requests that become WebSockets, which end in the object of shard 0. */

import { type Sentence, say } from "../sentence.ts";
import { askOne, type Place } from "./ask-each.ts";
import { Refusal } from "./reply.ts";

/** A WebSocket does not tell its program why it was refused: a plain GET, which does, comes as far as this. */
export function mustUpgrade({ headers }: Request): void {
  if (headers.get("upgrade")?.toLowerCase() === "websocket") return;
  throw new Refusal(
    426,
    "upgrade_required",
    say`this is a WebSocket: connect with the headers Connection: Upgrade and Upgrade: websocket`,
  );
}

/**
 * Connects a request to shard 0. Throws a refusal where that does not take it.
 * @param path names the kind of connection
 */
export async function connectToShard(
  place: Place,
  path: "tail" | "listen",
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  const asked = `http://shard/${path}?${new URLSearchParams(query)}`;
  const answer = await askOne(place, 0, path, (stub) =>
    stub.fetch(asked, { headers: { upgrade: "websocket" } }),
  );
  if (!answer.webSocket) throw new Refusal(503, `${path}_unavailable`, (await answer.text()) as Sentence);
  return new Response(null, {
    status: 101,
    webSocket: answer.webSocket,
    headers: acceptedProtocol(place.request),
  });
}

/** A browser gives the token as subprotocol, and expects that one of its subprotocols is accepted. */
function acceptedProtocol(request: Request): Record<string, string> {
  const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  const accepted = offered
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith("bearer."));
  return accepted === undefined ? {} : { "sec-websocket-protocol": accepted };
}
