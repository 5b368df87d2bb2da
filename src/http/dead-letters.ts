/** Dead letters: deliveries that were given up, and their replay. */
import { type Config, readConfig } from "../config.ts";
import { destinationReports } from "./destinations.ts";
import { decodeCursor, encodeCursor, limitOf, mergePages, placeOn } from "./page.ts";
import { forwards, recipientsOf, unknownDestination } from "./recipients.ts";
import { json, textsOf, time } from "./reply.ts";
import type { Call } from "./router.ts";
import { everyShard } from "./shards.ts";

export async function listDeadLetters(query: URLSearchParams, env: Env): Promise<Response> {
  const config = readConfig(env);
  const destination = query.get("destination") || null;
  const limit = limitOf(query);
  const place = decodeCursor(query.get("cursor"));
  if (destination !== null && !(await isKnown(destination, env, config)))
    throw unknownDestination(400, destination);
  const pages = await everyShard(env, config, async (stub, index) => {
    const { position, name } = placeOn(index, place);
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
  return json({
    deadLetters: items.map(({ letter }) => ({
      event: letter.event,
      destination: letter.destination,
      attempts: letter.attempts.at(-1)?.number ?? 0,
      at: time(letter.at),
      error: letter.attempts.at(-1)?.error ?? null,
    })),
    cursor: next && encodeCursor(next),
  });
}

export async function replayDeadLetters(body: Call["body"], env: Env): Promise<Response> {
  const config = readConfig(env);
  const ids = textsOf(body, "ids");
  const { destinations, disabled } = await recipientsOf(body, env, config);
  const queued = await everyShard(env, config, (stub) => stub.replayDeadLetters(destinations, ids, disabled));
  return json({ queued: queued.reduce((sum, count) => sum + count, 0) }, 202);
}

/** Dead letters outlive their rule. */
async function isKnown(name: string, env: Env, config: Config): Promise<boolean> {
  return forwards(config, name) || (await destinationReports(env)).has(name);
}
