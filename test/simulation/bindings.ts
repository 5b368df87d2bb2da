/** A queue and a bucket of a simulation, behind the gateway's own transports. They fail as their destination is told. */

import type { Outcome } from "../../src/delivery/outcome.ts";
import { unanswered } from "../../src/delivery/outcome.ts";
import { carry } from "../../src/delivery/transports/transports.ts";
import type { Chance } from "../support/chance.ts";
import type { SimulatedDestination } from "./destination.ts";
import type { Post } from "./surroundings.ts";
import type { Timeline } from "./timeline.ts";

/** The bindings of every deployment: a rule tells them apart by their methods. */
export const bindings = {
  QUEUE: { sendBatch: absent },
  ARCHIVE: { put: absent, createMultipartUpload: absent },
};

function absent(): never {
  throw new Error("a binding is called where no message is carried");
}

export class Bindings {
  readonly #destination: SimulatedDestination;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  /** Ids of the events in each object of the bucket, by its name. */
  readonly #objects = new Map<string, readonly string[]>();
  /** Broken promises of objects, as sentences. */
  readonly complaints: string[] = [];

  constructor(destination: SimulatedDestination, timeline: Timeline, chance: Chance) {
    this.#destination = destination;
    this.#timeline = timeline;
    this.#chance = chance;
  }

  async carry(post: Post): Promise<Outcome> {
    const { message, object } = post;
    const now = () => object.now();
    const at = now();
    const stop = new AbortController();
    const late = new DOMException("The answer took too long", "TimeoutError");
    const cancel = this.#timeline.after(message.timeoutMs, () => stop.abort(late));
    const env = {
      QUEUE: { sendBatch: (messages: { body: string }[]) => this.#send(post, messages) },
      ARCHIVE: {
        createMultipartUpload: absent,
        put: (...put: [string, ArrayBuffer, Metadata]) => this.#put(post, ...put),
      },
    };
    try {
      return await carry(message, { at, now, signal: stop.signal, secrets: [], env, fetcher: absent });
    } catch (error) {
      return unanswered(error, at, now());
    } finally {
      cancel();
    }
  }

  #send(post: Post, messages: readonly { body: string }[]): Promise<void> {
    return this.#take(
      post,
      messages.map(({ body }) => JSON.parse(body).body),
    );
  }

  async #put(post: Post, name: string, content: ArrayBuffer, { customMetadata }: Metadata): Promise<void> {
    const lines = new TextDecoder().decode(content).split("\n").slice(0, -1);
    const ids = lines.map((line) => JSON.parse(line).id as string);
    const { first, last, count } = customMetadata;
    if (first !== ids[0] || last !== ids.at(-1) || count !== String(ids.length))
      this.complaints.push(`archived: ${name} holds ${ids}, and says ${JSON.stringify(customMetadata)}`);
    await this.#take(post, lines, () => {
      const before = this.#objects.get(name);
      if (before && before.join() !== ids.join())
        this.complaints.push(`archived: ${name} held ${before}, and is replaced by ${ids}`);
      this.#objects.set(name, ids);
    });
  }

  /** @param keep called when the binding has taken the events */
  async #take(post: Post, bodies: readonly string[], keep = () => {}): Promise<void> {
    const { behaviour } = this.#destination;
    await this.#timeline.wait(this.#chance.between(0, 20));
    if (behaviour === "hanging") await new Promise(() => {});
    const taken = behaviour === "well" || (behaviour === "flapping" && this.#chance.happens(0.3));
    const answerLost = this.#chance.happens(0.01);
    if (taken) keep();
    this.#destination.arrive(post, bodies, { taken, answerLost });
    await this.#timeline.wait(this.#chance.between(0, 20));
    if (!taken || answerLost) throw new Error("internal error");
  }
}

interface Metadata {
  customMetadata: { first: string; last: string; count: string };
}
