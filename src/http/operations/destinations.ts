/** Destinations and their state. */
import * as v from "valibot";
import { ruleStates } from "../rule-state.ts";
import { component, count, described, missing, queued, ruleLatency, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";

const destinationState = v.pipe(
  v.picklist(["up", "open", "paused", "disabled"]),
  v.title("DestinationState"),
  v.description(
    "`open`: its breaker is open, only probes are sent. `paused`: by the API or its rule, or because it `awaits` its receiver. `disabled`: it answered 410.",
  ),
);

const awaits = v.exactOptional(
  described(
    v.picklist(["listener", "poller"]),
    "The receiver that it waits for: none is connected or asks. Its events wait.",
  ),
);

const destination = component("Destination", "The endpoint of a rule that forwards.", {
  name: v.string(),
  url: described(
    v.nullable(v.string()),
    "As the rule has it, names of secrets unread; null without a valid rule. A caller that sees metadata gets `***` for the values of its query.",
  ),
  state: destinationState,
  awaits,
  waiting: described(count, "Events that wait for their first attempt."),
  estimated: v.exactOptional(
    described(v.boolean(), "True where `waiting` is an estimate, or a shard does not answer."),
  ),
  missing,
  waitingSince: described(v.nullable(timestamp), "When the oldest of them was received."),
  retrying: described(count, "Deliveries in the retry list."),
  dead: described(count, "Dead letters of events within RETENTION_HOURS."),
  expired: described(
    count,
    "Events that were dropped before they could be delivered, and dead letters past RETENTION_HOURS.",
  ),
  delivered: count,
  failed: described(count, "Attempts that failed."),
  concurrency: v.exactOptional(
    described(
      count,
      "Posts that may be under way at once now; absent while no shard has a valid rule of it.",
    ),
  ),
  latency: ruleLatency,
  lastSuccessAt: v.nullable(timestamp),
  lastError: v.nullable(v.string()),
});

const steered = component("Steered", "A destination, or an ask or answer rule, and its state now.", {
  name: v.string(),
  state: v.picklist(["up", "open", "paused", "disabled", ...ruleStates]),
  awaits,
});

export type Destination = v.InferOutput<typeof destination>;

export type Steered = v.InferOutput<typeof steered>;

export const destinationOperations = {
  listDestinations: {
    tag: "Destinations",
    summary:
      "Lists destinations in the order of their rules, with state, backlog, retries, dead letters, last success and error. One whose rule is wrong or gone is listed while something waits for it.",
    answer: described(v.array(destination), "All destinations."),
  },
  pauseDestination: {
    tag: "Destinations",
    summary:
      "Stops sending to a destination; its events wait. An ask or answer rule decides nothing from then on, everywhere within 15 s.",
    answer: steered,
    notFound: "No rule has this name.",
  },
  resumeDestination: {
    tag: "Destinations",
    summary:
      "Goes on sending, nothing lost. It also enables a destination that 410 disabled, and ends a `Retry-After` hold.",
    answer: steered,
    notFound: "No rule has this name.",
  },
  testDestination: {
    tag: "Destinations",
    summary:
      "Sends one signed `Relay.Test` event now, past queue and pause, in the rule's format. It is kept nowhere.",
    answer: component("TestOutcome", "The outcome, also where the destination refused.", {
      status: described(v.nullable(count), "The HTTP status; null without an answer."),
      ms: count,
      error: described(v.nullable(v.string()), "Null where the destination took it."),
      response: described(
        v.nullable(v.string()),
        "The beginning of the answer's body, where it is not a success.",
      ),
    }),
    notFound: "No rule forwards to this name.",
  },
  retryDestination: {
    tag: "Destinations",
    summary:
      "Makes its whole retry list due now, and ends an open breaker or a `Retry-After` that holds it back. At a paused destination the list waits.",
    answer: queued,
    notFound: "No rule forwards to this name.",
  },
  forgetDestination: {
    tag: "Destinations",
    summary: "Forgets a name that no rule has any more, with all that waits for it.",
    answer: component("Forgotten", "How many events no longer wait.", { forgotten: count }),
    notFound: "There is no such destination.",
  },
} satisfies Record<string, Documented>;
