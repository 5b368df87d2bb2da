/** Erasing an account. */
import * as v from "valibot";
import { component, count, described } from "./answers.ts";
import type { Documented } from "./documented.ts";

export const eraseOperations = {
  eraseAccount: {
    tag: "Events",
    summary:
      "Blanks the body of every kept event that names an account, and gives up its deliveries. `GET /api/replays` shows how far it has come.",
    answer: component("StartedErasure", "An erasure that has begun.", {
      id: v.string(),
      matched: described(count, "How many events name the account, counted exactly."),
    }),
  },
} satisfies Record<string, Documented>;
