/** A destination of a simulation: it answers as it is told, and writes down every event that arrives. */
import { answered, type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import type { Chance } from "../support/chance.ts";
import { Bindings } from "./bindings.ts";
import type { Post } from "./surroundings.ts";
import type { Timeline } from "./timeline.ts";

export const behaviours = ["well", "failing", "refusing", "gone", "busy", "hanging", "flapping"] as const;
export type Behaviour = (typeof behaviours)[number];

export interface Arrival {
  id: string;
  at: number;
  /** Whether the destination took it. */
  taken: boolean;
  /** Whether its answer was lost on the way. */
  answerLost: boolean;
  post: Post;
}

export class SimulatedDestination {
  readonly name: string;
  behaviour: Behaviour = "well";
  readonly arrivals: Arrival[] = [];
  readonly bindings: Bindings;
  readonly #timeline: Timeline;
  readonly #chance: Chance;

  constructor(name: string, timeline: Timeline, chance: Chance) {
    this.name = name;
    this.#timeline = timeline;
    this.#chance = chance;
    this.bindings = new Bindings(this, timeline, chance);
  }

  /** Bodies with an event that was erased before. */
  readonly erased: string[] = [];

  /** Ids of the events that it took. */
  get taken(): Set<string> {
    return new Set(this.arrivals.flatMap(({ id, taken }) => (taken ? [id] : [])));
  }

  async receive(post: Post): Promise<Outcome> {
    if (post.message.events) return this.bindings.carry(post);
    const { message, object } = post;
    const at = object.now();
    await this.#timeline.wait(this.#chance.between(0, 20));
    if (this.behaviour === "hanging") {
      await this.#timeline.wait(message.timeoutMs);
      return unanswered(new DOMException("The answer took too long", "TimeoutError"), at, object.now());
    }
    const { status, headers = {} } = this.answer();
    const taken = status === 200;
    const answerLost = this.#chance.happens(0.01);
    this.arrive(post, [message.body], { taken, answerLost });
    await this.#timeline.wait(this.#chance.between(0, 20));
    if (answerLost) return unanswered(new TypeError("Network connection lost."), at, object.now());
    return answered({ status, headers: new Headers(headers) }, "", at, object.now());
  }

  /** Events arrive. @param bodies an event each, or a batch */
  arrive(
    post: Post,
    bodies: readonly string[],
    { taken, answerLost }: Pick<Arrival, "taken" | "answerLost">,
  ): readonly Arrival[] {
    const arrived = bodies.flatMap((body) => {
      if (body.includes('"data":{}')) this.erased.push(body);
      return idsOf(body).map((id) => ({ id, at: this.#timeline.now, taken, answerLost, post }));
    });
    this.arrivals.push(...arrived);
    return arrived;
  }

  /** The answer to an event now, as its behaviour has it. */
  answer(): { status: number; headers?: Record<string, string> } {
    switch (this.behaviour) {
      case "failing":
        return { status: 500 };
      case "refusing":
        return { status: 400 };
      case "gone":
        return { status: 410 };
      case "busy":
        return { status: 429, headers: { "retry-after": String(this.#chance.between(1, 20)) } };
      case "flapping":
        return { status: this.#chance.pick([200, 500, 400]) };
      default:
        return { status: 200 };
    }
  }
}

/** The events in a body: one, or a batch. */
export function idsOf(body: string): string[] {
  const value = JSON.parse(body) as { id: string } | { id: string }[];
  return [value].flat().map(({ id }) => id);
}
