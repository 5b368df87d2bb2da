/** Dead letters: deliveries that were given up, and their replay. */
import { readEventId } from "../../callback/event-id.ts";
import { shownError } from "../../shard/query/shown-error.ts";
import type { Shard } from "../../shard/shard.ts";
import { askForPages, askMost, marked } from "../ask-each.ts";
import { destinationIsKnown } from "../destination-reports.ts";
import { paging, text, texts, without } from "../fields.ts";
import { cursorFor, encodeCursor, mergePages } from "../page.ts";
import { recipientsAmong, unknownDestination } from "../recipients.ts";
import { time } from "../reply.ts";
import { route } from "../route.ts";

const listDeadLetters = route(
  {
    method: "GET",
    path: "/api/dead-letters",
    operation: "listDeadLetters",
    access: "read",
    query: () => ({
      destination: text("The name of a destination. Absent: all."),
      without: without(),
      ...paging(),
    }),
  },
  async ({ query: { destination, without, limit, cursor }, caller, ...place }) => {
    if (destination !== null && !(await destinationIsKnown(destination, place)))
      throw unknownDestination(400, destination, place.config);
    const ask = async (stub: DurableObjectStub<Shard>, index: number) => {
      const { position, name } = cursorFor(index, cursor);
      const letters = await stub.deadLetters({ position, destination: name }, destination, limit);
      const items = letters.map((letter) => ({
        letter,
        position: letter.position,
        shard: index,
        name: letter.destination,
      }));
      return { items, next: items.length < limit ? null : items.at(-1)! };
    };
    const { items, next } = mergePages(await askForPages(place, "dead letters", ask, without), limit);
    return {
      deadLetters: items.map(({ letter }) => ({
        event: letter.event,
        destination: letter.destination,
        attempts: letter.attempts.at(-1)?.number ?? 0,
        at: time(letter.at),
        error: letter.reason ?? shownError(letter.attempts.at(-1)?.error ?? null, caller.sees),
      })),
      cursor: next && encodeCursor(next),
      ...(without.length > 0 && { missing: without }),
    };
  },
);

const replayDeadLetters = route(
  {
    method: "POST",
    path: "/api/dead-letters/replay",
    operation: "replayDeadLetters",
    access: "admin",
    body: () => ({
      destinations: texts("Names of destinations. Absent: all that can be sent to."),
      ids: texts("Ids of events. Absent: all."),
    }),
    status: 202,
    action: { name: "replayed", target: ({ body }) => chosen(body.destinations ?? body.ids) },
  },
  async ({ body, ...place }) => {
    const { destinations, disabled } = await recipientsAmong(body.destinations, place);
    const replay = async (stub: DurableObjectStub<Shard>, index: number) => {
      const ids = body.ids?.filter((id) => readEventId(id)?.shard === index) ?? null;
      return ids?.length === 0 ? 0 : stub.replayDeadLetters(destinations, ids, disabled);
    };
    const { answers, missing } = await askMost(place, "dead letters", replay, { long: true });
    return { queued: answers.reduce((sum, count) => sum + count, 0), ...marked(missing) };
  },
);

export const deadLetterRoutes = [listDeadLetters, replayDeadLetters];

/** The target of the action, for people. */
function chosen(names: readonly string[] | null): string {
  if (names === null) return "dead letters";
  return names.length > 3 ? `${names.slice(0, 3).join(", ")}, …` : names.join(", ");
}
