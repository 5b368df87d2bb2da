import { execFile } from "node:child_process";
import { join } from "node:path";
import { type Mutation, mutations } from "./mutations.ts";

/** A mistake may let a run go on for ever. Milliseconds. */
const atMostMs = 120_000;

/** A simulated run that fails with a mistake in the code. */
export interface Found {
  /** `seed 7`, or the name of a run that is kept. */
  run: string;
  problem: string;
}

/** Simulates seeds from 1 and the kept runs with the mistake, in a process of its own; null: no run fails. */
export function find(mutation: Mutation, seeds: number): Promise<Found | null> {
  const program = join(import.meta.dirname, "broken.ts");
  const args = [...process.execArgv, program, String(mutations.indexOf(mutation)), String(seeds)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: atMostMs }, (error, stdout, stderr) => {
      if (error?.killed) resolve({ run: "a run", problem: "does not end" });
      else if (error) reject(new Error(`${mutation.name}: ${stderr}`));
      else resolve(JSON.parse(stdout));
    });
  });
}
