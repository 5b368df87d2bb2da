/** Reads the storage of a gateway that is stopped, and finds deliveries that are neither ended nor waiting. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { decodeProgress } from "../../src/shard/journal/progress-encoder.ts";
import type { ProgressRecord } from "../../src/shard/journal/progress-record.ts";
import { type Entry, unpackSegment } from "../../src/shard/journal/segment.ts";

interface RetryRow {
  destination: string;
  due: number;
  position: number;
  positions: string | null;
  behind: number | null;
}

/**
 * What does not balance, as sentences: empty if every event is delivered to each destination, a dead letter, or waits
 * where it will be looked at.
 * @param destinations names of rules that want every event
 */
export function imbalances(dataDir: string, destinations: readonly string[]): string[] {
  const folder = join(dataDir, "tim-relay-Shard");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
    .flatMap((name) => {
      const database = new DatabaseSync(join(folder, name));
      try {
        return destinations.flatMap((destination) => imbalancesOf(database, destination));
      } finally {
        database.close();
      }
    });
}

function imbalancesOf(database: DatabaseSync, destination: string): string[] {
  const found: string[] = [];
  const all = <Row>(statement: string, ...values: string[]) =>
    database.prepare(statement).all(...values) as unknown as Row[];
  const tables = (kind: string) =>
    all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ? ORDER BY name",
      `${kind}_2*`,
    );

  const entries: Entry[] = [];
  const news: ProgressRecord[] = [];
  for (const { name } of tables("segment"))
    for (const row of all<{ position: number; heads: string; bodies: string; news: string }>(
      `SELECT position, heads, bodies, news FROM ${name} ORDER BY position`,
    )) {
      entries.push(...unpackSegment(row));
      news.unshift(JSON.parse(row.news));
    }
  const place = decodeProgress(news).destinations[destination];
  if (!place) return [`${destination}: no row tells where it stands`];
  const noted = new Set(
    news.flatMap(({ delivered }) => delivered.flatMap(([name, at]) => (name === destination ? [at] : []))),
  );
  const settled = new Set(
    tables("settled").flatMap(({ name }) =>
      all<{ position: number }>(`SELECT position FROM ${name} WHERE destination = ?`, destination).map(
        ({ position }) => position,
      ),
    ),
  );
  const waiting = new Map<number, RetryRow>();
  for (const row of all<RetryRow>(
    "SELECT destination, due, position, positions, behind FROM retry WHERE destination = ?",
    destination,
  ))
    for (const position of row.positions === null
      ? [row.position]
      : (JSON.parse(row.positions) as number[])) {
      if (waiting.has(position)) found.push(`${destination}: ${position} waits twice in the retry list`);
      if (settled.has(position)) found.push(`${destination}: ${position} is settled, and in the retry list`);
      waiting.set(position, row);
    }
  for (const [position, { behind }] of waiting)
    if (behind !== null && !waiting.has(behind))
      found.push(`${destination}: ${position} waits behind ${behind}, which is not in the list`);
  const blocked = new Map(
    all<{ conversation: string; position: number; heads: string }>(
      "SELECT conversation, position, heads FROM blocked WHERE destination = ?",
      destination,
    ).map((row) => [row.conversation, row]),
  );
  for (const { conversation, heads } of blocked.values())
    for (const head of JSON.parse(heads) as number[])
      if (!waiting.has(head))
        found.push(`${destination}: ${conversation} waits for ${head}, which is not in the list`);

  for (const { position, event } of entries) {
    if (event.quarantined) continue;
    const ended = noted.has(position) || settled.has(position) || place.done?.includes(position);
    const block = event.conversation === null ? undefined : blocked.get(event.conversation);
    const waits =
      waiting.has(position) ||
      position >= place.cursor ||
      place.underway.includes(position) ||
      (block !== undefined && position >= block.position);
    if (!ended && !waits) found.push(`${destination}: ${event.platform} at ${position} is lost`);
  }
  return found;
}
