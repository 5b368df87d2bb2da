/** The live tail: a WebSocket that shows events, verdicts and deliveries as they happen. */
import type { Shard } from "../../shard/shard.ts";
import { filterKey, longestFilter } from "../../shard/tail/filter.ts";
import type { TailQuery } from "../../shard/tail/viewer.ts";
import { askOne } from "../ask-each.ts";
import { destinationIsKnown } from "../destination-reports.ts";
import { periodOfQuery, text } from "../fields.ts";
import { unknownDestination } from "../recipients.ts";
import { Refusal } from "../reply.ts";
import { route } from "../route.ts";
import { command, refuseUnknown } from "./events.ts";

const watch = route(
  {
    method: "GET",
    path: "/api/tail",
    operation: "tail",
    access: "read",
    query: {
      command,
      conversation: text("A conversation: `group:@TGS#1`, or without its kind: `@TGS#1`."),
      account: text("An account that the body names in any field ending in `_Account`."),
      destination: text("The name of a destination: deliveries to others are left out."),
      since: periodOfQuery.since,
    },
    status: 101,
  },
  async ({ query: { since, ...filter }, ...place }) => {
    const { request } = place;
    if (filterKey(filter).length > longestFilter)
      throw new Refusal(400, "filter_too_long", `the filters take more than ${longestFilter} characters`);
    const { command, destination } = filter;
    await refuseUnknown(command, place);
    if (destination !== null && !(await destinationIsKnown(destination, place)))
      throw unknownDestination(400, destination);
    // A WebSocket does not tell its program why it was refused: a plain GET, which does, comes as far as this.
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
      throw new Refusal(
        426,
        "upgrade_required",
        "this is a WebSocket: connect with the headers Connection: Upgrade and Upgrade: websocket",
      );
    const query: TailQuery = { filter, since };
    const asked = `http://shard/tail?${new URLSearchParams({ query: JSON.stringify(query) })}`;
    const connect = (stub: DurableObjectStub<Shard>) =>
      stub.fetch(asked, { headers: { upgrade: "websocket" } });
    const answer = await askOne(place, 0, "tail", connect);
    if (!answer.webSocket) throw new Refusal(503, "tail_unavailable", await answer.text());
    return new Response(null, {
      status: 101,
      webSocket: answer.webSocket,
      headers: acceptedProtocol(request),
    });
  },
);

export const tailRoutes = [watch];

/** A browser gives the token as subprotocol, and expects that one of its subprotocols is accepted. */
function acceptedProtocol(request: Request): Record<string, string> {
  const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  const accepted = offered
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith("bearer."));
  return accepted === undefined ? {} : { "sec-websocket-protocol": accepted };
}
