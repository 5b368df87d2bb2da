/** Asks a shard the questions of the API, and compares its answers with its rows and with the destinations. */
import type { Counters } from "../../src/shard/meter.ts";
import { anyEvent } from "../../src/shard/query/filter.ts";
import type { Shard } from "../../src/shard/shard.ts";
import { type Books, booksOf } from "../shard/books.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { lettersOf } from "./letters.ts";
import type { SimulatedObject } from "./object.ts";
import { openDeliveries } from "./open-deliveries.ts";
import type { AnyName, DestinationName } from "./steps.ts";

/** Events whose details are asked for. */
const details = 2;

const everything = {
  ...anyEvent,
  before: Number.MAX_SAFE_INTEGER,
  limit: 10_000,
};

/** Questions that fail, and answers that are not true, as sentences. */
export async function complaintsOf(
  shard: Shard,
  object: SimulatedObject,
  gateway: SimulatedGateway,
): Promise<string[]> {
  try {
    const books = booksOf(object.database, object.name);
    shard.drift();
    return [
      ...wrongCounts(shard, object, gateway, books),
      ...wrongMisfits(shard, books),
      ...wrongDeadLetters(shard, object, gateway, books),
      ...wrongDetails(shard, object, gateway, books),
      ...(await wrongEvents(shard, object, gateway, books)),
      ...(await wrongMinutes(shard)),
      ...askProblems(shard),
    ].map((complaint) => `${object.name}: ${complaint}`);
  } catch (error) {
    return [`${object.name}: a question fails: ${(error as Error).stack}`];
  }
}

/** Questions that may write a row. */
function askProblems(shard: Shard): string[] {
  shard.problems();
  shard.counters();
  return [];
}

function* wrongCounts(
  shard: Shard,
  object: SimulatedObject,
  gateway: SimulatedGateway,
  books: Books,
): Iterable<string> {
  const reports = shard.destinations();
  // An object whose write has failed in the middle starts again in a moment, because memory and rows may differ.
  if (object.disk.isFull) return;
  const letters = lettersOf(object, gateway, books).kept;
  for (const report of reports) {
    const name = report.name as DestinationName;
    const retrying = books.retries
      .filter(({ destination }) => destination === name)
      .reduce((sum, { positions }) => sum + positions.length, 0);
    const dead = letters.filter(({ destination }) => destination === name).length;
    if (report.retrying !== retrying)
      yield `${report.retrying} of ${retrying} retries to ${name} are reported`;
    if (report.dead !== dead) yield `${report.dead} of ${dead} dead letters of ${name} are reported`;
    if (!object.atRest || object.disk.wasFull || report.estimated) continue;
    if (!gateway.wanting.includes(name) || !gateway.history.alwaysWanted(name)) continue;
    const waiting = openDeliveries(books, name).length;
    if (report.waiting !== waiting) yield `${report.waiting} of ${waiting} events for ${name} are reported`;
  }
}

function* wrongMisfits(shard: Shard, { misfits }: Books): Iterable<string> {
  const sum = (all: readonly { count: number }[]) => all.reduce((total, { count }) => total + count, 0);
  const reported = sum(shard.quarantined());
  if (reported !== sum(misfits)) yield `${reported} of ${sum(misfits)} quarantined events are reported`;
}

async function wrongMinutes(shard: Shard): Promise<string[]> {
  const minutes = await shard.minutes(5);
  return minutes.flatMap(({ counted }) =>
    Object.entries(counted).flatMap(([name, times]) =>
      times < 0 ? [`a minute counts ${times} of ${name}`] : [],
    ),
  );
}

function* wrongDeadLetters(
  shard: Shard,
  object: SimulatedObject,
  gateway: SimulatedGateway,
  books: Books,
): Iterable<string> {
  const first = { position: Number.MAX_SAFE_INTEGER, destination: "" };
  const letters = shard.deadLetters(first, null, 10_000).length;
  const dead = lettersOf(object, gateway, books).kept.length;
  if (letters !== dead) yield `${letters} of ${dead} dead letters are listed`;
}

/** Asks for some events in detail. */
function* wrongDetails(
  shard: Shard,
  object: SimulatedObject,
  gateway: SimulatedGateway,
  { entries }: Books,
): Iterable<string> {
  const oldest = object.now() - gateway.retentionMs;
  for (let asked = 0; asked < details && entries.length > 0; asked++) {
    const { event } = gateway.chance.pick(entries);
    const detail = shard.event(event.id);
    if ((detail !== null) !== event.receivedAt >= oldest) yield `${event.id} is ${detail ? "" : "not "}found`;
    if (!detail) continue;
    for (const { destination, state } of detail.deliveries)
      if (state === "delivered" && !gateway.destinations.get(destination as AnyName)!.taken.has(event.id))
        yield `${event.id} is called delivered to ${destination}, which did not take it`;
    if (event.quarantined) continue;
    for (const name of gateway.wanting)
      if (
        gateway.rule(name) === "right" &&
        gateway.history.alwaysWanted(name) &&
        !detail.deliveries.some(({ destination }) => destination === name)
      )
        yield `${event.id} has no delivery to ${name}`;
  }
}

async function wrongEvents(
  shard: Shard,
  object: SimulatedObject,
  gateway: SimulatedGateway,
  { entries, settled }: Books,
): Promise<string[]> {
  const oldest = object.now() - gateway.retentionMs;
  const dead = new Set(settled.flatMap(({ position, state }) => (state === "dead" ? [position] : [])));
  const expected = entries.filter(({ event }) => event.receivedAt >= oldest);
  const { events } = await shard.events(everything);
  const listed = new Map(events.map(({ position, state }) => [position, state]));
  const wrong: string[] = [];
  for (const { position, event } of expected) {
    const state = listed.get(position);
    if (state === undefined) wrong.push(`${event.id} is not listed`);
    else if ((state === "dead") !== (dead.has(position) && !event.quarantined))
      wrong.push(`${event.id} is listed as ${state}`);
  }
  if (events.length > expected.length) wrong.push(`${events.length} of ${expected.length} events are listed`);
  return wrong;
}

const reportedBefore = new WeakMap<SimulatedObject, Counters>();

/** Counters that are lower than they were reported before. */
export function fallen(object: SimulatedObject, counters: Counters): string[] {
  const before = reportedBefore.get(object) ?? {};
  const known = Object.keys(counters).length > 0;
  if (known) reportedBefore.set(object, counters);
  return Object.entries(known ? before : {}).flatMap(([name, times]) =>
    // Those of a rule that is gone are forgotten, and begin again.
    !name.startsWith("took:") && (counters[name] ?? 0) < times
      ? [`${object.name} reported ${times} of ${name}, and then ${counters[name]}`]
      : [],
  );
}
