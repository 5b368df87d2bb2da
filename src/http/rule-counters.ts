/** The counters of single rules over all shards. */
import { latencyQuantile, tookPrefix } from "../shard/latency.ts";
import { add, type Counters } from "../shard/meter.ts";
import type { RuleCounters } from "../shard/rule-counters.ts";

/** The counters of all shards together. */
export function mergeRuleCounters(shards: readonly RuleCounters[]): RuleCounters {
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
