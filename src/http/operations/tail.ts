/** The live tail. */
import * as v from "valibot";
import { count, described } from "./answers.ts";
import type { Documented } from "./documented.ts";
import { eventState, eventSummary, verdictSource } from "./event-schemas.ts";

const eventId = described(v.string(), "The event's id.");

/** One line of the tail, by its `type`. */
const line = v.pipe(
  v.variant("type", [
    v.object({ type: v.literal("event"), event: eventSummary }),
    v.object({
      type: v.literal("delivery"),
      event: eventId,
      destination: v.string(),
      state: eventState,
      attempt: described(count, "The attempt that has just ended, from 1."),
    }),
    v.object({
      type: v.literal("verdict"),
      event: eventId,
      rule: v.nullable(v.string()),
      code: count,
      ms: v.number(),
      how: verdictSource,
    }),
    v.object({
      type: v.literal("gap"),
      missed: described(count, "Lines that were not sent, because the viewer was too slow."),
    }),
  ]),
  v.title("TailLine"),
  v.description("A line of the live tail."),
);

const frame = v.pipe(
  v.array(line),
  v.title("TailFrame"),
  v.description(
    'A text frame of the live tail. A viewer answers `{"ack": frames}`, the number of frames received so far. With over 64 frames unacknowledged it is sent nothing but, later, a `gap`; if it never acknowledges, it gets at most 1 MB a second. The text `ping` is answered `pong`, which is no frame. A browser gives its token as subprotocol `bearer.<token>`.',
  ),
);

export const tailOperations = {
  tail: {
    tag: "Events",
    summary: "A WebSocket that shows events, verdicts and attempts as they happen, over all shards.",
    answer: frame,
  },
} satisfies Record<string, Documented>;
