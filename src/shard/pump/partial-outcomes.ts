/** The outcomes of posts that share a call, in the order in which they come: a quick post waits for no slow one. */
import type { Outcome } from "../../delivery/outcome.ts";
import { inTime, type Timer } from "../../in-time.ts";

/** How long an outcome waits for others, so that they go back together. Milliseconds. */
const gatherMs = 5;

/** Crosses RPC. Disposing ends the call. */
export interface PartialOutcomes extends Partial<Disposable> {
  /** Each with the index of its post. */
  readonly outcomes: readonly (readonly [number, Outcome])[];
  /** Resolves with more of them; null: these are the last. */
  readonly later: (() => Promise<PartialOutcomes>) | null;
}

/** Resolves soon after the first post has ended. @param posts by their index; none of them may reject */
export async function partialOutcomes(
  posts: ReadonlyMap<number, Promise<Outcome>>,
  timer: Timer,
): Promise<PartialOutcomes> {
  const outcomes: [number, Outcome][] = [];
  const open = new Map(posts);
  const ends = [...posts].map(async ([index, post]) => {
    outcomes.push([index, await post]);
    open.delete(index);
  });
  await Promise.race(ends);
  if (open.size > 0) await inTime(Promise.all(ends), gatherMs, () => {}, timer);
  // Posts may end between this line and the next one of the caller.
  const left = new Map(open);
  return {
    outcomes: [...outcomes],
    later: left.size > 0 ? () => partialOutcomes(left, timer) : null,
  };
}
