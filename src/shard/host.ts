/** The platform around a shard: its object, the other shards, the network, and the connections. */
import type { Config } from "../config.ts";
import type { send } from "../delivery/send.ts";
import type { ListenerHost } from "../delivery/transports/transport.ts";
import { version } from "../version.ts";
import type { Clock } from "./clock.ts";
import { shardIndex, shardName } from "./cluster/shards.ts";
import type { Host } from "./stages.ts";

/** @param own the listeners of this object. All listeners are connected to shard 0 */
export function hostOf(
  ctx: DurableObjectState,
  env: Env,
  { secrets }: Config,
  own: ListenerHost,
  clock: Clock,
  post: typeof send,
): Host {
  const index = shardIndex(ctx.id.name ?? "");
  const shard = (other: number) => env.SHARD.getByName(shardName(other));
  const listeners: ListenerHost = {
    exchange: (rule, request) => (index === 0 ? own : shard(0)).exchange(rule, request),
  };
  return {
    index,
    version,
    state: ctx,
    post: (message) => post(message, { now: clock.now, secrets, env, listeners }),
    courier: ctx.exports.Courier,
    shard,
    sockets: (kind: string) => ctx.getWebSockets(kind),
    pings: {
      pingedAt: (socket: object) =>
        ctx.getWebSocketAutoResponseTimestamp(socket as WebSocket)?.getTime() ?? null,
    },
  };
}
