/**
 * Reads the storage of a gateway that is stopped or was killed, and checks the invariants of docs/architecture.md: see
 * `invariants.ts`.
 */

import { basename } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { relayApp } from "../../src/callback/relay-events.ts";
import type { ClusterState } from "../../src/shard/cluster/cluster-state.ts";
import { unpacked } from "../../src/shard/journal/delivered-batch.ts";
import { type EventTuple, unpackEvent } from "../../src/shard/journal/packed-event.ts";
import { decodeProgress } from "../../src/shard/journal/progress-encoder.ts";
import type { DestinationState, ProgressRecord } from "../../src/shard/journal/progress-record.ts";
import type { RelayRecord } from "../../src/shard/journal/relay-record.ts";
import { type Entry, type Segment, unpackSegment } from "../../src/shard/journal/segment.ts";
import type { Counters } from "../../src/shard/meter.ts";
import { type Attempt, reasonIn, unpackAttempts } from "../../src/shard/pump/attempts.ts";
import { type ReplayRow, ReplayTable } from "../../src/shard/replay/table.ts";
import type { TailFilter } from "../../src/shard/tail/filter.ts";
import { inDatabase, shardFiles } from "../support/data-folder.ts";
import { invariants } from "./invariants.ts";
import { newSql } from "./sqlite.ts";

/** A row of the journal. */
export interface SegmentRow extends Omit<Segment, "marks" | "news"> {
  day: string;
  format: number;
  marks: Uint8Array;
  progress: ProgressRecord;
}

export interface RetryRow {
  destination: string;
  due: number;
  /** In order; several for a batch. */
  positions: number[];
  /** The columns that repeat the first and the last position. */
  first: number;
  last: number;
  behind: number | null;
  attempts: Attempt[];
}

export interface SettledRow {
  day: string;
  destination: string;
  position: number;
  state: string;
  /** When it ended, Unix milliseconds. */
  at: number;
  attempts: Attempt[];
  /** Why it was given up without another attempt. */
  reason: string | null;
}

export interface BlockedRow {
  destination: string;
  conversation: string;
  /** The conversation is read on from here. */
  position: number;
  waitsFor: number[];
}

export interface MisfitRow {
  day: string;
  command: string;
  path: string;
  count: number;
}

/** All rows of one shard. */
export interface Books {
  /** The name of its database, for sentences. */
  shard: string;
  /** Oldest first. */
  segments: SegmentRow[];
  /** The events that Tencent sent. */
  entries: Entry[];
  /** Relay events. */
  told: Entry[];
  /** The state of each destination, as the records tell it together. */
  states: Readonly<Record<string, DestinationState>>;
  counters: Counters;
  /** What is still to be told. */
  relay: RelayRecord | undefined;
  retries: RetryRow[];
  settled: SettledRow[];
  blocked: BlockedRow[];
  misfits: MisfitRow[];
  /** The oldest first. */
  replays: ReplayRow[];
  /** Of erasures that have not ended here, and of orders to other shards. */
  accountsToErase: string[];
  /** How often each difference from Tencent's documents was counted. */
  driftCounts: number[];
  /** Null: this shard was never told the cluster's state. */
  cluster: ClusterState | null;
  /** Shards that are still to be notified of it. */
  pending: number[];
  /** What viewers of the tail see. */
  watched: TailFilter[];
}

/** The folder's shards, and names of rules that want every event. */
export interface Storage {
  shards: Books[];
  destinations: readonly string[];
}

/**
 * Every broken invariant, as a sentence that begins with its name: empty if all hold.
 * @param destinations names of rules that want every event
 */
export function imbalances(dataDir: string, destinations: readonly string[]): string[] {
  return imbalancesOf({ shards: readBooks(dataDir), destinations });
}

export function imbalancesOf(storage: Storage): string[] {
  return Object.entries(invariants).flatMap(([name, check]) =>
    [...check(storage)].map((found) => `${name}: ${found}`),
  );
}

/** The rows of all shards in a gateway's folder. */
export function readBooks(dataDir: string): Books[] {
  return shardFiles(dataDir).map((file) =>
    inDatabase(file, (database) => booksOf(database, basename(file).slice(0, 8))),
  );
}

export function booksOf(database: DatabaseSync, shard: string): Books {
  const all = <Row>(statement: string, ...values: string[]) =>
    database.prepare(statement).all(...values) as unknown as Row[];
  const tables = all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  const has = (name: string) => tables.some((one) => one.name === name);
  /** The rows of a kind's daily tables, each with its day. */
  const daily = <Row>(kind: string, order: string) =>
    tables
      .filter(({ name }) => name.startsWith(`${kind}_2`))
      .flatMap(({ name }) =>
        all<Row>(`SELECT ? AS day, * FROM ${name} ORDER BY ${order}`, name.slice(kind.length + 1)),
      );

  const segments = daily<Omit<SegmentRow, "progress"> & { news: string }>("segment", "position").map(
    ({ news, ...row }): SegmentRow => ({ ...row, progress: progressIn(news) }),
  );
  const standing = has("standing") ? all<{ name: string; value: string }>("SELECT * FROM standing") : [];
  const metadata = (name: string) => {
    const row = standing.find((one) => one.name === name);
    return row ? JSON.parse(row.value) : null;
  };
  const { told = [], entries = [] } = Object.groupBy(segments.flatMap(entriesOf), ({ event }) =>
    event.app === relayApp ? "told" : "entries",
  );
  const progress = decodeProgress(segments.map(({ progress }) => progress).reverse());
  return {
    shard,
    segments,
    entries,
    told,
    states: progress.destinations,
    counters: progress.counters ?? {},
    relay: progress.relay,
    retries: all<{ position: number; positions: string | null; attempts: string } & RetryRow>(
      "SELECT * FROM retry ORDER BY destination, position",
    ).map(({ position, positions, attempts, ...row }) => ({
      ...row,
      first: position,
      positions: positions === null ? [position] : JSON.parse(positions as unknown as string),
      attempts: unpackAttempts(attempts as unknown as string),
    })),
    settled: daily<Omit<SettledRow, "attempts" | "reason"> & { attempts: string }>("settled", "position").map(
      (row) => ({
        ...row,
        attempts: unpackAttempts(row.attempts),
        reason: reasonIn(row.attempts),
      }),
    ),
    blocked: all<Omit<BlockedRow, "waitsFor"> & { heads: string }>("SELECT * FROM blocked").map((row) => ({
      ...row,
      waitsFor: JSON.parse(row.heads),
    })),
    replays: has("replays") ? new ReplayTable(newSql(database)).all() : [],
    accountsToErase: ["erasure", "erasure_orders"].flatMap((name) =>
      has(name)
        ? all<{ account: string | null }>(`SELECT account FROM ${name}`).flatMap(
            ({ account }) => account ?? [],
          )
        : [],
    ),
    misfits: daily("misfit", "command, path"),
    driftCounts: has("drift")
      ? all<{ count: number }>("SELECT count FROM drift").map(({ count }) => count)
      : [],
    cluster: metadata("agreed"),
    pending: metadata("untold") ?? [],
    watched: metadata("watched")?.filters ?? [],
  };
}

/** The events of a row. One that is not whole is named by an invariant; here its events have no bodies. */
function entriesOf(row: SegmentRow): Entry[] {
  try {
    return unpackSegment(row);
  } catch {
    const tuples = JSON.parse(row.heads) as EventTuple[];
    return tuples.map((tuple, index) => ({
      position: row.position + index,
      event: unpackEvent(tuple, ""),
    }));
  }
}

/** A progress record, the notes of large batches among the others. */
function progressIn(news: string): ProgressRecord {
  const { batches = [], ...progress } = JSON.parse(news) as ProgressRecord;
  return { ...progress, delivered: [...progress.delivered, ...unpacked(batches)] };
}
