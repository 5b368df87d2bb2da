/** The counters of single rules over all shards. */
import type { Config } from "../config.ts";
import { latencyQuantile, tookPrefix } from "../shard/latency.ts";
import { add, type Counters } from "../shard/meter.ts";
import type { RuleCounters } from "../shard/rule-counters.ts";
import { everyShard } from "./shards.ts";

export async function ruleCountersOf(env: Env, config: Config): Promise<RuleCounters> {
  // An older version of a shard, which may run on for a moment, does not count them.
  const shards = await everyShard(env, config, (stub) =>
    stub.ruleCounters().catch((): RuleCounters => ({ ever: {}, hour: {} })),
  );
  const all: RuleCounters = { ever: {}, hour: {} };
  for (const { ever, hour } of shards) {
    add(all.ever, ever);
    add(all.hour, hour);
  }
  return all;
}

/** How long a rule's deliveries or verdicts took: of all buckets together, since quantiles of shards do not add up. */
export function latencyOf(rule: string, { hour }: { hour: Counters }) {
  const quantile = (share: number) => latencyQuantile(hour, share, tookPrefix(rule));
  return { p50: quantile(0.5), p99: quantile(0.99) };
}
