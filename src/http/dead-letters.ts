/** Dead letters: deliveries that were given up, and their replay. */
import { readConfig } from "../config.ts";
import { disabledDestination, disabledDestinations, knownDestination } from "./events.ts";
import { decodeCursor, encodeCursor, limitOf, mergePages, placeOn } from "./page.ts";
import { json, objectOf, Refusal, textsOf, time } from "./reply.ts";
import { everyShard } from "./shards.ts";

export async function listDeadLetters(request: Request, env: Env): Promise<Response> {
  const config = readConfig(env);
  const { searchParams } = new URL(request.url);
  const destination = searchParams.get("destination") || null;
  if (destination !== null) knownDestination(config, destination);
  const limit = limitOf(searchParams.get("limit"));
  const place = decodeCursor(searchParams.get("cursor"));
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
      attempts: letter.attempts.length,
      at: time(letter.at),
      error: letter.attempts.at(-1)?.error ?? null,
    })),
    cursor: next && encodeCursor(next),
  });
}

export async function replayDeadLetters(request: Request, env: Env): Promise<Response> {
  const config = readConfig(env);
  const body = await objectOf(request);
  const destination = body.destination ?? null;
  if (destination !== null && typeof destination !== "string")
    throw new Refusal(400, "bad_body", "destination: expected a text");
  const ids = textsOf(body, "ids");
  if (destination !== null) knownDestination(config, destination);
  const disabled = await disabledDestinations(env, config);
  if (destination !== null && disabled.includes(destination)) throw disabledDestination(destination);
  const queued = await everyShard(env, config, (stub) => stub.replayDeadLetters(destination, ids, disabled));
  return json({ queued: queued.reduce((sum, count) => sum + count, 0) }, 202);
}
