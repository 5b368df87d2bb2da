/** What the program with a mistake says to the one that began it: a line each, at once, even from a run that never ends. */
import { writeSync } from "node:fs";

/** A simulated run that fails with a mistake in the code. */
export interface Found {
  /** `seed 7`, or the name of a run that is kept. */
  run: string;
  problem: string;
}

/** The run that begins, or at the end the run that failed. */
export type Said = { begins: string } | { found: Found | null };

export function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`);
}
