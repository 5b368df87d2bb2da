/** How the Worker reaches its shards. */
import type { Config } from "../config.ts";
import type { Append } from "../shard/append/append.ts";
import type { Shard } from "../shard/shard.ts";
import { shardName } from "../shard/cluster/shards.ts";
import { AppendBatcher } from "./append-batcher.ts";
import { count, drainCounters, restoreCounters } from "./isolate-counters.ts";

type Stub = DurableObjectStub<Shard>;

/** Shard 0 answers this at once, or the configured number has to do. Milliseconds. */
const joinWithin = 400;

interface Joined {
  configured: number;
  count: number;
  /** Absent where shard 0 is of a version that has none. */
  id?: string | undefined;
}

const joined = new WeakMap<Env, Joined>();

/** For one request. A new stub every time: one that has failed keeps failing. */
export function shard(env: Env, { locationHint }: Config, index: number): Stub {
  count("shardRequests");
  return env.SHARD.getByName(shardName(index), locationHint === null ? {} : { locationHint });
}

const appending = new WeakMap<Env, AppendBatcher<Append>[]>();

/**
 * Resolves when the event is durable.
 * @param alone whether not to wait for, or go with, others
 */
export function appendTo(
  env: Env,
  config: Config,
  index: number,
  append: Append,
  alone: boolean,
): Promise<void> {
  const call = (appends: Append[]): Promise<void> => {
    const stub = shard(env, config, index);
    return appends.length === 1 ? stub.append(appends[0]!) : stub.appendAll(appends);
  };
  if (alone) return call([append]);
  const shards = appending.get(env) ?? [];
  appending.set(env, shards);
  shards[index] ??= new AppendBatcher(Date.now, (ms) => scheduler.wait(ms));
  return shards[index].add(append, call);
}

/** How many shards there are, as far as this isolate knows: for those who cannot wait. */
export function likelyShardCount(env: Env, config: Config): number {
  const known = joined.get(env);
  return known?.configured === config.shards ? known.count : config.shards;
}

/** How many shards there are: the most that were ever configured. Asked of shard 0 once per isolate. */
export async function shardCount(env: Env, config: Config): Promise<number> {
  const known = joined.get(env);
  return known?.configured === config.shards ? known.count : (await join(env, config)).count;
}

/** This gateway's own name in the header `tim-relay-loop`, if this isolate knows it: for those who cannot wait. */
export function likelyGatewayId(env: Env): string | null {
  return joined.get(env)?.id ?? null;
}

/** This gateway's own name in the header `tim-relay-loop`; undefined while shard 0 does not say. */
export async function gatewayId(env: Env, config: Config): Promise<string | undefined> {
  return joined.get(env)?.id ?? (await join(env, config)).id;
}

async function join(env: Env, config: Config): Promise<Joined> {
  const asked = shard(env, config, 0)
    .join(config.shards)
    .then(({ shards, id }) => {
      const answered = { configured: config.shards, count: shards, id };
      joined.set(env, answered);
      return answered;
    });
  const unanswered: Joined = { configured: config.shards, count: config.shards };
  try {
    return await Promise.race([asked, scheduler.wait(joinWithin).then(() => unanswered)]);
  } catch {
    return unanswered;
  }
}

/** Asks every shard the same; the answers come in the shards' order. */
export async function everyShard<Answer>(
  env: Env,
  config: Config,
  ask: (stub: Stub, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const count = await shardCount(env, config);
  return Promise.all(Array.from({ length: count }, (_, index) => ask(shard(env, config, index), index)));
}

/** Hands what this isolate has counted to shard 0, which adds it up. */
export async function handOverCounters(env: Env, config: Config): Promise<void> {
  const tally = drainCounters();
  await shard(env, config, 0)
    .add(tally)
    .catch(() => restoreCounters(tally));
}
