/**
 * An operator who resumes a destination, or makes its retries due, ends what holds it back: an open breaker, and a
 * `Retry-After`. A shard that hears of it sends in the same turn.
 */
import type { Shard } from "../../src/shard/shard.ts";
import { clusterStateOf } from "./limits.ts";
import type { SimulatedObject } from "./object.ts";
import { hasTables } from "./object-storage.ts";

/** Lets a shard hear of a decision. @param complain called with each destination that is held back all the same */
export function hearing<Result>(
  object: SimulatedObject,
  shard: Shard,
  decide: () => Promise<Result>,
  complain: (sentence: string) => void,
): Promise<Result> {
  const before = resumesOf(object);
  const decided = decide();
  if (object.alive) {
    const after = resumesOf(object);
    const resumed = Object.keys(after).filter((name) => after[name]! > (before[name] ?? 0));
    for (const sentence of heldBack(object, shard, resumed)) complain(sentence);
  }
  return decided;
}

/** The destinations of these names that a shard holds back. A shard whose write has failed starts again in a moment. */
export function* heldBack(object: SimulatedObject, shard: Shard, names: readonly string[]): Iterable<string> {
  if (!object.alive || object.disk.isFull || names.length === 0) return;
  for (const { name, state, heldUntil } of shard.destinations())
    if (names.includes(name) && (state === "open" || heldUntil !== null))
      yield `${object.name} holds ${name} back, though an operator has ended that`;
}

function resumesOf(object: SimulatedObject): Readonly<Record<string, number>> {
  return (hasTables(object) && clusterStateOf(object)?.resumed) || {};
}
