/**
 * Counters of this isolate that no shard knows of yet: requests, refusals by reason, events kept late or lost. They
 * travel to a shard with the next event, which adds them up.
 */
import type { CounterName } from "../counters.ts";
import { add, type Counters, count as countIn } from "../shard/meter.ts";

let counters: Counters = {};

export function count(name: CounterName): void {
  countIn(counters, name);
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
