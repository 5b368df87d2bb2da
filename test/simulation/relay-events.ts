/** The relay events of a simulation: what they tell has happened, and each change is told once. */
import type { Event } from "../../src/callback/event.ts";
import type { Counted } from "../../src/shard/journal/relay-record.ts";
import { Findings } from "../../src/shard/relay/findings.ts";
import type { Books } from "../shard/books.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";

const minuteMs = 60_000;

/** A row that was not taken is written again within this time. Milliseconds. */
const againMs = 11_000;

/** The field that names what an event counts. */
const counted: Partial<Record<string, string>> = {
  "Relay.DeadLetter": "destination",
  "Relay.Quarantined": "command",
  "Relay.Expired": "destination",
  "Relay.SignatureRefused": "reason",
} satisfies Partial<Record<Counted, string>>;

interface Told {
  event: Event;
  body: Record<string, unknown>;
}

export class RelayEvents {
  readonly #gateway: SimulatedGateway;
  /** Every relay event that was durable at some time, by its id, in their order. */
  readonly #told = new Map<string, Told>();
  /** Targets of actions of which shard 0 has heard, and when an operator took them. */
  readonly #owed = new Map<string, number>();
  readonly #startedAt: number;
  #acts = 0;
  #refused = 0;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
    this.#startedAt = gateway.timeline.now;
  }

  /** Relay events that were told. */
  get told(): number {
    return this.#told.size;
  }

  /** How often shard 0 has died. */
  get #deaths(): number {
    return this.#gateway.shards[0]?.deaths.length ?? 0;
  }

  /** A Worker tells shard 0 that an operator has done something. */
  async act(): Promise<void> {
    const target = `rpl_${this.#acts++}`;
    const body = { action: "cancelled", target, by: "9f86d081" };
    const notice = { kind: "action", body } as const;
    const at = this.#gateway.timeline.now;
    const deaths = this.#deaths;
    const heard = await this.#gateway.ask(0, (shard) => {
      shard.relay(notice);
      return true;
    });
    // Where the disk takes no row the call fails, and shard 0 tells of it as soon as there is room.
    if (heard || this.#deaths === deaths) this.#owed.set(target, at);
  }

  /** A Worker tells shard 0 of callbacks that it has refused. */
  async refuse(count: number): Promise<void> {
    this.#refused += count;
    await this.#gateway.ask(0, (shard) => shard.relay({ kind: "refused", reason: "signature", count }));
  }

  /** Looks at the relay events that are kept. Yields what they tell that cannot be so. */
  *look(books: readonly Books[], everKept: ReadonlyMap<string, ReadonlySet<number>>): Iterable<string> {
    // A crash may take back rows that are not durable, and then nothing was told.
    if (!this.#gateway.shards[0]?.disk.flushing)
      for (const { told } of books)
        for (const { event } of told)
          if (!this.#told.has(event.id)) this.#told.set(event.id, { event, body: JSON.parse(event.body) });
    yield* this.#repeated();
    const quarantined = this.#gateway.sent
      .filter((event) => event.quarantined)
      .reduce((sum, { id }) => sum + Math.max(1, everKept.get(id)?.size ?? 0), 0);
    yield* this.#moreThan("Relay.Quarantined", quarantined);
    yield* this.#moreThan("Relay.SignatureRefused", this.#refused);
    const dead = books.reduce((sum, { counters }) => sum + (counters.dead ?? 0), 0);
    yield* this.#moreThan("Relay.DeadLetter", dead);
  }

  #of(command: string): Told[] {
    return [...this.#told.values()].filter(({ event }) => event.command === command);
  }

  #sumOf(command: string): number {
    return this.#of(command).reduce((sum, { body }) => sum + Number(body.count), 0);
  }

  *#moreThan(command: string, most: number): Iterable<string> {
    const sum = this.#sumOf(command);
    if (sum > most) yield `${command} tells of ${sum}, and there are ${most}`;
  }

  *#repeated(): Iterable<string> {
    for (const [target, told] of Map.groupBy(this.#of("Relay.Action"), ({ body }) => body.target))
      if (told.length > 1) yield `the action on ${target} is told ${told.length} times`;
    for (const [name, told] of Map.groupBy(this.#of("Relay.DestinationDisabled"), ({ body }) =>
      String(body.destination),
    )) {
      const resumed = this.#gateway.resumed.filter((one) => one === name).length;
      if (told.length > 1 + resumed && !this.#isForgotten(name))
        yield `${name} is told ${told.length} times to be disabled`;
    }
    for (const [difference, told] of Map.groupBy(
      this.#of("Relay.Drift"),
      ({ body }) => `${body.kind} of ${body.path} in ${body.command}`,
    ))
      if (told.length > 1) yield `the ${difference} is told ${told.length} times`;
    for (const { event, body } of this.#told.values())
      if (body.destination === "pager") yield `${event.command} tells of the deliveries of relay events`;
    yield* this.#tooSoon();
  }

  #isForgotten(name: string): boolean {
    return [...this.#gateway.forgotten].some((one) => one === name);
  }

  /** Events that count, twice within a minute. A storage that took no row takes several minutes at once. */
  *#tooSoon(): Iterable<string> {
    const [first] = this.#gateway.shards;
    if (!first || first.clockMoved || first.disk.wasFull) return;
    const last = new Map<string, number>();
    for (const { event, body } of this.#told.values()) {
      const field = counted[event.command];
      if (field === undefined) continue;
      const key = `${event.command} of ${body[field]}`;
      const before = last.get(key) ?? Number.NEGATIVE_INFINITY;
      if (event.receivedAt - before < minuteMs)
        yield `${key} is told ${event.receivedAt - before} ms after the last`;
      last.set(key, event.receivedAt);
    }
  }

  /** At the end of a run in which everything became well: what was not told, though nothing has prevented that. */
  *missing(books: readonly Books[]): Iterable<string> {
    const { shards, timeline, keptForMs, sent } = this.#gateway;
    for (const { shard, relay } of books)
      if (relay && (new Findings(relay.findings).pending || relay.herald?.queue.length))
        yield `${shard} still has something to tell`;
    if (timeline.now - this.#startedAt >= keptForMs) return;
    if (shards.some((object) => object?.clockMoved)) return;
    const targets = new Set(this.#of("Relay.Action").map(({ body }) => body.target));
    for (const [target, at] of this.#owed)
      if (!targets.has(target) && !mayForget(shards[0]!, at)) yield `the action on ${target} is not told`;
    const quarantined = sent.filter((event) => event.quarantined && event.acknowledged).length;
    const told = this.#sumOf("Relay.Quarantined");
    if (told < quarantined) yield `Relay.Quarantined tells of ${told}, and there are ${quarantined}`;
  }
}

/**
 * Whether the object died soon after its disk had taken no row: the row was to be written again. An object that heard of
 * something while it was about to start again may have met the full disk before.
 */
function mayForget({ disk, deaths }: SimulatedObject, heardAt: number): boolean {
  return disk.refusals.some(
    (at) =>
      at >= heardAt - againMs &&
      deaths.some((death) => death >= Math.max(at, heardAt) && death <= at + againMs),
  );
}
