/** `GET /api/poll/{name}`: events for a destination that fetches them. */
import { digits, text } from "../fields.ts";
import { poll } from "../poll.ts";
import { mustReceive } from "../receivers.ts";
import { json } from "../reply.ts";
import { route } from "../route.ts";

const pollEvents = route(
  {
    method: "GET",
    path: "/api/poll/{name}",
    operation: "pollEvents",
    access: "receiver",
    query: () => ({
      after: text("The `after` of the last answer, whose events it confirms. Absent: nothing is confirmed."),
      limit: digits({ least: 1, most: 200, otherwise: 100 }, "Events of the answer, at most."),
      wait: digits(
        { least: 0, most: 60, otherwise: 20 },
        "Seconds to wait for an event where there is none.",
      ),
    }),
  },
  ({ params: { name }, query, ...place }) => {
    mustReceive(name, "poll", place.config);
    // A HEAD takes no events: they would not arrive.
    if (place.request.method === "HEAD") return json(null);
    return poll(name, query, place);
  },
);

export const pollRoutes = [pollEvents];
