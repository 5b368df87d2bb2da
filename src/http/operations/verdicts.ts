/** Verdicts beside rules on trial. */
import * as v from "valibot";
import { component, count, described, gaps, nextCursor, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";
import { verdictSource } from "./event-schemas.ts";

const judgedEntries = {
  event: described(v.string(), "The event's id."),
  command: v.string(),
  receivedAt: timestamp,
  code: described(count, "The `ErrorCode` that Tencent was answered."),
};

const change = component("VerdictChange", "An event on which a rule would have decided otherwise.", {
  ...judgedEntries,
  would: component("TrialVerdict", "The verdict of the rule on trial.", {
    code: count,
    how: verdictSource,
    reason: v.exactOptional(v.string()),
    answer: v.exactOptional(
      described(v.record(v.string(), v.unknown()), "The answer to Tencent; absent for the default answer."),
    ),
  }),
});

/** How far the events of the period were looked through. */
const looked = {
  since: described(
    v.nullable(timestamp),
    "All events that arrived from then on were looked at; null: all of the period.",
  ),
  cursor: nextCursor,
};

export type VerdictChange = v.InferOutput<typeof change>;

export const verdictOperations = {
  diffVerdicts: {
    tag: "Verdicts",
    summary: "Counts how often a shadow rule agreed with the verdict, and lists where it did not.",
    answer: component("VerdictDiff", "A shadow rule beside the verdicts.", {
      rule: v.string(),
      ...looked,
      agreed: count,
      differed: count,
      unanswered: described(count, "Where the shadow came to no verdict."),
      differences: v.array(
        component("VerdictDifference", "An event on which a shadow disagreed.", {
          ...judgedEntries,
          shadow: described(v.nullable(count), "The shadow's `ErrorCode`."),
        }),
      ),
      ...gaps,
    }),
  },
  replayVerdicts: {
    tag: "Verdicts",
    summary: "Tries a rule on kept before-callbacks. Tencent is told nothing of it.",
    answer: component("VerdictReplay", "A rule beside the verdicts of kept events.", {
      rule: described(v.string(), "The rule's name."),
      ...looked,
      events: described(
        count,
        "How many events the rule was tried on: fewer than `limit` where their bodies are long.",
      ),
      changed: count,
      changes: v.array(change),
      ...gaps,
    }),
  },
} satisfies Record<string, Documented>;
