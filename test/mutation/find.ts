import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Mutation, mutations } from "./mutations.ts";
import type { Found, Said } from "./said.ts";

/** Node's exit code for a promise that nothing will ever settle: https://nodejs.org/api/process.html#exit-codes */
const neverSettled = 13;

/** Characters of the errors that are shown. */
const shownErrors = 2_000;

/**
 * Simulates seeds from 1 and the kept runs with the mistake, in a process of its own; null: no run fails. Rejects if the
 * process ends without an answer: then the mistake was not tried.
 */
export async function find(mutation: Mutation, seeds: number): Promise<Found | null> {
  const program = join(import.meta.dirname, "broken.ts");
  const args = [...process.execArgv, program, String(mutations.indexOf(mutation)), String(seeds)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => child.kill("SIGKILL");
  process.once("exit", stop);
  const closed = once(child, "close").finally(() => process.off("exit", stop));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-shownErrors);
  });
  let running = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Said;
    if ("found" in said) return said.found;
    running = said.begins;
  }
  const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  if (code === neverSettled && running !== "") return { run: running, problem: "does not end" };
  throw new Error(
    `its process ended by ${signal ?? `exit code ${code}`}, ${running === "" ? "before a run" : `in ${running}`}\n${errors}`,
  );
}
