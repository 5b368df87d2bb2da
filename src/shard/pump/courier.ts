/**
 * Posts on behalf of a shard. An object may have six connections that wait for an answer; a stateless entrypoint
 * has six of its own every time it is called, and a call costs nothing.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import { readConfig } from "../../config.ts";
import type { Message } from "../../delivery/message.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import { send } from "../../delivery/send.ts";

/** Posts that a shard makes itself: one less than there are connections. */
const ownPosts = 5;

export class Courier extends WorkerEntrypoint<Env> {
  post(message: Message): Promise<Outcome> {
    return send(message, Date.now, readConfig(this.env).secrets);
  }
}

/** Sends here while there are connections, and through couriers when there are none: none waits for another. */
export class Sender {
  readonly #courier: (message: Message) => Promise<Outcome>;
  readonly #secrets: readonly string[];
  #underway = 0;

  /** @param secrets are masked in every outcome */
  constructor(courier: (message: Message) => Promise<Outcome>, secrets: readonly string[]) {
    this.#courier = courier;
    this.#secrets = secrets;
  }

  async post(message: Message): Promise<Outcome> {
    if (this.#underway >= ownPosts) return this.#courier(message);
    this.#underway++;
    try {
      return await send(message, Date.now, this.#secrets);
    } finally {
      this.#underway--;
    }
  }
}
