/** The processes of the bench, on this machine's loopback. All end with it, and their folders go with them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/cli/root.ts";
import { listeningPort } from "../../src/cli/workerd.ts";
import { cpuSeconds, ifTold, peakBytes } from "../support/process-stats.ts";

/** Each with the signal that ends it, and whatever it started. */
const running = new Map<ChildProcess, "SIGTERM" | "SIGKILL">();
const scratch = new Set<string>();

/** Ends whatever still runs, and removes what it kept. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(([child, signal]) => end(child, signal)));
  clean();
}

function clean(): void {
  for (const [child, signal] of running) child.kill(signal);
  for (const dir of scratch) rmSync(dir, { recursive: true, force: true });
  scratch.clear();
}
process.on("exit", clean);

export function watched(child: ChildProcess, signal: "SIGTERM" | "SIGKILL" = "SIGKILL"): ChildProcess {
  running.set(child, signal);
  child.once("exit", () => running.delete(child));
  return child;
}

export async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** A folder on the disk that the project is on, for all alike. */
export function scratchDir(): string {
  const parent = join(root, "dist");
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, "bench-"));
  scratch.add(dir);
  return dir;
}

export interface Server {
  /** `http://127.0.0.1:49152/` */
  url: string;
  /** Seconds of processor time used so far; null where the operating system does not tell. */
  cpuSeconds(): number | null;
  /** The most memory that it has had so far, MB; likewise. */
  peakMb(): number | null;
  stop(): Promise<void>;
}

/** Resolves when workerd answers requests; it is ended with the others. */
export async function listening(workerd: ChildProcess): Promise<Server> {
  const child = watched(workerd);
  const ended = once(child, "exit").then(() => {
    throw new Error("workerd ended by itself");
  });
  const port = await Promise.race([listeningPort(child), ended]);
  ended.catch(() => {});
  return serverOf(child, port, "SIGTERM");
}

export function serverOf(child: ChildProcess, port: number, signal: "SIGTERM" | "SIGKILL"): Server {
  return {
    url: `http://127.0.0.1:${port}/`,
    cpuSeconds: () => ifTold(() => cpuSeconds(child.pid!)),
    peakMb: () => ifTold(() => peakBytes(child.pid!) / 2 ** 20),
    stop: () => end(child, signal),
  };
}

/** A program of this folder, which tells its parent the port. */
export async function startNode(file: string, args: readonly string[] = []): Promise<Server> {
  const child = watched(forked(file, args));
  const ended = once(child, "exit").then(() => {
    throw new Error(`${file} ended by itself`);
  });
  const [{ port }] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  return serverOf(child, port, "SIGKILL");
}

export function forked(file: string, args: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, file), args, { execArgv: ["--disable-warning=ExperimentalWarning"] });
}
