/** Tools about destinations: where each stands, its dead letters, and steering it. */
import * as v from "valibot";
import { counted } from "../../counted.ts";
import { Misuse } from "../../failure.ts";
import {
  after,
  cursor,
  destination,
  destinations,
  limit,
  maybe,
  smaller,
  text,
  usualLimit,
} from "../inputs.ts";
import { acts, reads } from "../tool.ts";

const listDestinations = reads({
  name: "destinations",
  title: "Destinations",
  does: "Lists destinations with state (`up`, `open`: its breaker is open, `paused`, `disabled`: it answered 410), what waits and since when, retries, dead letters, latency and last error.",
  input: {},
  async answer(_, relay) {
    const all = await relay.get("/api/destinations");
    const troubled = all.filter(({ state, dead, expired }) => state !== "up" || dead + expired > 0).length;
    return { says: `${counted(all.length, "destination")}, ${troubled} in trouble.`, data: all };
  },
});

const listDeadLetters = reads({
  name: "dead_letters",
  title: "Dead letters",
  does: "Lists deliveries that were given up, newest event first, with the reason.",
  input: { destination: maybe(destination), limit, cursor },
  async answer({ limit = usualLimit, ...query }, relay) {
    const { deadLetters, cursor } = await relay.get("/api/dead-letters", { query: { limit, ...query } });
    return {
      says: `${counted(deadLetters.length, "dead letter")}.`,
      data: deadLetters,
      next: after(cursor),
      narrower: smaller,
    };
  },
});

const replayDeadLetters = acts(
  { destructiveHint: true, idempotentHint: false, openWorldHint: true },
  {
    name: "replay_dead_letters",
    title: "Send dead letters again",
    does: "Sends dead letters again: those of the events named by `ids`, or all of the destinations named. One of both must be given.",
    input: {
      destinations,
      ids: maybe(
        v.pipe(
          v.array(text("The id of an event."), "expected a list of ids"),
          v.minLength(1, "names none: leave it out"),
        ),
      ),
    },
    async answer({ destinations, ids }, relay) {
      if (!destinations && !ids)
        throw new Misuse("name destinations or ids: without both, all dead letters would be sent");
      const body = { ...(destinations && { destinations }), ...(ids && { ids }) };
      const { queued, missing } = await relay.post("/api/dead-letters/replay", { body });
      return { says: `${counted(queued, "delivery", "deliveries")} queued.`, missing };
    },
  },
);

const retry = acts(
  { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  {
    name: "retry_destination",
    title: "Retry now",
    does: "Makes all retries of a destination due now, and ends an open breaker or a hold. At a paused destination they wait.",
    input: { destination },
    async answer({ destination: name }, relay) {
      const { queued, missing } = await relay.post("/api/destinations/{name}/retry", { path: { name } });
      return { says: `${counted(queued, "delivery", "deliveries")} due now.`, missing };
    },
  },
);

const pause = acts(
  { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  {
    name: "pause",
    title: "Pause a destination or rule",
    does: "Stops sending to a destination; its events wait, and nothing is lost until their time is over. An ask or answer rule decides nothing from then on: the action goes on.",
    input: { name: text("The name of a rule.") },
    async answer({ name }, relay) {
      const { state } = await relay.post("/api/destinations/{name}/pause", { path: { name } });
      return { says: `Its state is now: ${state}.` };
    },
  },
);

const resume = acts(
  { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  {
    name: "resume",
    title: "Resume a destination or rule",
    does: "Goes on sending what waits. It also enables a destination that answered 410, and ends a hold by Retry-After.",
    input: { name: text("The name of a rule.") },
    async answer({ name }, relay) {
      const { state } = await relay.post("/api/destinations/{name}/resume", { path: { name } });
      return { says: `Its state is now: ${state}.` };
    },
  },
);

const test = acts(
  { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  {
    name: "test_destination",
    title: "Test a destination",
    does: "Sends one signed `Relay.Test` event to a destination now, past queue and pause, and shows its answer. It is kept nowhere.",
    input: { destination },
    async answer({ destination: name }, relay) {
      const outcome = await relay.post("/api/destinations/{name}/test", { path: { name } });
      return {
        says: outcome.error === null ? "It took the event." : "It did not take the event.",
        data: [outcome],
      };
    },
  },
);

export const destinationTools = {
  reading: [listDestinations, listDeadLetters],
  acting: [test, pause, resume, retry, replayDeadLetters],
};
