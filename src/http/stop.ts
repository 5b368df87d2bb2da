/**
 * The entrypoint by which `npm run serve` announces that the runtime is about to end. It listens on a socket of its own
 * on the same machine. On Cloudflare, where objects end at any time, it has no route and no token.
 */

import { WorkerEntrypoint } from "cloudflare:workers";
import { readConfig } from "../config.ts";
import { inTime } from "../in-time.ts";
import { configureLog, log } from "../log.ts";
import { timingSafeEqual } from "../timing-safe.ts";
import { allKept } from "./receive/keep.ts";
import { everyShard, handOverCounters } from "./shards.ts";

/** Set by `npm run serve`, anew at every start. */
type StopToken = { TIM_RELAY_STOP_TOKEN?: string };

/** How long a stop waits for events that are kept after their answer. Milliseconds. */
const keptWithinMs = 1_500;

export class Steward extends WorkerEntrypoint<Env> {
  /** Answers once the progress of all shards is stored. Callbacks are still kept meanwhile, but not forwarded. */
  override async fetch(request: Request): Promise<Response> {
    const token = (this.env as StopToken).TIM_RELAY_STOP_TOKEN;
    if (!token || !isBearer(request, token)) return new Response("not for you\n", { status: 403 });
    const config = readConfig(this.env);
    configureLog(config);
    await inTime(allKept(), keptWithinMs, () => {});
    // Posts may take seconds to end. The second round stores the counters of that time, and is quick.
    for (let times = 0; times < 2; times++) {
      await handOverCounters(this.env, config);
      await everyShard(this.env, config, (stub, index) =>
        stub.stop().catch((error) => logFailure(index, error)),
      );
    }
    return new Response(null, { status: 204 });
  }
}

function isBearer(request: Request, token: string): boolean {
  return timingSafeEqual(request.headers.get("authorization") ?? "", `Bearer ${token}`);
}

/** A shard that cannot stop must not keep the other shards from stopping. */
function logFailure(shard: number, error: unknown): void {
  log.error("stop", { shard, error: String(error) });
}
