/** The world around a simulated object: the environment of its deployment, the network, the other objects. */
import type { Message } from "../../src/delivery/message.ts";
import type { Outcome } from "../../src/delivery/outcome.ts";
import type { ListenerHost } from "../../src/delivery/transports/transport.ts";
import type { Chance } from "../support/chance.ts";
import type { SimulatedObject } from "./object.ts";
import type { Timeline } from "./timeline.ts";

/** A post of an object. Times are the timeline's. */
export interface Post {
  readonly object: SimulatedObject;
  /** The number of the object's start. */
  readonly life: number;
  readonly message: Message;
  /** Where the object reaches listeners. */
  readonly listeners: ListenerHost | undefined;
  readonly begunAt: number;
  /** When the object was told the outcome; null: not yet, or never. */
  answeredAt: number | null;
  /** The object was told no outcome, only that the call which the post shared has failed. */
  callFailed: boolean;
}

/** How a call of the object to another leaves it and comes back. */
export interface OutgoingCall {
  /** Resolves when the call leaves. */
  left(): Promise<void>;
  /** Resolves when the object goes on with the answer; never, if it is dead. */
  answered(): Promise<void>;
}

/** The world around an object. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  /** The environment of the deployed version. */
  env(call: OutgoingCall): Record<string, unknown>;
  /** The object begins a post. */
  begin(post: Post): void;
  /** The request leaves for a destination. */
  send(post: Post): Promise<Outcome>;
  /** An error that the object's code did not catch. */
  uncaught(error: unknown): void;
}
