/** Replays that an operator of a simulation asks for. */
import type { ReplayFilter, ReplayPart } from "../../src/shard/replay/order.ts";
import { mergeReplays, reportOf } from "../../src/shard/replay/report.ts";
import { type Books, booksOf } from "../shard/books.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { hasTables } from "./object-storage.ts";
import { isConfirmed, wasForgotten } from "./repeats.ts";
import type { DestinationName } from "./steps.ts";

/** A replay that was ordered and answered. */
interface Ordered {
  id: string;
  destination: DestinationName;
  /** Time of the timeline before the order. */
  at: number;
  choice: ReplayFilter["choice"];
  /** Ids of the events that fitted then. */
  events: ReadonlySet<string>;
}

export class Replays {
  readonly #gateway: SimulatedGateway;
  readonly #asked = new Set<string>();
  readonly #skipped = new Set<string>();
  readonly #ordered: Ordered[] = [];

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  /** Whether the event may be sent to the destination again, and outside the order. */
  has(destination: DestinationName, id: string): boolean {
    return this.#asked.has(`${destination} ${id}`);
  }

  /** Whether an operator gave the event up: later events of its conversation may come before it. */
  hasSkipped(destination: DestinationName, id: string): boolean {
    return this.#skipped.has(`${destination} ${id}`);
  }

  async event(number: number, destination: DestinationName | null): Promise<void> {
    const { sent } = this.#gateway;
    const event = sent[number % Math.max(1, sent.length)];
    if (!event) return;
    for (const name of destination ? [destination] : this.#gateway.wanting)
      this.#asked.add(`${name} ${event.id}`);
    await this.#gateway.ask(event.shard, (shard) => shard.replay(event.id, destination && [destination], []));
  }

  /** Gives an event up. Where a post carries it, later events of its conversation may come before the event does. */
  async skip(number: number, destination: DestinationName | null): Promise<void> {
    const { sent } = this.#gateway;
    const event = sent[number % Math.max(1, sent.length)];
    if (!event) return;
    for (const name of destination ? [destination] : this.#gateway.wanting)
      this.#skipped.add(`${name} ${event.id}`);
    await this.#gateway.ask(event.shard, (shard) => shard.skip(event.id, destination && [destination]));
  }

  /** Orders a replay as the API does, which refuses it unless the rule is right. */
  async all(order: Pick<ReplayFilter, "choice"> & { destination: DestinationName; perSecond: number }) {
    const { destination, choice, perSecond } = order;
    const gateway = this.#gateway;
    if (!["right", "moved"].includes(gateway.rule(destination))) return;
    const at = gateway.timeline.now;
    const far = at + 365 * 86_400_000;
    const filter = { destination, choice, since: 0, until: far, orderedAt: at, narrowing: "{}" };
    for (const { id } of gateway.sent) this.#asked.add(`${destination} ${id}`);
    const parts: ReplayPart[] = [];
    for (let index = 0; index < gateway.shardCount; index++) {
      const part = await gateway.ask(index, (shard) => shard.countReplay(filter));
      if (part === null) return;
      parts.push(part);
    }
    for (const { id } of gateway.sent) this.#asked.add(`${destination} ${id}`);
    const events = new Set(parts.flatMap((part, index) => this.#fitting(index, part, choice)));
    const id = await gateway.ask(0, (shard) => shard.startReplay(filter, perSecond, parts));
    if (id !== null) this.#ordered.push({ id, destination, at, choice, events });
  }

  #fitting(index: number, { first, last }: ReplayPart, choice: ReplayFilter["choice"]): string[] {
    const object = this.#gateway.shards[index];
    if (!object || !hasTables(object) || choice === "dead") return [];
    return booksOf(object.database, object.name).entries.flatMap(({ position, event }) =>
      position >= first && position < last && event.quarantined === (choice === "quarantined")
        ? [event.id]
        : [],
    );
  }

  async cancel(number: number): Promise<void> {
    const ordered = this.#ordered[number % Math.max(1, this.#ordered.length)];
    if (ordered) await this.#gateway.ask(0, (shard) => shard.cancelReplay(ordered.id));
  }

  /** At the end: replays that run on, whose books do not balance, or that have skipped or repeated an event. */
  *problems(books: readonly Books[]): Iterable<string> {
    const replays = mergeReplays(books.flatMap(({ replays }) => replays.map(reportOf)));
    // An erased event is sent no more.
    const left = books.flatMap(({ entries }) => entries.filter(({ event }) => !event.erased));
    const kept = new Set(left.map(({ event }) => event.id));
    for (const { id, state, matched, sent, failed } of replays) {
      if (state === "running") yield `${id} runs on, with ${sent} sent and ${failed} failed of ${matched}`;
      const ordered = this.#ordered.find((one) => one.id === id);
      if (!ordered) continue;
      yield* this.#repeated(ordered);
      if (state !== "done" || ordered.choice === "dead") continue;
      if ([...ordered.events].every((event) => kept.has(event)) && sent + failed !== matched)
        yield `${id} has sent ${sent}, and failed ${failed}, of ${matched}`;
      yield* this.#passedOver(ordered, kept, this.#givenUp(books, ordered));
    }
  }

  /** Events that no post has carried since the order. A destination that hangs notes none of a later dead letter. */
  *#passedOver(
    { id, destination, at, events }: Ordered,
    kept: ReadonlySet<string>,
    dead: ReadonlySet<string>,
  ): Iterable<string> {
    const { arrivals } = this.#gateway.destinations.get(destination)!;
    const since = arrivals.filter(({ post }) => post.answeredAt === null || post.answeredAt >= at);
    const carried = new Set(since.map((arrival) => arrival.id));
    for (const event of events)
      if (kept.has(event) && !carried.has(event) && !dead.has(event))
        yield `${id} has skipped ${event} for ${destination}`;
  }

  /** Ids of the events that were given up since the order; where a clock was set, of all that were given up. */
  #givenUp(books: readonly Books[], { destination, at }: Ordered): Set<string> {
    const ids = new Set<string>();
    const clockMoved = this.#gateway.shards.some((object) => object?.clockMoved);
    for (const { settled, entries } of books) {
      const dead = new Set(
        settled.flatMap((row) =>
          row.destination === destination && row.state === "dead" && (clockMoved || row.at >= at)
            ? [row.position]
            : [],
        ),
      );
      for (const { position, event } of entries) if (dead.has(position)) ids.add(event.id);
    }
    return ids;
  }

  /** Events that it has sent again though the destination had taken them, without a crash. */
  *#repeated({ id, destination }: Ordered): Iterable<string> {
    const { arrivals } = this.#gateway.destinations.get(destination)!;
    const own = arrivals
      .filter(({ post }) => post.message.headers["tim-relay-replay"] === id)
      .sort((a, b) => a.post.begunAt - b.post.begunAt);
    for (const [event, all] of Map.groupBy(own, (arrival) => arrival.id))
      for (const [index, again] of all.entries())
        for (const first of all.slice(0, index))
          if (
            first.post !== again.post &&
            isConfirmed(first) &&
            !all.slice(0, index).some((earlier) => wasForgotten(earlier, again))
          )
            yield `${id} has sent ${event} to ${destination} again`;
  }

  /** Dead letters, and deliveries that become dead while the call runs. */
  async deadLetters(destination: DestinationName | null): Promise<void> {
    const names = destination ? [destination] : this.#gateway.wanting;
    this.#noteOpen(names);
    await Promise.all(
      this.#gateway.shards.map(async (_, index) => {
        await this.#gateway.ask(index, (shard) =>
          shard.replayDeadLetters(destination && [destination], null, []),
        );
        this.#noteOpen(names);
      }),
    );
  }

  #noteOpen(names: readonly DestinationName[]): void {
    for (const object of this.#gateway.shards) {
      if (!object || !hasTables(object)) continue;
      const { entries, settled } = booksOf(object.database, object.name);
      const ids = new Map(entries.map(({ position, event }) => [position, event.id]));
      for (const { destination, position, state } of settled)
        if (state === "dead" && names.some((name) => name === destination))
          this.#asked.add(`${destination} ${ids.get(position)}`);
    }
    for (const name of names) {
      const { taken } = this.#gateway.destinations.get(name)!;
      for (const { id } of this.#gateway.sent) if (!taken.has(id)) this.#asked.add(`${name} ${id}`);
    }
  }
}
