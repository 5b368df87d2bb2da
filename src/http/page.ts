/** Lists over several shards: newest first, merged, and cut where one shard has not looked further. */
import { Refusal } from "./reply.ts";
import { wholeNumberIn } from "./whole-number.ts";

/** Where something stands among all shards' things: by position, then by shard, then by name. */
export interface Place {
  position: number;
  shard: number;
  name: string;
}

/** Before everything. */
export const newest: Place = { position: Number.MAX_SAFE_INTEGER, shard: 0, name: "" };

/** The place from which one shard goes on, if the list goes on before `place`. */
export function placeOn(shard: number, place: Place): { position: number; name: string } {
  if (shard === place.shard) return place;
  return { position: shard < place.shard ? place.position + 1 : place.position, name: "" };
}

export function encodeCursor(place: Place): string {
  return btoa(JSON.stringify([place.position, place.shard, place.name])).replaceAll("=", "");
}

export function decodeCursor(cursor: string | null): Place {
  if (cursor === null) return newest;
  try {
    const [position, shard, name] = JSON.parse(atob(cursor)) as unknown[];
    if (Number.isSafeInteger(position) && Number.isSafeInteger(shard) && typeof name === "string")
      return { position: position as number, shard: shard as number, name };
  } catch {}
  throw new Refusal(400, "bad_cursor", "cursor: is not one that this list has given");
}

/** Whether a stands before b in a list, being newer. */
function earlier(a: Place, b: Place): number {
  return b.position - a.position || b.shard - a.shard || (a.name < b.name ? 1 : a.name > b.name ? -1 : 0);
}

/**
 * Joins the shards' pages into one.
 * @param pages what each shard found, and up to which place it has looked; null: to the end
 */
export function mergePages<Item extends Place>(
  pages: readonly { items: Item[]; next: Place | null }[],
  limit: number,
): { items: Item[]; next: Place | null } {
  const unseen = pages.flatMap(({ next }) => (next ? [next] : [])).sort(earlier)[0] ?? null;
  const items = pages
    .flatMap((page) => page.items)
    .sort(earlier)
    .filter((item) => unseen === null || earlier(item, unseen) <= 0);
  const page = items.slice(0, limit);
  return { items: page, next: items.length > limit ? page.at(-1)! : unseen };
}

/** `limit` of a list. */
export const limits = { least: 1, most: 200, otherwise: 50 };

/** The same of a query. */
export function limitOf(query: URLSearchParams): number {
  return wholeNumberIn(query, "limit", limits);
}
