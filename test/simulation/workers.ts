/** The Workers of a simulation: they hand events to the shards until they are acknowledged. */
import { newEventId } from "../../src/callback/event-id.ts";
import type { Append } from "../../src/shard/append/append.ts";
import { shardOf } from "../../src/shard/cluster/shards.ts";
import { packEvent } from "../../src/shard/journal/packed-event.ts";
import type { Shard } from "../../src/shard/shard.ts";
import { eventWith } from "../delivery/sample.ts";
import type { Chance } from "../support/chance.ts";
import type { Handover } from "./steps.ts";
import type { Timeline } from "./timeline.ts";

/** An event that was sent to the gateway. */
export interface Sent {
  id: string;
  conversation: string | null;
  shard: number;
  quarantined: boolean;
  /** Its number among all sent. */
  number: number;
  acknowledged: boolean;
}

/** An attempt is given up after so long, and none begins after so long. Milliseconds. */
const attemptWithinMs = 4_000;
const tryForMs = 20_000;
const firstRetryMs = 50;

/** A new isolate uses the configured number of shards, if shard 0 does not tell it another within this time. */
const joinWithinMs = 400;

/** Calls a shard; null if the call fails, or does not end in time. */
export type Ask = <Result>(
  index: number,
  run: (shard: Shard) => Result | Promise<Result>,
  withinMs: number,
) => Promise<Result | null>;

export class Workers {
  readonly sent: Sent[] = [];
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #ask: Ask;
  #configured = 1;
  #shards: Promise<number> | null = null;

  constructor(timeline: Timeline, chance: Chance, ask: Ask) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#ask = ask;
  }

  /** A deployment begins a new isolate, which asks for the number of shards. */
  deploy(configured: number): void {
    this.#configured = configured;
    this.#shards = null;
  }

  /** Sends events at once, one of each conversation. */
  async append(conversations: string, quarantined: boolean, as: Handover): Promise<void> {
    this.#shards ??= this.#countShards(this.#configured);
    const shards = await this.#shards;
    const events = [...conversations].map((letter) => this.#event(letter, quarantined, shards));
    if (as === "together") await this.#together(events);
    const handovers = as === "twice" ? [...events, ...events] : events;
    await Promise.all(handovers.map(([sent, append]) => this.#keep(sent, append)));
  }

  async #countShards(configured: number): Promise<number> {
    const state = await this.#ask(0, (shard) => shard.join(configured), joinWithinMs);
    return state?.shards ?? configured;
  }

  #event(letter: string, quarantined: boolean, shards: number): [Sent, Append] {
    const conversation = letter === "-" ? null : `account:${letter}`;
    const number = this.sent.length;
    const shard = shardOf(conversation ?? String(number), shards);
    const random = Uint8Array.from({ length: 12 }, () => this.#chance.between(0, 255));
    const receivedAt = Math.floor(this.#timeline.now);
    const id = newEventId(shard, receivedAt, random);
    const sent: Sent = { id, conversation, shard, quarantined, number, acknowledged: false };
    this.sent.push(sent);
    const event = eventWith({
      id,
      conversation,
      receivedAt,
      body: JSON.stringify({ number, From_Account: letter }),
      valid: !quarantined,
      quarantined,
      issues: quarantined ? [{ path: "GroupId", message: "is missing" }] : [],
    });
    const append: Append = {
      ...packEvent(event, [number + 1]),
      command: event.command,
      ...(quarantined && { misfit: ["GroupId"] }),
      ...(this.#chance.happens(0.1) && { patient: true }),
      ...(this.#chance.happens(0.1) && { drift: [{ path: "Text", kind: "unknown field", seen: "string" }] }),
    };
    return [sent, append];
  }

  /** One call for the events of a shard. */
  async #together(events: readonly [Sent, Append][]): Promise<void> {
    const shards = Map.groupBy(events, ([{ shard }]) => shard);
    await Promise.all(
      [...shards].map(async ([index, own]) => {
        const appends = own.map(([, append]) => append);
        const kept = await this.#ask(
          index,
          (shard) => shard.appendAll(appends).then(() => true),
          attemptWithinMs,
        );
        if (kept) for (const [sent] of own) sent.acknowledged = true;
      }),
    );
  }

  async #keep(sent: Sent, append: Append): Promise<void> {
    const startedAt = this.#timeline.now;
    for (let wait = firstRetryMs; !sent.acknowledged; wait *= 2) {
      const kept = await this.#ask(
        sent.shard,
        (shard) => shard.append(append).then(() => true),
        attemptWithinMs,
      );
      if (kept) sent.acknowledged = true;
      else if (this.#timeline.now - startedAt + wait > tryForMs) return;
      else await this.#timeline.wait(wait);
    }
  }
}
