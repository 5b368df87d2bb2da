/** A shard that is not in memory is woken by its alarm alone: in time, where its rows hold something to do. */
import type { Entry } from "../../src/shard/journal/segment.ts";
import { Findings } from "../../src/shard/relay/findings.ts";
import { watchdogMs } from "../../src/shard/watchdog.ts";
import type { Books } from "../shard/books.ts";
import { latestMs } from "./alarm.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";
import { openDeliveries } from "./open-deliveries.ts";
import type { AnyName } from "./steps.ts";

/** Whether the alarm wakes the object as soon as the watchdog promises. @param now on the timeline */
export function isWokenSoon({ alarm, clockMoved }: SimulatedObject, now: number): boolean {
  return alarm.wakesBy(clockMoved ? Number.POSITIVE_INFINITY : now + watchdogMs + latestMs);
}

/** Yields a sentence where no alarm wakes the object soon, although its rows hold work. */
export function* asleep(gateway: SimulatedGateway, object: SimulatedObject, books: Books): Iterable<string> {
  if (object.alive || object.alarm.givenUp || isWokenSoon(object, gateway.timeline.now)) return;
  const [work] = workOf(gateway, books);
  if (work !== undefined) yield `${object.name} is not alive, and no alarm wakes it soon: ${work} wait`;
}

/** What a shard's rows leave to be done now, or within the waits of the retry list. */
export function* workOf(gateway: SimulatedGateway, books: Books): Iterable<string> {
  const { cluster, accountsToErase, pending, replays, relay } = books;
  // A shard that has no cluster state asks for it when it is first used.
  if (cluster === null) {
    if (books.entries.length > 0) yield "the state of all shards";
    return;
  }
  for (const name of gateway.names)
    if (![...cluster.paused, ...cluster.disabled].includes(name)) yield* deliveriesOf(gateway, name, books);
  if (accountsToErase.length > 0) yield "an erasure";
  if (pending.length > 0 || replays.some(({ untold }) => untold.length > 0))
    yield "shards that are to be told";
  if (relay && (new Findings(relay.findings).pending || relay.herald?.queue.length)) yield "relay events";
}

function* deliveriesOf(gateway: SimulatedGateway, name: AnyName, books: Books): Iterable<string> {
  const state = books.states[name];
  // Events of a poller or listener wait for it: its coming wakes the object.
  if (!state || name === "polled" || name === "listened") return;
  if (books.retries.some(({ destination }) => destination === name)) yield `retries to ${name}`;
  const rule = gateway.rule(name);
  if (rule === "off" || state.off) return;
  const isRight = rule === "right" || rule === "moved";
  if (isRight && books.replays.some(({ destination, state }) => destination === name && state === "running"))
    yield `a replay to ${name}`;
  const readOnFrom = new Map(
    books.blocked.flatMap((row) => (row.destination === name ? [[row.conversation, row.position]] : [])),
  );
  const open = openDeliveries(books, name, wantedBy(name, books)).some(
    ({ position, event: { id, conversation } }) =>
      !gateway.history.passesBy(name, id) &&
      (position >= state.cursor ||
        state.underway.includes(position) ||
        position >= (readOnFrom.get(conversation ?? "") ?? Number.POSITIVE_INFINITY)),
  );
  if (open) yield `events for ${name}`;
}

/** The kept events that a destination's rule wants. */
function wantedBy(name: AnyName, { entries, told }: Books): readonly Entry[] {
  if (name === "pager") return told;
  return name === "hearer" ? [...entries, ...told] : entries;
}
