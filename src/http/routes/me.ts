/** `GET /api/me`: the rights of the caller's token. Programs ask it first, and offer no more than that. */
import * as v from "valibot";
import { component, described } from "../answers.ts";
import { route } from "../route.ts";

const showCaller = route(
  {
    method: "GET",
    path: "/api/me",
    operation: "getMe",
    tag: "Gateway",
    access: "read",
    summary: "Shows the rights of the request's token, and whether it sees bodies.",
    answer: component("Caller", "A token's access.", {
      token: described(v.picklist(["admin", "read"]), "`read` may only read."),
      sees: described(
        v.picklist(["bodies", "metadata"]),
        "`metadata`: bodies, queries and texts of events, and all parts of responses are left out.",
      ),
    }),
  },
  ({ caller: { token, sees } }) => ({ token, sees }),
);

export const meRoutes = [showCaller];
