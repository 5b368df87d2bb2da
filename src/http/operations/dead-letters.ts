/** Deliveries that were given up. */
import * as v from "valibot";
import { component, count, described, missing, nextCursor, queued, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";

const deadLetter = component("DeadLetter", "A delivery that was given up, kept for replay.", {
  event: described(v.string(), "The event's id."),
  destination: v.string(),
  attempts: described(count, "How many POSTs there were."),
  at: described(timestamp, "When the delivery was given up."),
  error: described(v.nullable(v.string()), "Why it was given up, or why the last attempt failed."),
});

export const deadLetterOperations = {
  listDeadLetters: {
    tag: "Dead letters",
    summary:
      "Lists deliveries that were given up, newest event first. It is 503 while a shard does not answer, unless `without` leaves that out.",
    answer: component("DeadLetterList", "A page of dead letters.", {
      deadLetters: v.array(deadLetter),
      cursor: nextCursor,
      missing,
    }),
  },
  replayDeadLetters: {
    tag: "Dead letters",
    summary: "Sends dead letters again.",
    answer: queued,
  },
} satisfies Record<string, Documented>;
