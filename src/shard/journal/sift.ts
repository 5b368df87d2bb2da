/** Looks through the segments of a day by their texts alone, some milliseconds at a time. */
import type { Sql } from "../sql.ts";
import { storageFault } from "../storage-fault.ts";
import { conditionOf, type Sieve } from "./sieve.ts";

/** How much is looked through at once; and how much where every row passes. */
const sifting = { rows: 512, bytes: 4_000_000 };
const passingAll = { rows: 64, bytes: 1_000_000 };

/** Before a position, newest first; or from it on, oldest first. */
export type Direction = "before" | "from";

/** The segments between two positions, both included. */
interface Stretch {
  first: number;
  last: number;
  /** Where the last segment ends, exclusive. */
  end: number;
}

/**
 * Looks through the next segments of a day: segments with an event before a position, or from it on.
 * @param day one that has a table
 * @returns the positions of the segments that pass, in that direction, and where to go on; null: no segment is left
 */
export function sift(
  sql: Sql,
  day: string,
  direction: Direction,
  position: number,
  sieve: Sieve,
): { passing: number[]; next: number } | null {
  const order = direction === "before" ? "DESC" : "ASC";
  const sifted = conditionOf(sieve);
  const stretch = nextStretch(sql, day, direction, position, sifted ? sifting : passingAll);
  if (stretch === null) return null;
  const { first, last, end } = stretch;
  const passing = (condition = "", bindings: readonly string[] = []) =>
    sql
      .exec<{ position: number }>(
        `SELECT position FROM segment_${day} WHERE position BETWEEN ? AND ? AND count > 0${condition} ORDER BY position ${order}`,
        first,
        last,
        ...bindings,
      )
      .toArray()
      .map((row) => row.position);
  const next = direction === "before" ? first : end;
  try {
    return { next, passing: sifted ? passing(` AND ${sifted.text}`, sifted.parameters) : passing() };
  } catch (error) {
    if (storageFault(error) !== "damaged") throw error;
    // One of them is damaged: it is found, and passed over, when each is read.
    return { next, passing: passing() };
  }
}

/** As many segments as the bounds allow, but one at least. */
function nextStretch(
  sql: Sql,
  day: string,
  direction: Direction,
  position: number,
  { rows, bytes }: { rows: number; bytes: number },
): Stretch | null {
  const order = direction === "before" ? "DESC" : "ASC";
  const there = {
    before: "position < ?1",
    from: `position >= coalesce((SELECT max(position) FROM segment_${day} WHERE position <= ?1), 0) AND position + count > ?1`,
  };
  const { first, last, end } = sql
    .exec<{ first: number | null; last: number | null; end: number | null }>(
      `SELECT min(position) AS first, max(position) AS last, max(position + count) AS end FROM (SELECT position, count, sum(bytes) OVER (ORDER BY position ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS passed FROM (SELECT position, count, octet_length(bodies) AS bytes FROM segment_${day} WHERE count > 0 AND ${there[direction]} ORDER BY position ${order} LIMIT ?2)) WHERE coalesce(passed, 0) < ?3`,
      position,
      rows,
      bytes,
    )
    .one();
  return first === null || last === null || end === null ? null : { first, last, end };
}
