/** Time and chance as a shard's stages get them, so that a test can bring its own. Times are Unix milliseconds. */

export interface Clock {
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  /** Runs once, after so many milliseconds; the answer calls it off. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
