/** The WebSocket of a listener: a program without an address that receives for a rule. */
import { mustReceive } from "../receivers.ts";
import { route } from "../route.ts";
import { connectToShard, mustUpgrade } from "../websocket.ts";

const listen = route(
  {
    method: "GET",
    path: "/api/listen/{name}",
    operation: "listen",
    access: "receiver",
    status: 101,
  },
  async ({ params: { name }, ...place }) => {
    mustReceive(name, "listener", place.config);
    mustUpgrade(place.request);
    return connectToShard(place, "listen", { rule: name });
  },
);

export const listenRoutes = [listen];
