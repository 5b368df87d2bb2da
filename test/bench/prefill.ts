/** Fills a stopped gateway's storage with events as if it had received them, by the journal's own code. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { newEventId } from "../../src/callback/event-id.ts";
import { Journal } from "../../src/shard/journal/journal.ts";
import { type PackedEvent, packEvent } from "../../src/shard/journal/packed-event.ts";
import { nextPosition } from "../../src/shard/journal/position.ts";
import type { ProgressRecord } from "../../src/shard/journal/progress-record.ts";
import type { Sql } from "../../src/shard/sql.ts";
import { newSql } from "../shard/sqlite.ts";
import { app, bodies, queryOf } from "./callbacks.ts";

/** Events of a row, as under load. */
const perSegment = 16;

/** Rows of a transaction. */
const perTransaction = 500;

export interface Filling {
  /** Whether all events wait for the destination of the measurements; otherwise it has received them. */
  waiting?: boolean;
}

/**
 * @param dir the folder that the gateway ran on, with the object of its only shard
 * @param spanMs the events spread over this time, up to now
 * @returns the positions of the events
 */
export function prefill(
  dir: string,
  events: number,
  size: number,
  spanMs: number,
  { waiting = false }: Filling = {},
): number[] {
  const database = new DatabaseSync(shardFile(dir));
  database.exec("PRAGMA synchronous = OFF");
  const journal = emptyJournal(newSql(database));
  const positions: number[] = [];
  const next = bodies("AfterSendMsg", size);
  const until = Date.now() - 1_000;
  const segments = Math.ceil(events / perSegment);
  for (let segment = 0; segment < segments; segment++) {
    if (segment % perTransaction === 0) database.exec("BEGIN");
    const at = Math.floor(until - spanMs + (spanMs * segment) / segments);
    const count = Math.min(perSegment, events - segment * perSegment);
    const first = nextPosition(journal.end - 1, at);
    for (let index = 0; index < count; index++) positions.push(first + index);
    journal.append(
      Array.from({ length: count }, () => arrivedAt(at, next(at))),
      delivered(waiting ? positions[0]! : first + count),
      at,
      { tryAtomically: (write) => write() },
    );
    if ((segment + 1) % perTransaction === 0 || segment === segments - 1) database.exec("COMMIT");
  }
  database.close();
  return positions;
}

/** A journal goes on at its end: rows that a gateway without events has written would keep it from the past. */
function emptyJournal(sql: Sql): Journal {
  const journal = new Journal(sql);
  if (journal.countFrom(0) > 0) throw new Error("only an empty journal can be filled");
  for (const day of journal.days) journal.drop(day);
  return new Journal(sql);
}

function arrivedAt(at: number, body: string): PackedEvent {
  const chance = crypto.getRandomValues(new Uint8Array(12));
  const { GroupId } = JSON.parse(body) as { GroupId: string };
  return {
    ...packEvent({
      id: newEventId(0, at, chance),
      command: "Group.CallbackAfterSendMsg",
      phase: "after",
      known: true,
      valid: true,
      quarantined: false,
      app,
      conversation: `group:${GroupId}`,
      receivedAt: at,
      clientIp: "203.0.113.7",
      platform: "Android",
      query: queryOf("AfterSendMsg", at).slice(1).split("&Sign=")[0]!,
      body,
      size: body.length,
      issues: [],
    }),
    marks: [Math.random() * 2 ** 53, Math.random() * 2 ** 53, Math.random() * 2 ** 53],
  };
}

/** Everything before a position has been delivered to the destination of the measurements. */
function delivered(cursor: number): ProgressRecord {
  return { destinations: { d0: { cursor, underway: [] } }, delivered: [] };
}

/** The SQLite file of a gateway's only shard. */
export function shardFile(dir: string): string {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".sqlite") && !name.endsWith("metadata.sqlite"),
  );
  if (files.length !== 1)
    throw new Error(`expected one object below ${dir}, found ${files.join() || "none"}`);
  return join(dir, files[0]!);
}
