/** The rights of the caller's token. */
import * as v from "valibot";
import { component, described } from "./answers.ts";
import type { Documented } from "./documented.ts";

export const meOperations = {
  getMe: {
    tag: "Gateway",
    summary: "Shows the rights of the request's token, and whether it sees bodies.",
    answer: component("Caller", "A token's access.", {
      token: described(v.picklist(["admin", "read"]), "`read` may only read."),
      sees: described(
        v.picklist(["bodies", "metadata"]),
        "`metadata`: bodies, queries and texts of events, and all parts of responses are left out.",
      ),
    }),
  },
} satisfies Record<string, Documented>;
