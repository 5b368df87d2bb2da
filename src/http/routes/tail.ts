/** The live tail: a WebSocket that shows events, verdicts and deliveries as they happen. */

import { say } from "../../sentence.ts";
import { filterKey, longestFilter } from "../../shard/tail/filter.ts";
import type { TailQuery } from "../../shard/tail/viewer.ts";
import { destinationIsKnown } from "../destination-reports.ts";
import { periodOfQuery, text } from "../fields.ts";
import { unknownDestination } from "../recipients.ts";
import { Refusal } from "../reply.ts";
import { route } from "../route.ts";
import { connectToShard, mustUpgrade } from "../websocket.ts";
import { command, refuseUnknown } from "./events.ts";

const watch = route(
  {
    method: "GET",
    path: "/api/tail",
    operation: "tail",
    access: "read",
    query: () => ({
      command: command(),
      conversation: text("A conversation: `group:@TGS#1`, or without its kind: `@TGS#1`."),
      account: text("An account that the body names in any field ending in `_Account`."),
      destination: text("The name of a destination: deliveries to others are left out."),
      since: periodOfQuery().since,
    }),
    status: 101,
  },
  async ({ query: { since, ...filter }, ...place }) => {
    const { request } = place;
    if (filterKey(filter).length > longestFilter)
      throw new Refusal(400, "filter_too_long", say`the filters take more than ${longestFilter} characters`);
    const { command, destination } = filter;
    await refuseUnknown(command, place);
    if (destination !== null && !(await destinationIsKnown(destination, place)))
      throw unknownDestination(400, destination, place.config);
    mustUpgrade(request);
    const query: TailQuery = { filter, since };
    return connectToShard(place, "tail", { query: JSON.stringify(query) });
  },
);

export const tailRoutes = [watch];
