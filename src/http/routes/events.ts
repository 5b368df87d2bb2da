/** Events: lists, one with all that became of it, and its replay. */
import * as v from "valibot";
import { canonicalName, catalogue } from "../../callback/catalogue.ts";
import { readEventId } from "../../callback/event-id.ts";
import type { Config } from "../../config.ts";
import { nearestOf } from "../../rule/nearest.ts";
import { detailText } from "../../shard/query/detail.ts";
import { anyEvent, type EventQuery, eventStates, verdictFilters } from "../../shard/query/filter.ts";
import { type Listed, listedJson } from "../../shard/query/listed.ts";
import { component, count, described, nextCursor, queued } from "../answers.ts";
import { eventDetail, eventSummary } from "../event-json.ts";
import { exported } from "../export.ts";
import { choice, ofBodies, optionalDigits, paging, periodOfQuery, text, texts } from "../fields.ts";
import { cursorFor, encodeCursor, mergePages, newest, type PageCursor } from "../page.ts";
import { forwards, recipientsAmong, unknownDestination, wrongRule } from "../recipients.ts";
import { headersOf, Refusal } from "../reply.ts";
import { route } from "../route.ts";
import { everyShard, shard, shardCount } from "../shards.ts";

/** The name under which the command is kept; wildcards stay. */
export const command = v.nullish(
  v.pipe(
    v.string(),
    v.check(
      (given) => given === "" || /^[\w.*-]{1,128}$/.test(given),
      "expected a name of letters, digits, `_`, `.` and `-`, 128 characters at most; `*` stands for any run",
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
const filters = {
  command,
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
  ...periodOfQuery,
};

const listEvents = route(
  {
    method: "GET",
    path: "/api/events",
    operation: "listEvents",
    tag: "Events",
    access: "read",
    summary:
      "Lists events, newest first. A search that takes long answers with the events found so far and a `cursor`, by which it goes on.",
    query: { ...filters, ...paging },
    answer: component("EventList", "A page of events.", {
      events: v.array(eventSummary),
      cursor: nextCursor,
    }),
  },
  async ({ query: { cursor: from, ...query }, env, config }) => {
    const { found, next } = await look(query, from, env, config);
    if (found.length === 0 && next === null && from === newest)
      await refuseUnknown(query.command, env, config);
    return { events: found.map(listedJson), cursor: next && encodeCursor(next) };
  },
);

const exportEvents = route(
  {
    method: "GET",
    path: "/api/export",
    operation: "exportEvents",
    tag: "Events",
    access: "read",
    summary:
      'Streams all events that fit, oldest first, each as one line of JSON with its body and deliveries. A last line `{"error": …}` tells that the export had to stop.',
    query: {
      ...filters,
      limit: optionalDigits(
        { least: 1, most: 1_000_000 },
        "How many events at most, the oldest. Absent: all.",
      ),
    },
    answer: described(v.string(), "Lines of JSON, each an `EventDetail`."),
    type: "application/x-ndjson",
  },
  async ({ request, query: { limit, ...query }, caller, env, config }) => {
    await refuseUnknown(query.command, env, config);
    const headers = headersOf("application/x-ndjson");
    if (request.method === "HEAD") return new Response(null, { headers });
    const until = query.until ?? Date.now();
    const lines = await exported(
      { ...query, until, sees: caller.sees },
      limit ?? Number.POSITIVE_INFINITY,
      env,
      config,
    );
    return new Response(lines, { headers });
  },
);

const showEvent = route(
  {
    method: "GET",
    path: "/api/events/{id}",
    operation: "getEvent",
    tag: "Events",
    access: "read",
    summary:
      "Shows one event: its body as received, its query, its issues, and each delivery with its attempts.",
    answer: eventDetail,
    notFound: "There is no such event.",
  },
  async ({ params: { id }, caller, env, config }) => {
    const found = await (await shardOfEvent(id, env, config)).event(id);
    if (!found) throw unknownEvent(id);
    return new Response(detailText(found, caller.sees), { headers: headersOf("application/json") });
  },
);

const replayEvent = route(
  {
    method: "POST",
    path: "/api/events/{id}/replay",
    operation: "replayEvent",
    tag: "Events",
    access: "admin",
    summary: "Sends an event again.",
    body: { destinations: texts("Names of destinations. Absent: all whose rule matches the event.") },
    status: 202,
    answer: queued,
    notFound: "There is no such event.",
    action: { name: "replayed", target: ({ params }) => params.id },
  },
  async ({ params: { id }, body, env, config }) => {
    const { destinations, disabled } = await recipientsAmong(body.destinations, env, config);
    const queued = await (await shardOfEvent(id, env, config)).replay(id, destinations, disabled);
    if (queued === null) throw unknownEvent(id);
    return { queued };
  },
);

const skipEvent = route(
  {
    method: "POST",
    path: "/api/events/{id}/skip",
    operation: "skipEvent",
    tag: "Events",
    access: "admin",
    summary:
      "Gives up its deliveries that have not ended: they become dead letters, and their conversations go on. A post under way ends first; if it succeeds, the event is delivered.",
    body: { destinations: texts("Names of destinations. Absent: all at which the event waits.") },
    answer: component("Skipped", "How many deliveries were given up.", { skipped: count }),
    action: { name: "skipped", target: ({ params }) => params.id },
    notFound: "There is no such event.",
  },
  async ({ params: { id }, body: { destinations }, env, config }) => {
    for (const name of destinations ?? []) {
      if (config.rules.heldNames.includes(name)) throw wrongRule(name);
      if (!forwards(config, name)) throw unknownDestination(400, name);
    }
    const skipped = await (await shardOfEvent(id, env, config)).skip(id, destinations);
    if (skipped === null) throw unknownEvent(id);
    return { skipped };
  },
);

export const eventRoutes = [listEvents, exportEvents, showEvent, replayEvent, skipEvent];

type Filter = Omit<EventQuery, "before" | "judged" | "shadow">;

/**
 * The events that all shards find, newest first. `next`: where to go on; null: everything was looked through. A shard
 * answers within its budget, so that there may be fewer events than asked for though more are kept.
 */
async function look(
  query: Filter,
  from: PageCursor,
  env: Env,
  config: Config,
): Promise<{ found: (PageCursor & Listed)[]; next: PageCursor | null }> {
  const pages = await everyShard(env, config, async (stub, index) => {
    const { events, next } = await stub.events({ ...query, before: cursorFor(index, from).position });
    return {
      items: events.map((listed) => ({ ...listed, shard: index, name: "" })),
      next: next === null ? null : { position: next, shard: index, name: "" },
    };
  });
  const { items, next } = mergePages(pages, query.limit);
  return { found: items, next };
}

async function shardOfEvent(id: string, env: Env, config: Config) {
  const known = readEventId(id);
  if (!known || known.shard >= (await shardCount(env, config))) throw unknownEvent(id);
  return shard(env, config, known.shard);
}

function unknownEvent(id: string): Refusal {
  return new Refusal(404, "unknown_event", `there is no event ${JSON.stringify(id.slice(0, 100))}`);
}

/** Throws if a command is neither described nor kept. @param command with wildcards it is no name, and is accepted */
export async function refuseUnknown(command: string | null, env: Env, config: Config): Promise<void> {
  if (command === null || /^Relay\.|\*/.test(command) || catalogue.has(command)) return;
  const { found, next } = await look({ ...anyEvent, command, limit: 1 }, newest, env, config);
  // Where the search ended early, the command may be kept all the same.
  if (found.length > 0 || next !== null) return;
  const nearest = nearestOf(command, [...catalogue.keys()]);
  throw new Refusal(
    400,
    "unknown_command",
    `command: ${command} is not known, and no event of it is kept: did you mean ${nearest}?`,
  );
}
