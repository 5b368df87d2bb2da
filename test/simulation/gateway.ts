/** The gateway of a simulation: shards, the Workers that call them, and the destinations. */
import { newEventId } from "../../src/callback/event-id.ts";
import type { Message } from "../../src/delivery/message.ts";
import { type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import type { Append } from "../../src/shard/append/append.ts";
import { shardName, shardOf } from "../../src/shard/cluster/shards.ts";
import { packEvent } from "../../src/shard/journal/packed-event.ts";
import type { Shard } from "../../src/shard/shard.ts";
import { eventWith } from "../delivery/sample.ts";
import type { Chance } from "./chance.ts";
import { SimulatedDestination } from "./destination.ts";
import { SimulatedObject } from "./object.ts";
import { type DestinationName, destinationNames, type RuleState, type Step } from "./steps.ts";
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

/** A call to a shard ends by then: the Worker's own request does. Milliseconds. */
const callWithinMs = 30_000;

/** Attempts to keep one event. */
const attempts = 4;

export class SimulatedGateway {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly shards: SimulatedObject[] = [];
  readonly destinations: ReadonlyMap<DestinationName, SimulatedDestination>;
  readonly sent: Sent[] = [];
  /** Events that somebody asked to have sent again: their order is not promised. */
  readonly replayed = new Set<string>();
  /** Names that were forgotten: their events may be gone. */
  readonly forgotten = new Set<DestinationName>();
  /** Whether a clock was set at some time. */
  clockMoved = false;
  readonly #unreachable = new Set<number>();
  readonly #rules = new Map<DestinationName, RuleState>(destinationNames.map((name) => [name, "right"]));
  #shardCount = 1;
  #joined = false;
  #env: Record<string, unknown> = {};

  constructor(timeline: Timeline, chance: Chance) {
    this.timeline = timeline;
    this.chance = chance;
    this.destinations = new Map(
      destinationNames.map((name) => [name, new SimulatedDestination(name, timeline, chance)]),
    );
    this.#deploy();
  }

  get shardCount(): number {
    return this.#shardCount;
  }

  rule(name: DestinationName): RuleState {
    return this.#rules.get(name)!;
  }

  #object(index: number): SimulatedObject {
    this.shards[index] ??= new SimulatedObject(shardName(index), {
      timeline: this.timeline,
      chance: this.chance,
      env: (gate) => ({
        ...this.#env,
        SHARD: { getByName: (name: string) => this.#peer(Number(name.slice("shard-".length)), gate) },
      }),
      send: (message, now) => this.#send(message, now),
    });
    return this.shards[index];
  }

  async #send(message: Message, now: () => number): Promise<Outcome> {
    const name = new URL(message.url).hostname.split(".")[0] as DestinationName;
    const destination = this.destinations.get(name);
    if (!destination) return unanswered(new Error("no such host"), now(), now());
    return destination.receive(message, now);
  }

  /** A new environment, with which every object starts again. */
  #deploy(): void {
    const rules = destinationNames.flatMap((name): object[] => {
      const state = this.#rules.get(name)!;
      const keys = {
        name,
        url: `https://${name}${state === "moved" ? ".moved" : ""}.example.com/`,
        retry: ["1s", "20s"],
        timeoutMs: 3_000,
        ...(name === "ordered" || name === "both" ? { order: "conversation" } : {}),
        ...(name === "batched" || name === "both" ? { batch: { size: 4, ms: 300 } } : {}),
      };
      if (state === "removed") return [];
      if (state === "wrong") return [{ ...keys, timeoutMs: "soon" }];
      return [{ ...keys, ...(state === "off" && { enabled: false }) }];
    });
    this.#env = {
      SDK_APP_ID: "1400000000",
      RETENTION_HOURS: "48",
      SHARDS: String(this.#shardCount),
      FORWARD_RULES: JSON.stringify(rules),
    };
    for (const object of this.shards) object?.evict();
    // A new isolate of the Worker asks for the number of shards before it hands over an event.
    this.#joined = false;
  }

  /** A stub as a shard gets it to call another. */
  #peer(index: number, gate: () => Promise<void>) {
    const call = async <Result>(run: (shard: Shard) => Result | Promise<Result>): Promise<Result> => {
      await gate();
      await this.timeline.wait(this.chance.between(0, 5));
      if (this.#unreachable.has(index)) throw new Error("unreachable");
      const result = await this.#object(index).call(run);
      await this.timeline.wait(this.chance.between(0, 5));
      return result;
    };
    return {
      join: (shards: number) => call((shard) => shard.join(shards)),
      steer: (name: string, action: "pause" | "resume" | "disable" | "forget") =>
        call((shard) => shard.steer(name, action)),
      learn: (state: Parameters<Shard["learn"]>[0]) => call((shard) => shard.learn(state)),
      drain: () => call((shard) => shard.drain()),
    };
  }

  /** A call of a Worker; null if it fails or does not end in time. */
  async ask<Result>(index: number, run: (shard: Shard) => Result | Promise<Result>): Promise<Result | null> {
    const timedOut = this.timeline.wait(callWithinMs).then(() => null);
    return Promise.race([
      this.#object(index)
        .call(run)
        .catch(() => null),
      timedOut,
    ]);
  }

  /** Sends events as the Workers do: each is tried again until it is acknowledged. */
  append(conversations: string, quarantined: boolean): Promise<unknown> {
    return Promise.all([...conversations].map((letter) => this.#append(letter, quarantined)));
  }

  async #append(letter: string, quarantined: boolean): Promise<void> {
    const conversation = letter === "-" ? null : `group:${letter}`;
    const number = this.sent.length;
    const shard = shardOf(conversation ?? String(number), this.#shardCount);
    const random = Uint8Array.from({ length: 12 }, () => this.chance.between(0, 255));
    const id = newEventId(shard, Math.floor(this.timeline.now), random);
    const sent: Sent = { id, conversation, shard, quarantined, number, acknowledged: false };
    this.sent.push(sent);
    const body = JSON.stringify({ number });
    const event = eventWith({
      id,
      conversation,
      receivedAt: Math.floor(this.timeline.now),
      body,
      valid: !quarantined,
      quarantined,
      issues: quarantined ? [{ path: "GroupId", message: "is missing" }] : [],
    });
    const append: Append = {
      ...packEvent(event, [number + 1]),
      command: event.command,
      ...(quarantined && { misfit: ["GroupId"] }),
    };
    if (!this.#joined) {
      this.#joined = true;
      await this.ask(0, (object) => object.join(this.#shardCount));
    }
    for (let attempt = 0; attempt < attempts && !sent.acknowledged; attempt++) {
      sent.acknowledged =
        (await this.ask(shard, (object) => object.append(append).then(() => true))) === true;
      if (!sent.acknowledged) await this.timeline.wait(50 * 2 ** attempt);
    }
  }

  /** Takes a step. The answer ends with it, or runs on beside the steps that follow. */
  take(step: Step): Promise<unknown> | undefined {
    const object = "shard" in step ? this.shards[step.shard] : undefined;
    switch (step.do) {
      case "append":
        return this.append(step.conversations, step.quarantined ?? false);
      case "behave":
        this.destinations.get(step.destination)!.behaviour = step.as;
        return;
      case "crash":
        object?.crash();
        return;
      case "crashAtWrite":
        if (object?.alive) object.crashAtWrite = step.write;
        return;
      case "evict":
        object?.evict();
        return;
      case "fillDisk":
        if (object) object.diskFull = step.full;
        return;
      case "moveClock":
        object?.moveClock(step.ms);
        this.clockMoved = true;
        return;
      case "fireAgain":
        object?.fireAgain();
        return;
      case "reach":
        if (step.reachable) this.#unreachable.delete(step.shard);
        else this.#unreachable.add(step.shard);
        return;
      case "steer":
        return this.ask(0, (shard) => shard.steer(step.destination, step.action));
      case "replay":
        return this.#replay(step.event, step.destination);
      case "replayDead":
        return this.#replayDead(step.destination);
      case "deploy":
        this.#rules.set(step.destination, step.rule);
        this.#deploy();
        return;
      case "grow":
        if (this.#shardCount === 3) return;
        this.#shardCount++;
        this.#deploy();
        return;
      case "forget":
        return this.#forget(step.destination);
      case "pass":
        return;
    }
  }

  async #replay(number: number, destination: DestinationName | null): Promise<void> {
    const event = this.sent[number % Math.max(1, this.sent.length)];
    if (!event) return;
    this.replayed.add(event.id);
    await this.ask(event.shard, (shard) => shard.replay(event.id, destination && [destination], []));
  }

  async #replayDead(destination: DestinationName | null): Promise<void> {
    for (const { id } of this.sent) this.replayed.add(id);
    await Promise.all(
      this.shards.map((_, index) =>
        this.ask(index, (shard) => shard.replayDeadLetters(destination && [destination], null, [])),
      ),
    );
  }

  async #forget(destination: DestinationName): Promise<void> {
    if (this.#rules.get(destination) !== "removed") return;
    this.forgotten.add(destination);
    await Promise.all(this.shards.map((_, index) => this.ask(index, (shard) => shard.forget(destination))));
  }

  /** Everything is well from now on: what waits can be delivered. */
  async heal(): Promise<void> {
    for (const destination of this.destinations.values()) destination.behaviour = "well";
    this.#unreachable.clear();
    for (const object of this.shards) {
      if (!object) continue;
      object.diskFull = false;
      object.crashAtWrite = null;
    }
    for (const name of destinationNames) this.#rules.set(name, "right");
    this.#deploy();
  }
}
