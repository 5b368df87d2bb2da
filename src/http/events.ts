/** Events: lists, one with all that became of it, and its replay. */
import { canonicalName, catalogue } from "../callback/catalogue.ts";
import { readEventId } from "../callback/event-id.ts";
import { type Config, readConfig } from "../config.ts";
import { parseRecent } from "../rule/instant.ts";
import { nearestOf } from "../rule/nearest.ts";
import type { Delivery, Listed } from "../shard/query/event-queries.ts";
import { type EventQuery, eventStates } from "../shard/query/filter.ts";
import { decodeCursor, encodeCursor, limitOf, mergePages, newest, type Place, placeOn } from "./page.ts";
import { recipientsOf } from "./recipients.ts";
import { json, Refusal, time } from "./reply.ts";
import type { Call } from "./router.ts";
import { everyShard, shard, shardCount } from "./shards.ts";

/** A list that finds little looks further, but not forever. */
const roundsAList = 5;

export async function listEvents(parameters: URLSearchParams, env: Env): Promise<Response> {
  const config = readConfig(env);
  const query = queryOf(parameters);
  const from = decodeCursor(parameters.get("cursor"));
  const { found, next } = await look(query, from, env, config);
  const { command } = query;
  if (found.length === 0 && next === null && from === newest && command !== null && !command.includes("*"))
    await refuseUnknown(command, env, config);
  return json({ events: found.map(shown), cursor: next && encodeCursor(next) });
}

/** What all shards find, newest first. `next`: where to go on; null: everything was looked through. */
async function look(
  query: Omit<EventQuery, "before">,
  from: Place,
  env: Env,
  config: Config,
): Promise<{ found: (Place & Listed)[]; next: Place | null }> {
  let place = from;
  const found: (Place & Listed)[] = [];
  for (let round = 0; round < roundsAList; round++) {
    const limit = query.limit - found.length;
    const pages = await everyShard(env, config, async (stub, index) => {
      const { events, next } = await stub.events({ ...query, limit, before: placeOn(index, place).position });
      return {
        items: events.map((listed) => ({ ...listed, shard: index, name: "" })),
        next: next === null ? null : { position: next, shard: index, name: "" },
      };
    });
    const { items, next } = mergePages(pages, limit);
    found.push(...items);
    if (next === null) return { found, next };
    place = next;
    if (found.length === query.limit) break;
  }
  return { found, next: place };
}

export async function showEvent(id: string, env: Env): Promise<Response> {
  const config = readConfig(env);
  const found = await (await shardOfEvent(id, env, config)).event(id);
  if (!found) throw unknownEvent(id);
  const { body, query, issues, deliveries } = found;
  const rest = JSON.stringify({
    ...shown(found),
    query: parametersOf(query),
    issues,
    verdict: found.event.verdict ?? null,
    deliveries: deliveries.map(shownDelivery),
  });
  // Spliced in as text: numbers beyond 2^53 would not survive parsing.
  return new Response(`${rest.slice(0, -1)},"body":${body}}`, {
    headers: { "content-type": "application/json" },
  });
}

export async function replayEvent(id: string, body: Call["body"], env: Env): Promise<Response> {
  const config = readConfig(env);
  const { destinations, disabled } = await recipientsOf(body, env, config);
  const queued = await (await shardOfEvent(id, env, config)).replay(id, destinations, disabled);
  if (queued === null) throw unknownEvent(id);
  return json({ queued }, 202);
}

async function shardOfEvent(id: string, env: Env, config: Config) {
  const known = readEventId(id);
  if (!known || known.shard >= (await shardCount(env, config))) throw unknownEvent(id);
  return shard(env, config, known.shard);
}

function unknownEvent(id: string): Refusal {
  return new Refusal(404, "unknown_event", `there is no event ${JSON.stringify(id.slice(0, 100))}`);
}

/** A command by the name that it is kept under; wildcards stay. */
function commandOf(given: string | null): string | null {
  if (given === null || /^[\w.*-]{1,128}$/.test(given)) return given && canonicalName(given);
  throw new Refusal(
    400,
    "bad_command",
    "command: expected a name of letters, digits, `_`, `.` and `-`, 128 characters at most; `*` stands for any run",
  );
}

/** Throws if a command is neither described nor kept. @param command by name, without wildcards */
async function refuseUnknown(command: string, env: Env, config: Config): Promise<void> {
  if (catalogue.has(command)) return;
  const { found, next } = await look({ ...everything, command, limit: 1 }, newest, env, config);
  // Where not everything was looked through, nobody knows.
  if (found.length > 0 || next !== null) return;
  const nearest = nearestOf(command, [...catalogue.keys()]);
  throw new Refusal(
    400,
    "unknown_command",
    `command: ${command} is not known, and no event of it is kept: did you mean ${nearest}?`,
  );
}

const everything = {
  conversation: null,
  account: null,
  text: null,
  state: null,
  since: null,
  until: null,
};

function queryOf(parameters: URLSearchParams): Omit<EventQuery, "before"> {
  const text = (name: string) => parameters.get(name) || null;
  const state = text("state");
  const known = eventStates.find((one) => one === state) ?? null;
  if (state !== null && known === null)
    throw new Refusal(400, "bad_state", `state: expected one of ${eventStates.join(", ")}`);
  return {
    command: commandOf(text("command")),
    conversation: text("conversation"),
    account: text("account"),
    text: text("text"),
    message: text("message"),
    state: known,
    ...periodOf(parameters),
    limit: limitOf(parameters),
  };
}

export interface Period {
  since: number | null;
  until: number | null;
}

/** The period of a query. */
export function periodOf(parameters: URLSearchParams): Period {
  // A plus sign in a query is a space.
  const ms = (name: string) => instant(name, parameters.get(name), "; + is written %2B here");
  return { since: ms("since"), until: ms("until") };
}

/** The period of a body. */
export function periodIn(body: Readonly<Record<string, unknown>>): Period {
  return { since: instant("since", body.since), until: instant("until", body.until) };
}

/**
 * A time, Unix milliseconds; null if it is not there.
 * @param spaced is said of one with a space in it
 */
function instant(name: string, given: unknown, spaced = ""): number | null {
  if (given === undefined || given === null || given === "") return null;
  const ms = typeof given === "string" ? parseRecent(given, Date.now()) : null;
  if (ms !== null) return ms;
  const hint = typeof given === "string" && given.includes(" ") ? spaced : "";
  throw new Refusal(
    400,
    `bad_${name}`,
    `${name}: expected a time such as 2026-11-22T08:00:00Z, or 2h, 30m before now${hint}`,
  );
}

function shown({ event, state }: Listed) {
  const { id, command, phase, known, valid, app, conversation, receivedAt, clientIp, platform, size } = event;
  return {
    id,
    command,
    phase,
    known,
    valid,
    state,
    app,
    conversation,
    receivedAt: time(receivedAt),
    clientIp,
    platform,
    size,
  };
}

/** Attempts have their number where some between them are not kept. */
function shownDelivery({ destination, state, attempts, nextAt }: Delivery) {
  const numbered = attempts.some(({ number }, index) => number !== index + 1);
  return {
    destination,
    state,
    attempts: attempts.map(({ number, at, status, ms, error, response }) => ({
      ...(numbered && { number }),
      at: time(at),
      status,
      ms,
      error,
      response,
    })),
    nextAt: time(nextAt),
  };
}

/** Names and values; a name that came more than once has a list of them. */
function parametersOf(query: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length > 1 ? values : values[0]!];
    }),
  );
}
