/** How the Worker reaches its shards. */
import type { Config } from "../config.ts";
import { inTime } from "../in-time.ts";
import type { ClusterState } from "../shard/cluster/cluster-state.ts";
import { shardName } from "../shard/cluster/shards.ts";
import type { Shard } from "../shard/shard.ts";
import { count, drainCounters, restoreCounters } from "./isolate-counters.ts";

type Stub = DurableObjectStub<Shard>;

/** If shard 0 does not say the number of shards within this time, the configured number is used. Milliseconds. */
const joinWithinMs = 400;

/** Shard 0's answers. */
interface ShardCount {
  configured: number;
  count: number;
  /** The gateway's name in `tim-relay-loop`; absent if shard 0 runs a version without it. */
  gatewayId?: string | undefined;
}

const shardCounts = new WeakMap<Env, ShardCount>();

/** A stub for one call: a stub that has failed keeps failing. */
export function shard(env: Env, { locationHint }: Config, index: number): Stub {
  count("shardRequests");
  return env.SHARD.getByName(shardName(index), locationHint === null ? {} : { locationHint });
}

/** The name of the file in which a runtime that is hosted elsewhere than at Cloudflare keeps a shard's rows. */
export function fileOf(env: Env, index: number): string {
  return `${env.SHARD.idFromName(shardName(index))}.sqlite`;
}

/** The number of shards as far as this isolate knows it, for a caller that cannot wait. */
export function likelyShardCount(env: Env, config: Config): number {
  const known = shardCounts.get(env);
  return known?.configured === config.shards ? known.count : config.shards;
}

/** The number of shards: the highest that was ever configured. Shard 0 is asked for it once per isolate. */
export async function shardCount(env: Env, config: Config): Promise<number> {
  const known = shardCounts.get(env);
  return known?.configured === config.shards ? known.count : (await join(env, config)).count;
}

/** Makes sure that `likelyShardCount` answers as shard 0 does, if shard 0 can be asked. Never rejects. */
export async function learnShardCount(env: Env, config: Config): Promise<void> {
  await shardCount(env, config);
}

/** This gateway's name in the header `tim-relay-loop`; null while this isolate does not know it. */
export function likelyGatewayId(env: Env): string | null {
  return shardCounts.get(env)?.gatewayId ?? null;
}

/** This gateway's name in the header `tim-relay-loop`; undefined if shard 0 does not answer in time. */
export async function gatewayId(env: Env, config: Config): Promise<string | undefined> {
  return shardCounts.get(env)?.gatewayId ?? (await join(env, config)).gatewayId;
}

async function join(env: Env, config: Config): Promise<ShardCount> {
  const configured = config.shards;
  const answer = clusterState(env, config).then(() => shardCounts.get(env)!);
  const unanswered: ShardCount = { configured, count: configured };
  try {
    return await inTime(answer, joinWithinMs, () => unanswered);
  } catch {
    return unanswered;
  }
}

/**
 * The state that shard 0 has decided, as it is now. A call that must reach every shard asks for it first: while a deploy
 * raises SHARDS, an isolate of before knows fewer. Fails if shard 0 does not answer.
 */
export async function clusterState(env: Env, config: Config): Promise<ClusterState> {
  const configured = config.shards;
  const state = await shard(env, config, 0).join(configured);
  shardCounts.set(env, { configured, count: state.shards, gatewayId: state.id });
  return state;
}

/** Calls all shards, which are waited for however long they take; the answers are in the shards' order. */
export async function everyShard<Answer>(
  env: Env,
  config: Config,
  ask: (stub: Stub, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const length = await shardCount(env, config);
  return Promise.all(Array.from({ length }, (_, index) => ask(shard(env, config, index), index)));
}

/** Hands the counters of this isolate to shard 0, which adds them up. Another shard gets none. */
export async function handOverCounters(env: Env, config: Config, index = 0): Promise<void> {
  if (index !== 0) return;
  const counters = drainCounters();
  await shard(env, config, 0)
    .add(counters)
    .catch(() => restoreCounters(counters));
}
