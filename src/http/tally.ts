/**
 * What this isolate has seen that no shard knows of: refusals by reason, events kept late or lost. It travels to a
 * shard with the next event, which adds it up.
 */

/** Names and how often. */
export type Tally = Record<string, number>;

let tally: Tally = {};

export function count(name: string): void {
  tally[name] = (tally[name] ?? 0) + 1;
}

/** Everything counted since the last time; whoever takes it hands it on, or gives it back. */
export function takeTally(): Tally {
  const taken = tally;
  tally = {};
  return taken;
}

export function giveBack(taken: Tally): void {
  for (const [name, times] of Object.entries(taken)) tally[name] = (tally[name] ?? 0) + times;
}
