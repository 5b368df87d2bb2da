/** Lists over several shards: newest first, merged, and cut where one shard has not looked further. */

/** Where an item stands in a list over all shards: by position, then by shard, then by name. */
export interface PageCursor {
  position: number;
  shard: number;
  name: string;
}

/** Before every item. */
export const newest: PageCursor = { position: Number.MAX_SAFE_INTEGER, shard: 0, name: "" };

/** The cursor of one shard, where the list over all shards goes on before `cursor`. */
export function cursorFor(shard: number, cursor: PageCursor): { position: number; name: string } {
  if (shard === cursor.shard) return cursor;
  return { position: shard < cursor.shard ? cursor.position + 1 : cursor.position, name: "" };
}

/** A cursor as text, for the caller to give back. */
export function encodeCursor({ position, shard, name }: PageCursor): string {
  return btoa(JSON.stringify([position, shard, name])).replaceAll("=", "");
}

/** Null: the text is no cursor that a list has given. */
export function decodeCursor(text: string): PageCursor | null {
  try {
    const [position, shard, name] = JSON.parse(atob(text)) as unknown[];
    if (Number.isSafeInteger(position) && Number.isSafeInteger(shard) && typeof name === "string")
      return { position: position as number, shard: shard as number, name };
  } catch {}
  return null;
}

/** Orders two items as a list does: the newer one first. */
function earlier(a: PageCursor, b: PageCursor): number {
  return b.position - a.position || b.shard - a.shard || (a.name < b.name ? 1 : a.name > b.name ? -1 : 0);
}

/**
 * Joins the shards' pages into one.
 * @param pages the items that each shard found, and how far it has looked; null: to the end
 */
export function mergePages<Item extends PageCursor>(
  pages: readonly { items: Item[]; next: PageCursor | null }[],
  limit: number,
): { items: Item[]; next: PageCursor | null } {
  const unseen = pages.flatMap(({ next }) => (next ? [next] : [])).sort(earlier)[0] ?? null;
  const items = pages
    .flatMap((page) => page.items)
    .sort(earlier)
    .filter((item) => unseen === null || earlier(item, unseen) <= 0);
  const page = items.slice(0, limit);
  return { items: page, next: items.length > limit ? page.at(-1)! : unseen };
}
