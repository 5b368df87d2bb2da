/**
 * What this isolate has seen that no shard knows of: requests, refusals by reason, events kept late or lost. It
 * travels to a shard with the next event, which adds it up.
 */
import { type Counters, count as countIn } from "../shard/meter.ts";

let tally: Counters = {};

export function count(name: string): void {
  countIn(tally, name);
}

/** Everything counted since the last time; whoever takes it hands it on, or gives it back. */
export function takeTally(): Counters {
  const taken = tally;
  tally = {};
  return taken;
}

export function giveBack(taken: Counters): void {
  for (const [name, times] of Object.entries(taken)) countIn(tally, name, times);
}
