/** The viewers of a simulation's live tail, and what they were shown. */
import { readEventId } from "../../src/callback/event-id.ts";
import { booksOf } from "../shard/books.ts";
import type { Line } from "../support/tail.ts";
import type { EverKept } from "./balance.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";
import type { Client, SimulatedSocket } from "./sockets.ts";

/** A viewer as it sees its connection. */
class SimulatedViewer implements Client {
  /** How often each event was shown. */
  readonly shown = new Map<string, number>();
  missed = 0;
  readonly #gateway: SimulatedGateway;
  readonly #socket: SimulatedSocket;
  readonly #acknowledges: boolean;
  #frames = 0;
  #left = false;

  constructor(gateway: SimulatedGateway, socket: SimulatedSocket, acknowledges: boolean) {
    this.#gateway = gateway;
    this.#socket = socket;
    this.#acknowledges = acknowledges;
    socket.viewer = this;
  }

  receive(text: string): void {
    this.#frames++;
    for (const line of JSON.parse(text) as Line[]) {
      if (line.type === "event") this.shown.set(line.event.id, (this.shown.get(line.event.id) ?? 0) + 1);
      if (line.type === "gap") this.missed += line.missed;
    }
    if (!this.#acknowledges) return;
    const message = JSON.stringify({ ack: this.#frames });
    this.#tell((object) => object.call((shard) => shard.webSocketMessage(this.#as, message)));
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#socket.readyState = 2;
    this.#tell(async (object) => {
      object.forget(this.#socket);
      await object.call((shard) => shard.webSocketClose(this.#as, 1000, ""));
    });
  }

  /** A message of the viewer arrives some milliseconds later. */
  #tell(arrive: (object: SimulatedObject) => Promise<void>): void {
    const { timeline, chance } = this.#gateway;
    timeline.after(chance.between(0, 5), () => {
      const { object, readyState } = this.#socket;
      if (object && readyState < 3) arrive(object).catch(() => {});
    });
  }

  get #as(): WebSocket {
    return this.#socket as unknown as WebSocket;
  }
}

export class SimulatedViewers {
  readonly #gateway: SimulatedGateway;
  readonly #viewers: SimulatedViewer[] = [];
  /** The first viewer that has not left. */
  #next = 0;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  /** Lines of events that were shown. */
  get lines(): number {
    return this.#viewers.flatMap(({ shown }) => [...shown.values()]).reduce((sum, times) => sum + times, 0);
  }

  /** Connects a viewer; null if it cannot be connected. */
  async watch(since: boolean, acknowledges: boolean): Promise<SimulatedViewer | null> {
    const filter = { command: null, conversation: null, account: null, destination: null };
    const query = JSON.stringify({ filter, since: since ? 0 : null });
    const asked = new Request(`http://shard/tail?${new URLSearchParams({ query })}`);
    const answer = await this.#gateway.ask(0, (shard) => shard.fetch(asked));
    const socket = answer?.webSocket as unknown as SimulatedSocket | null;
    if (!socket) return null;
    const viewer = new SimulatedViewer(this.#gateway, socket, acknowledges);
    this.#viewers.push(viewer);
    return viewer;
  }

  /** The viewer that has been there longest leaves. */
  unwatch(): void {
    if (this.#next < this.#viewers.length) this.#viewers[this.#next++]!.leave();
  }

  leave(): void {
    while (this.#next < this.#viewers.length) this.unwatch();
  }

  /** Events that are kept, and that a viewer was not shown as often as they are. */
  *unshown({ shown, missed }: SimulatedViewer): Iterable<string> {
    if (missed > 0) yield `a viewer that acknowledges missed ${missed} lines`;
    const kept = new Map<string, number>();
    for (const object of this.#gateway.shards) {
      if (!object) continue;
      const oldest = object.now() - this.#gateway.retentionMs;
      for (const { event } of booksOf(object.database, object.name).entries)
        if (event.receivedAt >= oldest) kept.set(event.id, (kept.get(event.id) ?? 0) + 1);
    }
    for (const [id, times] of kept)
      if (shown.get(id) !== times) yield `${id} is kept ${times} times, and shown ${shown.get(id) ?? 0}`;
  }

  /** Shards that still keep an interest, though there is no viewer. */
  *leftovers(): Iterable<string> {
    for (const object of this.#gateway.shards) {
      if (!object) continue;
      const { watched } = booksOf(object.database, object.name);
      if (watched.length > 0) yield `${object.name} feeds viewers that are gone`;
    }
  }

  /** Whether its day may have come and gone between two looks: retention may have been shorter than it is. */
  #mayBeGone(id: string): boolean {
    const { shard, at } = readEventId(id)!;
    return at < this.#gateway.shards[shard]!.now() - this.#gateway.keptForMs;
  }

  /** Events that were shown twice, or that no row holds. */
  *complaints(everKept: EverKept): Iterable<string> {
    for (const [number, { shown }] of this.#viewers.entries())
      for (const [id, times] of shown) {
        const kept = everKept.get(id)?.size ?? 0;
        if (kept === 0 && this.#mayBeGone(id)) continue;
        if (times > kept && this.#gateway.keptForMs > 0)
          yield `viewer ${number} was shown ${id} ${times} times, which was kept ${kept} times`;
      }
  }
}
