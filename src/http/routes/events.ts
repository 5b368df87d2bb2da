/** Events: lists, one with all that became of it, and its replay. */
import * as v from "valibot";
import { canonicalName, catalogue } from "../../callback/catalogue.ts";
import { readEventId } from "../../callback/event-id.ts";
import { nearestOf } from "../../rule/nearest.ts";
import { say } from "../../sentence.ts";
import { detailText } from "../../shard/query/detail.ts";
import { anyEvent, type EventQuery, eventStates, verdictFilters } from "../../shard/query/filter.ts";
import { type Listed, listedJson } from "../../shard/query/listed.ts";
import type { Shard } from "../../shard/shard.ts";
import { askEach, askForPages, askOne, type Place } from "../ask-each.ts";
import { exported } from "../export.ts";
import { choice, ofBodies, optionalDigits, paging, periodOfQuery, text, texts, without } from "../fields.ts";
import { cursorFor, encodeCursor, mergePages, newest, type PageCursor } from "../page.ts";
import { forwards, recipientsAmong, unknownDestination, wrongRule } from "../recipients.ts";
import { headersOf, Refusal } from "../reply.ts";
import { route } from "../route.ts";
import { shardCount } from "../shards.ts";

/** The name under which the command is kept; wildcards stay. */
export const command = () =>
  v.nullish(
    v.pipe(
      v.string(),
      v.check(
        (given) => given === "" || /^[\w.*-]{1,128}$/.test(given),
        say`expected a name of letters, digits, \`_\`, \`.\` and \`-\`, 128 characters at most; \`*\` stands for any run`,
      ),
      v.metadata({
        description: "A command; `*` stands for any run of characters.",
        examples: ["Group.CallbackAfter*"],
      }),
      v.transform((given) => (given === "" ? null : canonicalName(given))),
    ),
    null,
  );

/** The filters of a list and of an export. */
const filters = () => ({
  command: command(),
  conversation: text("A conversation: `group:@TGS#1`, or without its kind: `@TGS#1`."),
  account: text("An account that the body names in any field ending in `_Account`."),
  message: text("The key or sequence number of a message: all events about that message."),
  text: ofBodies(text("A text that the body contains.")),
  state: choice(eventStates, "The state of the event."),
  verdict: choice(
    verdictFilters,
    "The verdict on a before-callback: the answer to Tencent, or how it came about.",
  ),
  code: optionalDigits({ least: 0, most: 999_999_999 }, "The `ErrorCode` of the verdict."),
  ...periodOfQuery(),
  without: without(),
});

const listEvents = route(
  {
    method: "GET",
    path: "/api/events",
    operation: "listEvents",
    access: "read",
    query: () => ({ ...filters(), ...paging() }),
  },
  async ({ query: { cursor: from, without, ...query }, ...place }) => {
    const ask = pageOf(query, from);
    const { items, next } = mergePages(await askForPages(place, "events", ask, without), query.limit);
    if (items.length === 0 && next === null && from === newest) await refuseUnknown(query.command, place);
    return {
      events: items.map(listedJson),
      cursor: next && encodeCursor(next),
      ...(without.length > 0 && { missing: without }),
    };
  },
);

const exportEvents = route(
  {
    method: "GET",
    path: "/api/export",
    operation: "exportEvents",
    access: "read",
    query: () => ({
      ...filters(),
      limit: optionalDigits(
        { least: 1, most: 1_000_000 },
        "How many events at most, the oldest. Absent: all.",
      ),
    }),
  },
  async ({ query: { without, limit, ...query }, caller, ...place }) => {
    await refuseUnknown(query.command, place);
    const headers = headersOf("application/x-ndjson");
    if (place.request.method === "HEAD") return new Response(null, { headers });
    const until = query.until ?? Date.now();
    const most = limit ?? Number.POSITIVE_INFINITY;
    const lines = await exported({ ...query, until, sees: caller.sees }, most, without, place);
    return new Response(lines, { headers });
  },
);

const showEvent = route(
  {
    method: "GET",
    path: "/api/events/{id}",
    operation: "getEvent",
    access: "read",
  },
  async ({ params: { id }, caller, ...place }) => {
    const found = await askOne(place, await shardOfEvent(id, place), "event", (stub) => stub.event(id));
    if (!found) throw unknownEvent(id);
    return new Response(detailText(found, caller.sees), { headers: headersOf("application/json") });
  },
);

const replayEvent = route(
  {
    method: "POST",
    path: "/api/events/{id}/replay",
    operation: "replayEvent",
    access: "admin",
    body: () => ({ destinations: texts("Names of destinations. Absent: all whose rule matches the event.") }),
    status: 202,
    action: { name: "replayed", target: ({ params }) => params.id },
  },
  async ({ params: { id }, body, ...place }) => {
    const { destinations, disabled } = await recipientsAmong(body.destinations, place);
    const replay = (stub: DurableObjectStub<Shard>) => stub.replay(id, destinations, disabled);
    const queued = await askOne(place, await shardOfEvent(id, place), "replay", replay, { advice: perhaps });
    if (queued === null) throw unknownEvent(id);
    return { queued };
  },
);

const skipEvent = route(
  {
    method: "POST",
    path: "/api/events/{id}/skip",
    operation: "skipEvent",
    access: "admin",
    body: () => ({ destinations: texts("Names of destinations. Absent: all at which the event waits.") }),
    action: { name: "skipped", target: ({ params }) => params.id },
  },
  async ({ params: { id }, body: { destinations }, ...place }) => {
    const { config } = place;
    for (const name of destinations ?? []) {
      if (config.rules.heldNames.includes(name)) throw wrongRule(name);
      if (!forwards(config, name)) throw unknownDestination(400, name, config);
    }
    const skip = (stub: DurableObjectStub<Shard>) => stub.skip(id, destinations);
    const skipped = await askOne(place, await shardOfEvent(id, place), "skip", skip, { advice: perhaps });
    if (skipped === null) throw unknownEvent(id);
    return { skipped };
  },
);

export const eventRoutes = [listEvents, exportEvents, showEvent, replayEvent, skipEvent];

/** A change of one event whose outcome is not known. */
const perhaps = say`look at the event later, and ask again if nothing has changed`;

/**
 * The events that a shard finds, newest first, and how far it has looked; null: to the end. It answers within its budget,
 * so that there may be fewer events than asked for though more are kept.
 */
function pageOf(query: Omit<EventQuery, "before" | "judged" | "shadow">, from: PageCursor) {
  return async (stub: DurableObjectStub<Shard>, index: number) => {
    const { events, next } = await stub.events({ ...query, before: cursorFor(index, from).position });
    return {
      items: events.map((listed: Listed) => ({ ...listed, shard: index, name: "" })),
      next: next === null ? null : { position: next, shard: index, name: "" },
    };
  };
}

/** The number of the shard that an event's id names. */
async function shardOfEvent(id: string, { env, config }: Place): Promise<number> {
  const known = readEventId(id);
  if (!known || known.shard >= (await shardCount(env, config))) throw unknownEvent(id);
  return known.shard;
}

function unknownEvent(id: string): Refusal {
  return new Refusal(404, "unknown_event", say`there is no event ${JSON.stringify(id.slice(0, 100))}`);
}

/**
 * Throws if a command is neither described nor kept.
 * @param command with wildcards it is no name, and is accepted
 * @param key of the request that names it
 */
export async function refuseUnknown(command: string | null, place: Place, key = "command"): Promise<void> {
  if (command === null || /^Relay\.|\*/.test(command) || catalogue.has(command)) return;
  const ask = pageOf({ ...anyEvent, command, limit: 1 }, newest);
  const { answers, missing } = await askEach(place, "events", ask);
  // Where a search ended early, or a shard is silent, the command may be kept all the same.
  if (missing.length > 0 || answers.some(({ items, next }) => items.length > 0 || next !== null)) return;
  const nearest = nearestOf(command, [...catalogue.keys()]);
  throw new Refusal(
    400,
    "unknown_command",
    say`${key}: ${command} is not known, and no event of it is kept: did you mean ${nearest}?`,
  );
}
