/** The end of a run: every acknowledged event is accounted for, and the shards' counts agree with the destinations. */
import { readEventId } from "../../src/callback/event-id.ts";
import type { DestinationReport } from "../../src/shard/pump/report.ts";
import { type Books, booksOf } from "../shard/books.ts";
import type { Arrival } from "./destination.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { countLetters } from "./letters.ts";
import { clusterStateOf } from "./limits.ts";
import { hasTables } from "./object-storage.ts";
import { disorder, isOrdered } from "./order.ts";
import { confirmedTwice } from "./poller.ts";
import { isCertain, isConfirmed, repeats, simultaneous } from "./repeats.ts";
import type { DestinationName } from "./steps.ts";

/**
 * Where events were kept at some time, by id, whether they are still there or not. A clock that jumps ahead forgets
 * fingerprints: then an event that is sent again is kept twice.
 */
export type EverKept = Map<string, Set<number>>;

export function imbalances(
  gateway: SimulatedGateway,
  everKept: EverKept,
  reports: ReadonlyMap<DestinationName, readonly DestinationReport[]>,
): string[] {
  const books = gateway.shards
    .filter((object) => object && hasTables(object))
    .map((object) => booksOf(object.database, object.name));
  const kept = new Map<string, number>();
  for (const { entries } of books)
    for (const { position, event } of entries) if (!kept.has(event.id)) kept.set(event.id, position);
  const copies = (id: string) => everKept.get(id)?.size ?? 1;
  const keptOnce = new Map([...kept].filter(([id]) => copies(id) === 1));
  return [
    ...gateway.wanting.flatMap((name) => [
      ...unaccounted(gateway, name, books, kept, everKept, sumOf(reports.get(name), "expired")),
      ...wrongSums(gateway, name, reports.get(name) ?? []),
      ...(isOrdered(name) ? disorder(gateway, name, keptOnce) : []),
      ...(name === "polled" ? confirmedTwice(gateway) : repeats(gateway, name)),
      ...(name === "polled" ? [] : simultaneous(gateway, name)),
      ...gateway.destinations.get(name)!.erased.map((body) => `${name}: an erased event was sent: ${body}`),
    ]),
    ...gateway.replays.problems(books),
    ...gateway.erasures.problems(books),
    ...gateway.relayEvents.missing(books),
    ...droppedEarly(gateway, kept),
    ...disagreement(gateway),
  ];
}

function sumOf(
  reports: readonly DestinationReport[] = [],
  field: "expired" | "delivered" | "waiting" | "retrying" | "dead",
): number {
  return reports.reduce((sum, report) => sum + report[field], 0);
}

/** Events that a destination was promised, and that are neither taken, nor dead, nor counted as expired. */
function* unaccounted(
  gateway: SimulatedGateway,
  name: DestinationName,
  books: readonly Books[],
  kept: ReadonlyMap<string, number>,
  everKept: EverKept,
  expired: number,
): Iterable<string> {
  const { arrivals, taken } = gateway.destinations.get(name)!;
  const dead = deadOf(books, name);
  const certain = new Set(arrivals.filter(isCertain).map(({ id }) => id));
  let missing = 0;
  let mostExpired = countLetters(gateway, name, "past");
  for (const event of gateway.sent) {
    const { id, number, quarantined, acknowledged, shard } = event;
    const replayed = gateway.replays.has(name, id);
    if (quarantined && taken.has(id) && !replayed) yield `${name}: quarantined event ${number} was sent`;
    if (quarantined && !replayed) continue;
    const positions = everKept.get(id)?.size ?? Number(acknowledged);
    const gone = positions - Number(kept.has(id));
    if (positions > 1 || replayed || !certain.has(id)) mostExpired += gone;
    if (quarantined) continue;
    if (!acknowledged || taken.has(id) || dead.has(id) || !gateway.history.promises(name, event)) continue;
    if (kept.has(id)) yield `${name}: event ${number} on shard ${shard} was never delivered`;
    else missing++;
  }
  if (missing > expired && !gateway.history.losesUncounted(name))
    yield `${name}: ${missing} events are gone, ${expired} are counted as expired`;
  if (expired > mostExpired && !gateway.history.wasRemoved(name))
    yield `${name}: ${expired} events are counted as expired, ${mostExpired} are gone or past retention at most`;
}

function deadOf(books: readonly Books[], name: string): Set<string> {
  return new Set(
    books.flatMap(({ settled, entries }) => {
      const ids = new Map(entries.map(({ position, event }) => [position, event.id]));
      return settled.flatMap((row) =>
        row.destination === name && row.state === "dead" ? [ids.get(row.position)!] : [],
      );
    }),
  );
}

/** Sums of the shards' reports that are not true. */
function* wrongSums(
  gateway: SimulatedGateway,
  name: DestinationName,
  reports: readonly DestinationReport[],
): Iterable<string> {
  for (const field of ["waiting", "retrying"] as const)
    if (sumOf(reports, field) > 0) yield `${name}: ${sumOf(reports, field)} are still ${field}`;
  const dead = countLetters(gateway, name, "kept");
  if (sumOf(reports, "dead") !== dead)
    yield `${name}: ${sumOf(reports, "dead")} of ${dead} dead letters are reported`;
  const open = reports.filter(({ state }) => state !== "up").map(({ state }) => state);
  if (open.length > 0) yield `${name} is ${open.join()}`;
  if (gateway.history.wasRemoved(name)) return;
  const { arrivals } = gateway.destinations.get(name)!;
  const confirmed = arrivals.filter(isConfirmed).length;
  const certain = name === "polled" ? certainlyPolled(gateway, arrivals) : arrivals.filter(isCertain).length;
  const delivered = sumOf(reports, "delivered");
  if (delivered < certain || delivered > confirmed)
    yield `${name}: ${delivered} deliveries are reported, of ${certain} to ${confirmed}`;
}

/** An event counts once, however often a poll has had it before it was confirmed; not, if it may have been given up. */
function certainlyPolled({ replays, erasures }: SimulatedGateway, arrivals: readonly Arrival[]): number {
  const certain = arrivals.filter(isCertain).map(({ id }) => id);
  const isLeft = (id: string) =>
    !replays.has("polled", id) && !replays.hasSkipped("polled", id) && !erasures.mayHaveGivenUp(id);
  return new Set(certain.filter(isLeft)).size;
}

/** Acknowledged events that are gone, though every retention so far was longer than their age. */
function* droppedEarly(gateway: SimulatedGateway, kept: ReadonlyMap<string, number>): Iterable<string> {
  const { sent, shards, timeline, keptForMs } = gateway;
  for (const { id, number, acknowledged, shard } of sent)
    if (acknowledged && !kept.has(id) && !shards[shard]!.clockMoved)
      if (readEventId(id)!.at > timeline.now - keptForMs) yield `event ${number} is gone before its time`;
}

/** Shards that have not heard of the last state of all shards. */
export function* disagreement({ shards }: SimulatedGateway): Iterable<string> {
  const first = shards[0] && clusterStateOf(shards[0]);
  for (const object of shards) {
    if (!object || !hasTables(object)) continue;
    const state = clusterStateOf(object);
    if (JSON.stringify(state) !== JSON.stringify(first))
      yield `${object.name} has the state ${JSON.stringify(state)}, and shard-0 ${JSON.stringify(first)}`;
  }
}
