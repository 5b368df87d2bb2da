/** Events: lists, one in full, its replay. */
import * as v from "valibot";
import { component, count, described, missing, nextCursor, queued } from "./answers.ts";
import type { Documented } from "./documented.ts";
import { eventDetail, eventSummary } from "./event-schemas.ts";

export const eventOperations = {
  listEvents: {
    tag: "Events",
    summary:
      "Lists events, newest first. A search that takes long answers with the events found so far and a `cursor`, by which it goes on. It is 503 while a shard does not answer, unless `without` leaves that out.",
    answer: component("EventList", "A page of events.", {
      events: v.array(eventSummary),
      cursor: nextCursor,
      missing,
    }),
  },
  exportEvents: {
    tag: "Events",
    summary:
      'Streams all events that fit, oldest first, each as one line of JSON with its body and deliveries. A last line `{"error": …}` tells that the export had to stop.',
    answer: described(v.string(), "Lines of JSON, each an `EventDetail`."),
    type: "application/x-ndjson",
  },
  getEvent: {
    tag: "Events",
    summary:
      "Shows one event: its body as received, its query, its issues, and each delivery with its attempts.",
    answer: eventDetail,
    notFound: "There is no such event.",
  },
  replayEvent: {
    tag: "Events",
    summary: "Sends an event again.",
    answer: queued,
    notFound: "There is no such event.",
  },
  skipEvent: {
    tag: "Events",
    summary:
      "Gives up its deliveries that have not ended: they become dead letters, and their conversations go on. A post under way ends first; if it succeeds, the event is delivered.",
    answer: component("Skipped", "How many deliveries were given up.", { skipped: count }),
    notFound: "There is no such event.",
  },
} satisfies Record<string, Documented>;
