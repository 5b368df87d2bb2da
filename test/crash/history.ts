/** The history of a round's storage over all kills: kept events, their order, recorded deliveries. */
import { readEventId } from "../../src/callback/event-id.ts";
import type { Books } from "../shard/books.ts";

export interface KeptEvent {
  label: string;
  /** The id without its time: a folder that is made older has other times. */
  idTail: string;
  shard: number;
  conversation: string | null;
  quarantined: boolean;
}

/** The part of an event's id that stays when its folder is made older. */
export function idTail(id: string): string {
  return id.slice(14);
}

export class History {
  readonly kept = new Map<string, KeptEvent>();
  /** Labels in the order of keeping, by shard and conversation. */
  readonly order = new Map<string, string[]>();
  /** By destination: labels whose delivery a row has recorded, and when that was seen. */
  readonly recorded = new Map<string, Map<string, number>>();
  /** Sentences: events that are kept twice. */
  readonly problems: string[] = [];

  /** @param at when the storage was read, Unix milliseconds */
  observe(shards: readonly Books[], at: number): void {
    for (const books of shards) {
      for (const { event } of books.entries) this.#keep(event);
      for (const [name, labels] of deliveredIn(books)) {
        const known = this.recorded.get(name) ?? new Map();
        this.recorded.set(name, known);
        for (const label of labels) if (!known.has(label)) known.set(label, at);
      }
    }
  }

  #keep({ id, platform, conversation, quarantined }: Books["entries"][number]["event"]): void {
    const label = String(platform);
    const before = this.kept.get(label);
    if (before) {
      if (before.idTail !== idTail(id)) this.problems.push(`${label} is kept twice`);
      return;
    }
    const shard = readEventId(id)!.shard;
    this.kept.set(label, { label, idTail: idTail(id), shard, conversation, quarantined });
    if (conversation === null || quarantined) return;
    const key = orderKey(shard, conversation);
    this.order.set(key, [...(this.order.get(key) ?? []), label]);
  }
}

/** Growing breaks the order between two shards: it holds for the events of a conversation that one shard keeps. */
export function orderKey(shard: number, conversation: string): string {
  return `shard ${shard} ${conversation}`;
}

/** By destination, the labels of events whose delivery the rows of a shard record, and that are not queued again. */
function deliveredIn({ segments, entries, states, settled, retries }: Books): Map<string, Set<string>> {
  const labels = new Map(entries.map(({ position, event }) => [position, String(event.platform)]));
  const delivered = new Map<string, Set<string>>();
  const note = (name: string, position: number) => {
    const label = labels.get(position);
    if (label === undefined) return;
    const known = delivered.get(name) ?? new Set();
    delivered.set(name, known.add(label));
  };
  for (const { progress } of segments)
    for (const [name, position] of progress.delivered) note(name, position);
  for (const [name, { done = [] }] of Object.entries(states))
    for (const position of done) note(name, position);
  for (const { destination, position, state } of settled)
    if (state === "delivered") note(destination, position);
  for (const { destination, positions } of retries)
    for (const position of positions) delivered.get(destination)?.delete(labels.get(position) ?? "");
  return delivered;
}

/** How many events of these shards a destination has not got, as far as rows tell. */
export function outstandingIn(shards: readonly Books[], name: string): number {
  return shards.reduce((sum, books) => {
    const valid = books.entries.filter(({ event }) => !event.quarantined).length;
    return sum + valid - (deliveredIn(books).get(name)?.size ?? 0);
  }, 0);
}

/** Whether events wait for a destination, as rows tell. */
export function waitsIn(shards: readonly Books[], name: string): boolean {
  return shards.some(({ segments, states, retries }) => {
    const state = states[name];
    const last = segments.at(-1);
    if (!state || !last) return false;
    return (
      state.underway.length > 0 ||
      state.cursor < last.position + last.count ||
      retries.some(({ destination }) => destination === name)
    );
  });
}
