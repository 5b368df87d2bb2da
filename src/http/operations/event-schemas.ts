/** The schemas of events in answers. `shard/query` makes the values. */
import * as v from "valibot";
import { verdictSources } from "../../callback/event.ts";
import { eventStates } from "../../shard/query/filter.ts";
import { component, count, described, timestamp } from "./answers.ts";

export const eventState = v.pipe(
  v.picklist(eventStates),
  v.title("EventState"),
  v.description("Of several deliveries the first in this order is the event's state."),
);

const summaryEntries = {
  id: described(v.string(), "Travels as `webhook-id`, the same on every attempt and replay."),
  command: described(v.string(), "The `CallbackCommand`."),
  phase: v.picklist(["before", "after"]),
  known: described(v.boolean(), "Whether the catalogue has this command."),
  valid: described(v.boolean(), "Whether the body fits the schema of its command."),
  state: eventState,
  app: described(v.string(), "The SDKAppID."),
  conversation: described(
    v.nullable(v.string()),
    "The subject of the event, by which it is ordered: `group:…`, `c2c:…,…`, `official:…` or `account:…`.",
  ),
  receivedAt: timestamp,
  clientIp: described(v.nullable(v.string()), "`ClientIP` of the query."),
  platform: described(v.nullable(v.string()), "`OptPlatform` of the query."),
  size: described(count, "Bytes of the body."),
};

const issue = component("Issue", "One thing that is wrong with a payload.", {
  path: described(v.string(), "`MsgSeqList[1].MsgSeq`; empty for the body as a whole."),
  message: v.string(),
});

const shadow = component("Shadow", "The verdict of a rule on trial.", {
  rule: v.string(),
  code: described(v.nullable(count), "Null where the rule came to no verdict."),
});

export const verdictSource = v.pipe(
  v.picklist(verdictSources),
  v.title("VerdictSource"),
  v.description("How a verdict came about."),
);

const verdictEntries = {
  rule: described(v.nullable(v.string()), "Null where no rule fits."),
  code: described(count, "The answer's `ErrorCode`; of several targets the first that is not 0."),
  ms: described(v.number(), "How long the decision took."),
  how: verdictSource,
};

export const eventSummary = component("Event", "A callback that was accepted and is kept.", {
  ...summaryEntries,
  from: described(v.nullable(v.string()), "The account that sent the message, or caused the event."),
  verdict: v.nullable(component("ShortVerdict", "The answer that Tencent got.", verdictEntries)),
  destinations: described(v.record(v.string(), eventState), "The state of each delivery."),
});

const verdict = component("Verdict", "The answer that Tencent got, and its reason.", {
  ...verdictEntries,
  reason: v.exactOptional(
    described(
      v.string(),
      "Why the backend's answer does not count, or which parts of it were left out. A caller that sees metadata gets none.",
    ),
  ),
  shadows: v.array(shadow),
});

const attempt = component("Attempt", "One POST to a destination.", {
  number: v.exactOptional(described(count, "From 1; left out where all attempts are listed.")),
  at: timestamp,
  status: described(v.nullable(count), "The HTTP status; null without an answer."),
  ms: v.number(),
  error: described(
    v.nullable(v.string()),
    "Why it failed. A caller that sees metadata is not told where a redirect leads.",
  ),
  response: v.exactOptional(
    described(
      v.nullable(v.string()),
      "The beginning of the answer's body, after a failure. A caller that sees metadata gets none.",
    ),
  ),
});

const delivery = component("Delivery", "An event on its way to a destination, over all attempts.", {
  destination: v.string(),
  state: eventState,
  attempts: described(v.array(attempt), "The first 3 and the last 20."),
  nextAt: described(
    v.nullable(timestamp),
    "When the next attempt is due: not before a `Retry-After` that holds its destination has ended.",
  ),
  reason: v.exactOptional(
    described(
      v.string(),
      "Why it was given up without another attempt; left out where its last error says why.",
    ),
  ),
  waitsFor: v.exactOptional(
    described(v.string(), "The id of the event that it waits behind; left out where it waits behind none."),
  ),
});

export const eventDetail = component("EventDetail", "An event with all that became of it.", {
  ...summaryEntries,
  query: v.exactOptional(
    described(
      v.record(v.string(), v.union([v.string(), v.array(v.string())])),
      "The parameters of the callback, less `Sign` and `RequestTime`; a repeated one has a list. A caller that sees metadata gets none.",
    ),
  ),
  issues: v.array(issue),
  verdict: v.nullable(verdict),
  deliveries: v.array(delivery),
  body: v.exactOptional(
    described(
      v.record(v.string(), v.unknown()),
      "As received: whole numbers may exceed 2^53. A caller that sees metadata gets none.",
    ),
  ),
});
