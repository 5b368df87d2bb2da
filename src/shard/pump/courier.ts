/**
 * Posts on behalf of a shard. An object may have six connections that wait for an answer. A stateless entrypoint
 * has six of its own every time it is called, and a call costs nothing.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import { readConfig } from "../../config.ts";
import type { Message } from "../../delivery/message.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import { send } from "../../delivery/send.ts";

export class Courier extends WorkerEntrypoint<Env> {
  post(message: Message): Promise<Outcome> {
    return send(message, { now: Date.now, secrets: readConfig(this.env).secrets, env: this.env });
  }
}
