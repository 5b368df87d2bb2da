/**
 * Posts on behalf of a shard. An object may have six connections that wait for an answer. A stateless entrypoint
 * has six of its own every time it is called, and a call costs nothing.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import { readConfig } from "../../config.ts";
import type { Message } from "../../delivery/message.ts";
import { send } from "../../delivery/send.ts";
import { systemTimer } from "../../in-time.ts";
import { type PartialOutcomes, partialOutcomes } from "./partial-outcomes.ts";

export class Courier extends WorkerEntrypoint<Env> {
  /** Posts all at once. @param messages as many as there are connections, so that no post waits for one */
  post(messages: readonly Message[]): Promise<PartialOutcomes> {
    const sending = { now: Date.now, secrets: readConfig(this.env).secrets, env: this.env };
    const posts = messages.map((message) => send(message, sending));
    return partialOutcomes(new Map(posts.entries()), systemTimer);
  }
}
