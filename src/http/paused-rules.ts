/** The names that shard 0 holds as paused, as this isolate has last heard. */
let paused: ReadonlySet<string> = new Set();

export function pausedRules(): ReadonlySet<string> {
  return paused;
}

export function keepPaused(names: readonly string[]): void {
  paused = new Set(names);
}
