/** Dead letters: deliveries that were given up, and their replay. */
import * as v from "valibot";
import { readEventId } from "../../callback/event-id.ts";
import { shownError } from "../../shard/query/shown-error.ts";
import { component, count, described, nextCursor, queued, timestamp } from "../answers.ts";
import { destinationIsKnown } from "../destination-reports.ts";
import { paging, text, texts } from "../fields.ts";
import { cursorFor, encodeCursor, mergePages } from "../page.ts";
import { recipientsAmong, unknownDestination } from "../recipients.ts";
import { time } from "../reply.ts";
import { route } from "../route.ts";
import { everyShard } from "../shards.ts";

const deadLetter = component("DeadLetter", "A delivery that was given up, kept for replay.", {
  event: described(v.string(), "The event's id."),
  destination: v.string(),
  attempts: described(count, "How many POSTs there were."),
  at: described(timestamp, "When the delivery was given up."),
  error: described(v.nullable(v.string()), "Why it was given up, or why the last attempt failed."),
});

const listDeadLetters = route(
  {
    method: "GET",
    path: "/api/dead-letters",
    operation: "listDeadLetters",
    tag: "Dead letters",
    access: "read",
    summary: "Lists deliveries that were given up, newest event first.",
    query: { destination: text("The name of a destination. Absent: all."), ...paging },
    answer: component("DeadLetterList", "A page of dead letters.", {
      deadLetters: v.array(deadLetter),
      cursor: nextCursor,
    }),
  },
  async ({ query: { destination, limit, cursor }, caller, env, config }) => {
    if (destination !== null && !(await destinationIsKnown(destination, env, config)))
      throw unknownDestination(400, destination);
    const pages = await everyShard(env, config, async (stub, index) => {
      const { position, name } = cursorFor(index, cursor);
      const letters = await stub.deadLetters({ position, destination: name }, destination, limit);
      const items = letters.map((letter) => ({
        letter,
        position: letter.position,
        shard: index,
        name: letter.destination,
      }));
      return { items, next: items.length < limit ? null : items.at(-1)! };
    });
    const { items, next } = mergePages(pages, limit);
    return {
      deadLetters: items.map(({ letter }) => ({
        event: letter.event,
        destination: letter.destination,
        attempts: letter.attempts.at(-1)?.number ?? 0,
        at: time(letter.at),
        error: letter.reason ?? shownError(letter.attempts.at(-1)?.error ?? null, caller.sees),
      })),
      cursor: next && encodeCursor(next),
    };
  },
);

const replayDeadLetters = route(
  {
    method: "POST",
    path: "/api/dead-letters/replay",
    operation: "replayDeadLetters",
    tag: "Dead letters",
    access: "admin",
    summary: "Sends dead letters again.",
    body: {
      destinations: texts("Names of destinations. Absent: all that can be sent to."),
      ids: texts("Ids of events. Absent: all."),
    },
    status: 202,
    answer: queued,
    action: { name: "replayed", target: ({ body }) => chosen(body.destinations ?? body.ids) },
  },
  async ({ body, env, config }) => {
    const { destinations, disabled } = await recipientsAmong(body.destinations, env, config);
    const counts = await everyShard(env, config, async (stub, index) => {
      const ids = body.ids?.filter((id) => readEventId(id)?.shard === index) ?? null;
      return ids?.length === 0 ? 0 : stub.replayDeadLetters(destinations, ids, disabled);
    });
    return { queued: counts.reduce((sum, count) => sum + count, 0) };
  },
);

export const deadLetterRoutes = [listDeadLetters, replayDeadLetters];

/** The target of the action, for people. */
function chosen(names: readonly string[] | null): string {
  if (names === null) return "dead letters";
  return names.length > 3 ? `${names.slice(0, 3).join(", ")}, …` : names.join(", ");
}
