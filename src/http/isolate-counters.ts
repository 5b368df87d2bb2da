/**
 * Counters of this isolate that no shard knows of yet: requests, refusals by reason, events kept late or lost. They
 * travel to a shard with the next event, which adds them up.
 */
import type { Verdict } from "../callback/event.ts";
import type { CounterName } from "../counters.ts";
import { bucketOf } from "../shard/latency.ts";
import { add, type Counters, count as countIn } from "../shard/meter.ts";

let counters: Counters = {};

export function count(name: CounterName): void {
  countIn(counters, name);
}

/** Counts a rule's verdict, if a rule came to it. */
export function countVerdictOf({ rule, how, ms }: Pick<Verdict, "rule" | "how" | "ms">): void {
  if (rule === null) return;
  count(`ruled:${rule}:${how}`);
  count(`took:${rule}:${bucketOf(ms)}`);
}

/** Everything counted since the last call. The caller hands it to a shard, or restores it. */
export function drainCounters(): Counters {
  const drained = counters;
  counters = {};
  return drained;
}

/** Takes counters back that could not be handed to a shard. */
export function restoreCounters(drained: Counters): void {
  add(counters, drained);
}
