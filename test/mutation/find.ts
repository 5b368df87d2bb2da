import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Mutation, mutations } from "./mutations.ts";

/** A run that takes longer does not end. Milliseconds. */
const longestRunMs = 60_000;

/** A simulated run that fails with a mistake in the code. */
export interface Found {
  /** `seed 7`, or the name of a run that is kept. */
  run: string;
  problem: string;
}

/** A line of the program with the mistake: the run that it begins, or at the end the run that failed. */
export type Said = { begins: string } | { found: Found | null };

/** Simulates seeds from 1 and the kept runs with the mistake, in a process of its own; null: no run fails. */
export async function find(mutation: Mutation, seeds: number): Promise<Found | null> {
  const program = join(import.meta.dirname, "broken.ts");
  const args = [...process.execArgv, program, String(mutations.indexOf(mutation)), String(seeds)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const patience = setTimeout(() => child.kill("SIGKILL"), longestRunMs);
  let begun = "";
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as Said;
      if ("found" in said) return said.found;
      begun = said.begins;
      patience.refresh();
    }
  } finally {
    clearTimeout(patience);
  }
  if (begun === "") throw new Error(`${mutation.name}: the simulation did not begin`);
  return { run: begun, problem: "does not end" };
}
