/** Tools about events: finding them, one with all that became of it, and a message's life. */

import { verdictSources } from "../../../callback/event.ts";
import { stepOf } from "../../../callback/step.ts";
import { cut } from "../../../callback/text.ts";
import type { Event, EventDetail } from "../../../client/index.js";
import { counted } from "../../counted.ts";
import {
  after,
  choice,
  cursor,
  destinations,
  eventId,
  limit,
  maybe,
  since,
  smaller,
  text,
  until,
  usualLimit,
  wholeNumber,
} from "../inputs.ts";
import { harmless } from "../told.ts";
import { acts, reads } from "../tool.ts";

/** Characters of a body that one answer holds, and of a destination's answer. */
const mostBody = 8_000;
const mostResponse = 500;

/** The life of a message with more events is told in part. */
const mostEvents = 100;

const states = ["quarantined", "dead", "retrying", "pending", "delivered"] as const;

const findEvents = reads({
  name: "find_events",
  title: "Find events",
  does: "Lists events (callbacks of Tencent Cloud Chat that the gateway keeps), newest first, each with its state, verdict and destinations. All arguments narrow the list.",
  input: {
    command: maybe(text("A CallbackCommand; `*` stands for any run of characters: `Group.CallbackAfter*`.")),
    conversation: maybe(text("A conversation: `group:@TGS#1`, or without its kind.")),
    account: maybe(text("An account that the body names as sender, receiver, operator or member.")),
    message: maybe(text("The key (MsgKey) or sequence number (MsgSeq) of a message.")),
    text: maybe(text("A text that the body contains.")),
    state: maybe(choice(states, "The state of the event.")),
    verdict: maybe(
      choice(
        ["allow", "refuse", ...verdictSources],
        "The verdict on a before-callback, or how it came about.",
      ),
    ),
    since: maybe(since),
    until: maybe(until),
    limit,
    cursor,
  },
  async answer({ limit = usualLimit, ...query }, relay) {
    const { events, cursor } = await relay.get("/api/events", { query: { limit, ...query } });
    return {
      says: events.length === 0 ? "No event was found." : `${counted(events.length, "event")}, newest first.`,
      data: events.map(brief),
      next: after(cursor),
      narrower: smaller,
    };
  },
});

const showEvent = reads({
  name: "show_event",
  title: "Show one event",
  does: "Shows one event: its body, verdict, what is wrong with it, and each delivery with its attempts and the answers to them.",
  input: {
    id: eventId,
    bodyFrom: maybe(
      wholeNumber(0, 1_048_576, "The character of the body from which on it is shown; 0 if it is left out."),
    ),
    destination: maybe(text("The name of a destination: its delivery alone is shown, without the body.")),
  },
  async answer({ id, bodyFrom = 0, destination }, relay) {
    const event = await relay.get("/api/events/{id}", { path: { id } });
    const { body, query, deliveries, issues, ...summary } = event;
    if (destination !== undefined) {
      const one = deliveries.filter((delivery) => delivery.destination === destination);
      return {
        says: one.length > 0 ? "One delivery." : "It has no such delivery.",
        data: one.map(shortened),
      };
    }
    const says = `One event with ${counted(deliveries.length, "delivery", "deliveries")}.`;
    const narrower = () => "ask again with the name of a destination";
    const rest = [...(issues.length > 0 ? [{ issues }] : []), ...deliveries.map(shortened)];
    if (body === undefined)
      return { says: `${says} The token does not see bodies.`, data: [summary, ...rest], narrower };
    const whole = JSON.stringify(body);
    const piece = pieceOf(whole, bodyFrom);
    const end = bodyFrom + piece.length;
    const more = end < whole.length ? ` For the rest of it, ask again with bodyFrom: ${end}.` : "";
    return {
      says: `${says} Its body has ${whole.length} characters; ${bodyFrom} to ${end} are shown.${more}`,
      data: [summary, { body: piece }, ...rest, { query }],
      narrower,
    };
  },
});

const messageTimeline = reads({
  name: "message_timeline",
  title: "A message's life",
  does: "Tells the life of one message, oldest first: asked, verdict, sent, read, edited, recalled, and whether each destination got each of these events. Answers “was message X delivered?”.",
  input: {
    message: text(
      "The key (MsgKey) of a one-to-one message, or the sequence number (MsgSeq) of one in a group.",
    ),
    conversation: maybe(text("Its conversation, for a MsgSeq: `group:@TGS#1`. Each group counts its own.")),
  },
  async answer({ message, conversation }, relay) {
    const query = { message, limit: mostEvents, ...(conversation !== undefined && { conversation }) };
    const events: Event[] = [];
    for await (const page of relay.pages("/api/events", { query })) {
      events.push(...page.events);
      if (events.length >= mostEvents) break;
    }
    const undelivered = events.filter(({ state }) => state !== "delivered").length;
    const found = `${counted(events.length, "event")} about it, oldest first; ${undelivered} not delivered everywhere.`;
    return {
      says: events.length === 0 ? "No kept event is about this message." : found,
      // A question is kept after its answer, perhaps behind the message that was sent meanwhile.
      data: events.toSorted(byArrival).map((event) => ({ step: stepOf(event.command), ...brief(event) })),
      ...(events.length >= mostEvents && { next: "There may be more: find_events with `message` has all." }),
      narrower: () => "find_events with `message` has them",
    };
  },
});

const replayEvent = acts(
  { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  {
    name: "replay_event",
    title: "Send one event again",
    does: "Sends one event again, to all destinations whose rule matches it or to those named. A receiver knows it by its `webhook-id`.",
    input: { id: eventId, destinations },
    async answer({ id, destinations }, relay) {
      const body = destinations ? { destinations } : {};
      const { queued } = await relay.post("/api/events/{id}/replay", { path: { id }, body });
      return {
        says: `${counted(queued, "delivery", "deliveries")} queued. show_event tells what becomes of it.`,
      };
    },
  },
);

const skipEvent = acts(
  { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  {
    name: "skip_event",
    title: "Give up an event's deliveries",
    does: "Gives up the deliveries of an event that have not ended: they become dead letters, and later events of its conversation go on.",
    input: { id: eventId, destinations },
    async answer({ id, destinations }, relay) {
      const body = destinations ? { destinations } : {};
      const { skipped } = await relay.post("/api/events/{id}/skip", { path: { id }, body });
      return {
        says: `${counted(skipped, "delivery", "deliveries")} given up; replay_dead_letters sends them after all.`,
      };
    },
  },
);

export const eventTools = {
  reading: [findEvents, showEvent, messageTimeline],
  acting: [replayEvent, skipEvent],
};

/** As much of a body from a character on as fits, also where many of its characters are escaped. */
function pieceOf(whole: string, from: number): string {
  let piece = cut(whole.slice(from), mostBody);
  while (harmless(JSON.stringify(piece)).length > mostBody) piece = cut(piece, piece.length >> 1);
  return piece;
}

/** Oldest first. */
function byArrival(a: Event, b: Event): number {
  return a.receivedAt + a.id < b.receivedAt + b.id ? -1 : 1;
}

/** The fields of an event by which one chooses. */
function brief(event: Event) {
  const { id, command, receivedAt, state, from, conversation, valid, known, verdict, destinations } = event;
  return {
    id,
    at: receivedAt,
    command,
    state,
    from,
    conversation,
    ...(!valid && { valid }),
    ...(!known && { known }),
    ...(verdict && { verdict }),
    destinations,
  };
}

/** A delivery with its first and its last attempts. */
function shortened({ attempts, ...delivery }: EventDetail["deliveries"][number]) {
  const left = attempts.length - 6;
  const shown = left > 0 ? [...attempts.slice(0, 3), ...attempts.slice(-3)] : attempts;
  return {
    ...delivery,
    ...(left > 0 && { attemptsLeftOut: left }),
    attempts: shown.map(({ response, ...attempt }) => ({
      ...attempt,
      ...(response && { response: cut(response, mostResponse) }),
    })),
  };
}
