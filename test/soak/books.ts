/**
 * The books of a soak. Every acknowledged event is kept once; every kept event is delivered where it is wanted, or a
 * dead letter; first deliveries follow the order of keeping in each conversation.
 */

import { imbalancesOf, readBooks, type Storage } from "../shard/books.ts";
import type { DetailedEvent } from "../support/api.ts";
import type { Client } from "../support/client.ts";
import { type Callbacks, labelOf, numberOf } from "./callbacks.ts";
import { idHash } from "./id-hash.ts";
import type { ReceivedAll } from "./receivers.ts";
import { destinationNames, destinations, mostAttempts, wantEverything } from "./rules.ts";

/** Problems of one kind that are told word by word. */
const toldOfAKind = 5;

/** Sentences of some kinds: the first of each, and the number of all. */
export class Problems {
  readonly #all = new Map<string, { count: number; told: string[] }>();

  add(kind: string, sentence: string, count = 1): void {
    const found = this.#all.get(kind) ?? { count: 0, told: [] };
    found.count += count;
    if (found.told.length < toldOfAKind) found.told.push(sentence);
    this.#all.set(kind, found);
  }

  count(kind: string): number {
    return this.#all.get(kind)?.count ?? 0;
  }

  lines(): string[] {
    return [...this.#all].flatMap(([kind, { count, told }]) => [
      `${kind}: ${count}`,
      ...told.map((sentence) => `  ${sentence}`),
    ]);
  }
}

/** The events that the API lists, by number: how often each. */
export async function listed(client: Client, callbacks: Callbacks): Promise<Uint8Array> {
  const counts = new Uint8Array(callbacks.size);
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: { events: Pick<DetailedEvent, "platform">[]; cursor: string | null } = await client.events({
      limit: 200,
      cursor,
    });
    for (const { platform } of page.events) {
      const number = numberOf(platform);
      if (number >= 0) counts[number]!++;
    }
    cursor = page.cursor;
  }
  return counts;
}

export interface Evidence {
  callbacks: Callbacks;
  dataDir: string;
  /** By number: 1 if an answer has promised that the event is kept. */
  acknowledged: Uint8Array;
  /** By number: how often the API lists the event. */
  listed: Uint8Array;
  received: ReceivedAll;
  /** False: the time was up before everything had arrived. */
  drained: boolean;
}

export interface Balance {
  kept: number;
  deliveries: number;
  deadLetters: number;
  /** Acknowledged and not kept, or kept and neither delivered nor a dead letter. */
  lost: number;
  outOfOrder: number;
}

const [lostKind, orderKind] = ["lost", "out of order"];

/** Reads the storage of a gateway that has stopped. */
export function balance(evidence: Evidence, problems: Problems): Balance {
  const storage: Storage = { shards: readBooks(evidence.dataDir), destinations: wantEverything };
  for (const sentence of imbalancesOf(storage)) problems.add("an invariant of storage is broken", sentence);
  const kept = checkKept(evidence, storage, problems);
  const deadLetters = checkDelivered(evidence, storage, problems);
  checkOrder(evidence, storage, problems);
  return {
    kept,
    deliveries: evidence.received.sums.delivered,
    deadLetters,
    lost: problems.count(lostKind),
    outOfOrder: problems.count(orderKind),
  };
}

/** Each acknowledged event once, no other event, with the bytes and the id that it was sent and forwarded with. */
function checkKept(
  { callbacks, acknowledged, listed, received }: Evidence,
  { shards }: Storage,
  problems: Problems,
): number {
  const counts = new Uint8Array(callbacks.size);
  let kept = 0;
  for (const { event } of shards.flatMap(({ entries }) => entries)) {
    const number = numberOf(event.platform);
    if (number < 0 || number >= callbacks.size) {
      problems.add("a stranger is kept", `${event.id} of ${event.platform}`);
      continue;
    }
    kept++;
    counts[number]!++;
    const { kind, body, command } = callbacks.at(number);
    if (kind === "probe" || kind === "refused") problems.add("kept although it was refused", labelOf(number));
    if (event.quarantined !== (kind === "quarantined")) problems.add("wrongly quarantined", labelOf(number));
    if (event.body !== body || event.command !== command)
      problems.add("kept with other bytes", `${labelOf(number)}: ${event.body.slice(0, 200)}`);
    const hash = received.ids[number];
    if (hash !== 0 && hash !== idHash(event.id))
      problems.add("forwarded with another id", `${labelOf(number)}, kept as ${event.id}`);
  }
  for (let number = 0; number < callbacks.size; number++) {
    if (acknowledged[number] === 1 && counts[number] === 0)
      problems.add(lostKind, `${labelOf(number)} was acknowledged, and is not kept`);
    if (counts[number]! > 1) problems.add("kept twice", labelOf(number));
    if (counts[number] !== listed[number])
      problems.add(
        "the API lists otherwise",
        `${labelOf(number)}: kept ${counts[number]}, listed ${listed[number]}`,
      );
    if (received.ids[number] !== 0 && counts[number] === 0)
      problems.add("forwarded and not kept", labelOf(number));
  }
  return kept;
}

/** Returns the number of dead letters. */
function checkDelivered(
  { callbacks, received, drained }: Evidence,
  { shards }: Storage,
  problems: Problems,
): number {
  let deadLetters = 0;
  for (const { entries, settled } of shards) {
    const dead = new Set(
      settled.flatMap(({ state, destination, position }) =>
        state === "dead" ? [`${destination} ${position}`] : [],
      ),
    );
    deadLetters += dead.size;
    for (const { event, position } of entries) {
      const number = numberOf(event.platform);
      if (number < 0 || event.quarantined) continue;
      for (const name of destinationNames)
        if (
          destinations[name].wants(callbacks.at(number)) &&
          received.ledgers[name].delivered[number] === 0 &&
          !dead.has(`${name} ${position}`)
        )
          problems.add(
            drained ? lostKind : "not delivered when the time was up",
            `${labelOf(number)} is kept, and ${name} has not got it`,
          );
    }
  }
  return deadLetters;
}

/** An event that was a dead letter once is apart: it has released its conversation. */
function checkOrder({ received }: Evidence, { shards }: Storage, problems: Problems): void {
  for (const name of destinationNames.filter((one) => destinations[one].ordered)) {
    const arrival = placesOf(received.ledgers[name].arrivals);
    for (const { entries, settled } of shards) {
      const givenUp = new Set(
        settled
          .filter(({ destination }) => destination === name)
          .filter(({ state, attempts }) => state === "dead" || attempts.at(-1)!.number > mostAttempts)
          .map(({ position }) => position),
      );
      const last = new Map<string, { place: number; number: number }>();
      for (const { event, position } of entries) {
        const number = numberOf(event.platform);
        const place = arrival.get(number);
        if (event.conversation === null || place === undefined || givenUp.has(position)) continue;
        const before = last.get(event.conversation);
        if (before !== undefined && before.place > place)
          problems.add(
            orderKind,
            `${labelOf(number)} came to ${name} before ${labelOf(before.number)} of ${event.conversation}`,
          );
        else last.set(event.conversation, { place, number });
      }
    }
  }
}

function placesOf(arrivals: Int32Array): ReadonlyMap<number, number> {
  return new Map(Array.from(arrivals, (number, place) => [number, place]));
}
