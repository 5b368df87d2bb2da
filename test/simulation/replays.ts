/** Replays that an operator of a simulation asks for. */
import { booksOf } from "../shard/books.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { hasTables } from "./object-storage.ts";
import { type DestinationName, destinationNames } from "./steps.ts";

export class Replays {
  readonly #gateway: SimulatedGateway;
  readonly #asked = new Set<string>();
  readonly #skipped = new Set<string>();

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
    for (const name of destination ? [destination] : destinationNames) this.#asked.add(`${name} ${event.id}`);
    await this.#gateway.ask(event.shard, (shard) => shard.replay(event.id, destination && [destination], []));
  }

  /** Gives an event up. Where a post carries it, later events of its conversation may come before the event does. */
  async skip(number: number, destination: DestinationName | null): Promise<void> {
    const { sent } = this.#gateway;
    const event = sent[number % Math.max(1, sent.length)];
    if (!event) return;
    for (const name of destination ? [destination] : destinationNames)
      this.#skipped.add(`${name} ${event.id}`);
    await this.#gateway.ask(event.shard, (shard) => shard.skip(event.id, destination && [destination]));
  }

  /** Dead letters, and deliveries that become dead while the call runs. */
  async deadLetters(destination: DestinationName | null): Promise<void> {
    const names = destination ? [destination] : destinationNames;
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
