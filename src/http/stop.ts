/**
 * Where `npm run serve` says that the runtime is about to end: it serves this entrypoint on a socket of its own, on
 * this machine alone. Nothing leads here on Cloudflare, where objects end at any time, and no token is set there.
 */

import { WorkerEntrypoint } from "cloudflare:workers";
import { timingSafeEqual } from "node:crypto";
import { readConfig } from "../config.ts";
import { allKept } from "./keep.ts";
import { everyShard, handOverCounters } from "./shards.ts";

/** Set by `npm run serve`, anew at every start. */
type StopToken = { TIM_RELAY_STOP_TOKEN?: string };

/** How long a stop waits for events that were answered already. Milliseconds. */
const keptWithin = 1_500;

const utf8 = new TextEncoder();

export class Steward extends WorkerEntrypoint<Env> {
  /** Answers when all that happened so far is written down. Callbacks are kept meanwhile, but no longer forwarded. */
  override async fetch(request: Request): Promise<Response> {
    const token = (this.env as StopToken).TIM_RELAY_STOP_TOKEN;
    if (!token || !isBearer(request, token)) return new Response("not for you\n", { status: 403 });
    const config = readConfig(this.env);
    // Before-callbacks are answered first, and kept then.
    await Promise.race([allKept(), scheduler.wait(keptWithin)]);
    // Posts may take seconds to end. What was counted meanwhile is written the second time, which takes none.
    for (let times = 0; times < 2; times++) {
      await handOverCounters(this.env, config);
      await everyShard(this.env, config, (stub, index) =>
        stub.stop().catch((error) => complain(index, error)),
      );
    }
    return new Response(null, { status: 204 });
  }
}

function isBearer(request: Request, token: string): boolean {
  const given = utf8.encode(request.headers.get("authorization") ?? "");
  const expected = utf8.encode(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** One shard that cannot stop keeps no other from it. */
function complain(shard: number, error: unknown): void {
  console.error({ at: "stop", shard, error: String(error) });
}
