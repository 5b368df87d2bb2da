/**
 * The invariants of docs/architecture.md that storage shows: each holds on disk at every moment, a crash included. The
 * names here and there are the same, in the same order; `invariants.test.ts` compares them, and breaks each once.
 */

import { readEventId } from "../../src/callback/event-id.ts";
import type { Telling } from "../../src/callback/relay-events.ts";
import { unpacked } from "../../src/shard/journal/delivered-batch.ts";
import { inFull } from "../../src/shard/journal/exact-cursor.ts";
import { dayOf } from "../../src/shard/journal/position.ts";
import type { HeraldState } from "../../src/shard/journal/relay-record.ts";
import { filterKey } from "../../src/shard/tail/filter.ts";
import type { Books, RetryRow, Storage } from "./books.ts";

/** Yields a sentence for each row that breaks the invariant. */
type Check = (storage: Storage) => Iterable<string>;

export const invariants = {
  "positions grow": eachShard(function* ({ shard, segments }) {
    for (const [before, after] of pairs(segments))
      if (before.position + Math.max(before.count, 1) > after.position)
        yield `${shard}: the row at ${after.position} begins within the row at ${before.position}`;
  }),

  "rows are whole": eachShard(function* ({ shard, segments }) {
    for (const { position, format, count, marks, heads, bodies } of segments) {
      const parsed = JSON.parse(heads) as [...unknown[]][];
      const characters = parsed.reduce((sum, head) => sum + Number(head[10]), 0);
      if (format !== 1 || parsed.length !== count || characters !== bodies.length || marks.length % 8 !== 0)
        yield `${shard}: the parts of the row at ${position} do not fit`;
    }
  }),

  "rows stand in their day": eachShard(function* ({ shard, segments, settled }) {
    for (const { day, position } of [...segments, ...settled])
      if (dayOf(position) !== day) yield `${shard}: ${position} stands in the table of ${day}`;
  }),

  "erased events hold nothing": eachShard(function* ({ shard, entries }) {
    for (const { position, event } of entries)
      if (event.erased && (event.body !== "{}" || event.size !== 2))
        yield `${shard}: the event at ${position} is erased in part`;
  }),

  "one event an id": eachShard(function* ({ shard, entries }) {
    for (const id of repeated(entries.map(({ event }) => event.id))) yield `${shard}: ${id} is kept twice`;
  }),

  "every name has a cursor": function* ({ shards, destinations }) {
    for (const { shard, states, retries, blocked, settled, replays } of shards) {
      const dead = settled.filter(({ state }) => state === "dead");
      const running = replays.filter(({ state }) => state === "running");
      const named = [...retries, ...blocked, ...dead, ...running].map(({ destination }) => destination);
      for (const name of new Set([...destinations, ...named]))
        if (!Object.hasOwn(states, name)) yield `${shard}: no row tells where ${name} stands`;
    }
  },

  "cursors are behind their record": eachShard(function* ({ shard, segments }) {
    for (const { position, progress } of segments)
      for (const [name, { cursor }] of Object.entries(progress.destinations))
        if (cursor > position) yield `${shard}: ${name} has read to ${cursor}, recorded at ${position}`;
  }),

  "under way is behind the cursor": eachShard(function* ({ shard, segments }) {
    for (const { position, progress } of segments)
      for (const [name, { cursor, underway }] of Object.entries(progress.destinations))
        if (!ascending([...underway, cursor]))
          yield `${shard}: of ${name}, ${underway.join()} are under way before ${cursor}, recorded at ${position}`;
  }),

  "progress goes forward": eachShard(function* ({ shard, segments }) {
    const reached = new Map<string, number>();
    for (const { progress } of segments)
      for (const [name, { cursor, underway }] of Object.entries(progress.destinations)) {
        const first = Math.min(cursor, ...underway);
        const before = reached.get(name) ?? 0;
        if (first < before) yield `${shard}: ${name} went back from ${before} to ${first}`;
        reached.set(name, first);
      }
  }),

  "counters never fall": eachShard(function* ({ shard, segments }) {
    const sums = new Map<string, number>();
    for (const { progress } of segments) {
      const { counters = {}, partial } = progress;
      // A start forgets the counters of rules that are gone.
      for (const name of sums.keys())
        if (!partial && name.startsWith("took:") && !(name in counters)) sums.delete(name);
      for (const [name, sum] of Object.entries(counters)) {
        const before = sums.get(name) ?? 0;
        if (sum < before) yield `${shard}: ${name} fell from ${before} to ${sum}`;
        sums.set(name, sum);
      }
    }
  }),

  "no event is lost": function* ({ shards, destinations }) {
    for (const books of shards)
      for (const name of destinations)
        for (const position of lost(books, name)) yield `${books.shard}: ${name} loses ${position}`;
  },

  "one entry a delivery": eachShard(function* ({ shard, retries }) {
    for (const delivery of repeated(retries.flatMap(deliveriesOf)))
      yield `${shard}: ${delivery} waits twice in the retry list`;
  }),

  "waiting or settled": eachShard(function* ({ shard, retries, settled }) {
    const waiting = new Set(retries.flatMap(deliveriesOf));
    for (const { destination, position } of settled)
      if (waiting.has(deliveryOf(destination, position)))
        yield `${shard}: ${deliveryOf(destination, position)} is settled, and in the retry list`;
  }),

  "entries are in order": eachShard(function* ({ shard, retries }) {
    for (const { destination, first, last, positions } of retries)
      if (!ascending(positions) || positions[0] !== first || positions.at(-1) !== last)
        yield `${shard}: an entry of ${destination} holds ${positions.join()} from ${first} to ${last}`;
  }),

  "behind names an entry": eachShard(function* ({ shard, retries }) {
    const waiting = new Set(retries.flatMap(deliveriesOf));
    for (const { destination, first, behind } of retries)
      if (behind !== null && !waiting.has(deliveryOf(destination, behind)))
        yield `${shard}: ${deliveryOf(destination, first)} waits behind ${behind}, which is not in the list`;
  }),

  "a delivery has its event": eachShard(function* ({ shard, entries, told, retries, settled }) {
    const kept = new Set([...entries, ...told].map(({ position }) => position));
    const rows = [...retries, ...settled.map((row) => ({ ...row, positions: [row.position] }))];
    for (const { destination, positions } of rows)
      for (const position of positions)
        if (!kept.has(position)) yield `${shard}: the event of ${deliveryOf(destination, position)} is gone`;
  }),

  "attempts are numbered": eachShard(function* ({ shard, retries, settled }) {
    for (const { destination, attempts } of [...retries, ...settled])
      if (!ascending([0, ...attempts.map(({ number }) => number)]))
        yield `${shard}: attempts at ${destination} are numbered ${attempts.map(({ number }) => number).join()}`;
  }),

  "settled as last tried": eachShard(function* ({ shard, entries, settled }) {
    const erased = new Set(entries.flatMap(({ position, event }) => (event.erased ? [position] : [])));
    for (const { destination, position, state, attempts, reason } of settled) {
      const last = attempts.at(-1);
      // A delivery that was given up may have no attempt, or be one that a replay had queued again.
      if (state === "dead" && (!last || reason !== null || erased.has(position))) continue;
      if (!last || reason !== null || state !== (last.error === null ? "delivered" : "dead"))
        yield `${shard}: ${deliveryOf(destination, position)} is ${state} after ${last?.error ?? "no error"}`;
    }
  }),

  "blocked by an entry": eachShard(function* ({ shard, retries, blocked }) {
    const waiting = new Set(retries.flatMap(deliveriesOf));
    for (const { destination, conversation, waitsFor } of blocked)
      for (const position of waitsFor)
        if (!waiting.has(deliveryOf(destination, position)))
          yield `${shard}: ${conversation} waits for ${deliveryOf(destination, position)}, which is not in the list`;
  }),

  "blocked by its own events": eachShard(function* ({ shard, entries, blocked }) {
    const conversations = new Map(entries.map(({ position, event }) => [position, event.conversation]));
    for (const { conversation, position, waitsFor } of blocked) {
      const foreign = waitsFor.filter((head) => conversations.get(head) !== conversation);
      if (foreign.length > 0 || !ascending([...waitsFor, position]))
        yield `${shard}: ${conversation} waits for ${waitsFor.join()}, and is read on from ${position}`;
    }
  }),

  "replays keep their books": eachShard(function* ({ shard, replays }) {
    for (const { id, state, ended, matched, sent, failed, cursor, last, underway } of replays) {
      const accounted = sent + failed + underway.length;
      if (accounted > matched) yield `${shard}: ${id} accounts for ${accounted} of ${matched} events`;
      if (!ascending([...underway, cursor]) || (matched > 0 && cursor > last))
        yield `${shard}: of ${id}, ${underway.join()} are under way before ${cursor}, of ${last}`;
      if ((state === "running") !== (ended === null) || (ended !== null && underway.length > 0))
        yield `${shard}: ${id} is ${state}, ended at ${ended}, with ${underway.length} events under way`;
    }
  }),

  "misfits are quarantined": eachShard(function* ({ shard, segments, entries, misfits }) {
    const days = new Set(segments.map(({ day }) => day));
    for (const { day, command, path, count } of misfits) {
      const most = entries.filter(
        ({ position, event }) => dayOf(position) === day && event.quarantined && event.command === command,
      ).length;
      if (!days.has(day) || count < 1 || (path !== "" && count > most))
        yield `${shard}: ${count} misfits of ${command} at ${path} on ${day}, where ${most} are quarantined`;
    }
  }),

  "drift doubles": eachShard(function* ({ shard, driftCounts }) {
    // 0: another shard counts it.
    for (const count of driftCounts)
      if (count > 0 && !Number.isInteger(Math.log2(count)))
        yield `${shard}: a difference was written at ${count}`;
  }),

  "one state a version": function* ({ shards }) {
    const known = new Map<number, string>();
    for (const { shard, cluster } of shards) {
      if (!cluster) continue;
      // A 410 disables a destination here before shard 0 has decided it: see "pending shards exist".
      const { version, disabled: _, ...decided } = cluster;
      const state = JSON.stringify(decided);
      if ((known.get(version) ?? state) !== state)
        yield `${shard}: another state has the version ${version} too`;
      known.set(version, state);
    }
  },

  "pending shards exist": eachShard(function* ({ shard, cluster, pending }) {
    const shards = cluster?.shards ?? 0;
    for (const index of pending)
      if (index < 0 || index >= shards) yield `${shard}: ${index} is to be notified, of ${shards} shards`;
  }),

  "a filter is kept once": eachShard(function* ({ shard, watched }) {
    for (const key of repeated(watched.map(filterKey))) yield `${shard}: ${key} is kept twice`;
  }),

  "shard 0 alone tells": function* ({ shards }) {
    const telling = shards.filter(({ told }) => told.length > 0);
    if (telling.length > 1) yield `${telling.map(({ shard }) => shard).join(" and ")} hold relay events`;
    for (const { shard, told } of telling)
      for (const { event } of told)
        if (readEventId(event.id)?.shard !== 0)
          yield `${shard}: ${event.id} is a relay event of another shard`;
  },

  "relay events are told once": eachShard(function* (books) {
    for (const { position, before, now, all } of tellingsOf(books)) {
      const waited = before?.queue ?? [];
      if (now === undefined) yield `${books.shard}: the row at ${position} does not record what it tells`;
      else if (JSON.stringify(all.slice(0, waited.length)) !== JSON.stringify(waited))
        yield `${books.shard}: up to ${position}, ${namesOf(all)} were told or wait, but ${namesOf(waited)} waited`;
    }
  }),

  "down and recovered take turns": eachShard(function* (books) {
    for (const { position, before, now, all } of tellingsOf(books)) {
      if (now === undefined) continue;
      const down = new Set(Object.keys(before?.down ?? {}));
      for (const { command, body } of all.slice(before?.queue.length ?? 0)) {
        const name = String(body.destination);
        const wrong =
          (command === "Relay.DestinationDown" && down.has(name)) ||
          (command === "Relay.DestinationRecovered" && before !== undefined && !down.has(name));
        if (wrong) yield `${books.shard}: ${command} of ${name} is told at ${position} without a change`;
        if (command === "Relay.DestinationDown") down.add(name);
        if (command === "Relay.DestinationRecovered") down.delete(name);
      }
      for (const name of Object.keys(now.down))
        if (before !== undefined && !down.has(name))
          yield `${books.shard}: at ${position} it stands that ${name} is down, of which no event tells`;
    }
  }),

  "relay events tell of callbacks": eachShard(function* ({ shard, told }) {
    const own = new Set(told.map(({ event }) => event.id));
    for (const { event } of told) {
      const body = JSON.parse(event.body);
      if (own.has(body.event) || String(body.command).startsWith("Relay."))
        yield `${shard}: ${event.command} of ${event.id} tells of another relay event`;
    }
  }),
} satisfies Readonly<Record<string, Check>>;

/** What rows of the journal tell, and record of it. */
interface Tellings {
  position: number;
  /** The state of the record before; undefined: no row holds it any more. */
  before: HeraldState | undefined;
  /** The state that the row records; undefined: it tells, and records none. */
  now: HeraldState | undefined;
  /** The relay events told since the record before, and then those that wait. */
  all: (Pick<Telling, "body"> & { command: string })[];
}

/** The rows that tell of something, or record what was told. */
function* tellingsOf({ segments, told }: Books): Iterable<Tellings> {
  let before: HeraldState | undefined;
  for (const { position, count, progress } of segments) {
    const written = told.filter((one) => one.position >= position && one.position < position + count);
    const now = progress.relay?.herald;
    if (!now && written.length === 0) continue;
    const texts = written.map(({ event }) => ({ command: event.command, body: JSON.parse(event.body) }));
    yield { position, before, now, all: [...texts, ...(now?.queue ?? [])] };
    before = now ?? before;
  }
}

function namesOf(tellings: readonly { command: string }[]): string {
  return tellings.map(({ command }) => command).join() || "none";
}

function eachShard(check: (books: Books) => Iterable<string>): Check {
  return function* ({ shards }) {
    for (const books of shards) yield* check(books);
  };
}

/** Positions of events that a destination wants, and that neither ended nor stand where they will be looked at. */
function* lost(
  { segments, entries, states, retries, settled, blocked }: Books,
  name: string,
): Iterable<number> {
  if (!states[name]) return;
  const state = inFull(states[name]);
  const own = <Row extends { destination: string }>(rows: readonly Row[]) =>
    rows.filter(({ destination }) => destination === name);
  const noted = segments.flatMap(({ progress }) =>
    [...progress.delivered, ...unpacked(progress.batches ?? [])]
      .filter(([destination]) => destination === name)
      .map(([, position]) => position),
  );
  const accounted = new Set([
    ...noted,
    ...state.underway,
    ...(state.done ?? []),
    ...own(settled).map(({ position }) => position),
    ...own(retries).flatMap(({ positions }) => positions),
  ]);
  const readOnFrom = new Map(own(blocked).map(({ conversation, position }) => [conversation, position]));
  for (const { position, event } of entries) {
    if (event.quarantined || position >= state.cursor || accounted.has(position)) continue;
    const from = event.conversation === null ? undefined : readOnFrom.get(event.conversation);
    if (from === undefined || position < from) yield position;
  }
}

function deliveriesOf({ destination, positions }: RetryRow): string[] {
  return positions.map((position) => deliveryOf(destination, position));
}

function deliveryOf(destination: string, position: number): string {
  return `${position} to ${destination}`;
}

function ascending(numbers: readonly number[]): boolean {
  return pairs(numbers).every(([before, after]) => before < after);
}

function pairs<One>(all: readonly One[]): [One, One][] {
  return all.slice(1).map((one, index) => [all[index]!, one]);
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}
