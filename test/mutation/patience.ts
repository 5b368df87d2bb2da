/**
 * A thread beside the simulation with a mistake: it ends the process once a run has taken too long. Processor time
 * decides, because the machine may be busy with something else.
 */
import { parentPort } from "node:worker_threads";
import { say } from "./said.ts";

/** A run takes less than a tenth of this. Milliseconds of processor time. */
const longestRunMs = 30_000;
const lookEveryMs = 500;

let run = "";
let begunAt = process.cpuUsage();

parentPort!.on("message", (begins: string) => {
  run = begins;
  begunAt = process.cpuUsage();
});

setInterval(() => {
  const { user, system } = process.cpuUsage(begunAt);
  if (run === "" || (user + system) / 1_000 < longestRunMs) return;
  say({ found: { run, problem: "does not end" } });
  process.kill(process.pid, "SIGKILL");
}, lookEveryMs);
