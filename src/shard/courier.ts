/**
 * Posts on behalf of a shard. An object may have six connections that wait for an answer; a stateless entrypoint
 * has six of its own every time it is called.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Message } from "../delivery/message.ts";
import type { Outcome } from "../delivery/outcome.ts";
import { send } from "../delivery/send.ts";

/** Posts of one call, and posts that a shard makes itself: one less than there are connections. */
export const parallelPosts = 5;

export class Courier extends WorkerEntrypoint<Env> {
  post(messages: readonly Message[]): Promise<Outcome[]> {
    return Promise.all(messages.map((message) => send(message, Date.now)));
  }
}

/** Sends here while there are connections, and through couriers, several posts a call, when there are none. */
export class Dispatch {
  readonly #call: (messages: Message[]) => Promise<Outcome[]>;
  #here = 0;
  #parcels = new Map<string, { message: Message; resolve(outcome: Promise<Outcome>): void }[]>();

  constructor(call: (messages: Message[]) => Promise<Outcome[]>) {
    this.#call = call;
  }

  async post(destination: string, message: Message): Promise<Outcome> {
    if (this.#here >= parallelPosts) return this.#parcel(destination, message);
    this.#here++;
    try {
      return await send(message, Date.now);
    } finally {
      this.#here--;
    }
  }

  /** Posts of one destination that begin together share a call: a slow one delays none of another's. */
  #parcel(destination: string, message: Message): Promise<Outcome> {
    return new Promise((resolve) => {
      const parcel = this.#parcels.get(destination);
      if (parcel) parcel.push({ message, resolve });
      else this.#parcels.set(destination, [{ message, resolve }]);
      if (this.#parcels.size === 1 && !parcel) queueMicrotask(() => this.#dispatch());
    });
  }

  #dispatch(): void {
    for (const parcel of this.#parcels.values())
      for (let first = 0; first < parcel.length; first += parallelPosts) {
        const together = parcel.slice(first, first + parallelPosts);
        const outcomes = this.#call(together.map(({ message }) => message));
        together.forEach(({ resolve }, index) => {
          resolve(outcomes.then((all) => all[index]!));
        });
      }
    this.#parcels = new Map();
  }
}
