/** Events for a destination that fetches them. */
import * as v from "valibot";
import { component, described } from "./answers.ts";
import type { Documented } from "./documented.ts";

export const pollOperations = {
  pollEvents: {
    tag: "Destinations",
    summary:
      'Gives the oldest events that wait for a rule with `"url": "poll:"`, at once or within `wait` seconds. The `after` of an answer, given to the next call, confirms its events: then they are delivered. Events that are not confirmed within `timeoutMs` come again.',
    answer: component("Polled", "Events, oldest first.", {
      events: described(v.array(v.unknown()), "The bodies that the rule would send, by its `format`."),
      after: described(v.string(), "For the next call. Empty where no event was taken yet."),
    }),
    notFound: "No rule has this name.",
  },
} satisfies Record<string, Documented>;
