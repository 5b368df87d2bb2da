import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  cursorFor,
  decodeCursor,
  encodeCursor,
  mergePages,
  newest,
  type PageCursor,
} from "../../src/http/page.ts";

/** The page of a shard that holds these things and looks at `scan` of them at most. */
function pageOf(
  things: readonly PageCursor[],
  shard: number,
  before: PageCursor,
  limit: number,
  scan: number,
) {
  const { position, name } = cursorFor(shard, before);
  const older = things.filter(
    (one) => one.position < position || (one.position === position && one.name < name),
  );
  const looked = older.slice(0, Math.min(limit, scan));
  return { items: looked, next: looked.length < older.length ? looked.at(-1)! : null };
}

test("property: paging over several shards gives everything once, newest first, however little each looks at", () => {
  const thing = fc.record({ position: fc.nat({ max: 12 }), name: fc.constantFrom("a", "b", "c") });
  const shards = fc.array(fc.uniqueArray(thing, { selector: ({ position, name }) => `${position}${name}` }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(
      shards,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 5 }),
      (held, limit, scan) => {
        const sorted = held.map((things, shard) =>
          things
            .map((one) => ({ ...one, shard }))
            .sort((a, b) => b.position - a.position || (a.name < b.name ? 1 : -1)),
        );
        const seen: PageCursor[] = [];
        let place = newest;
        for (let rounds = 0; rounds < 1_000; rounds++) {
          const { items, next } = mergePages(
            sorted.map((things, shard) => pageOf(things, shard, place, limit, scan)),
            limit,
          );
          assert.ok(items.length <= limit);
          seen.push(...items);
          if (next === null) break;
          place = decodeCursor(encodeCursor(next))!;
        }
        const all = sorted.flat();
        assert.equal(seen.length, all.length);
        assert.equal(new Set(seen.map((one) => JSON.stringify(one))).size, all.length);
        for (const [index, one] of seen.entries())
          assert.ok(index === 0 || seen[index - 1]!.position >= one.position);
      },
    ),
    { numRuns: 500 },
  );
});
