/** Memory and processor time of another process. Linux alone tells them; every function throws where it does not. */
import { readFileSync } from "node:fs";

/** Why a test that needs them is skipped; false: this system tells them. */
export const untold =
  process.platform !== "linux" && "only Linux tells the memory and processor time of a process";

/** Memory that no file backs: heaps and stacks. Bytes. */
export function privateBytes(pid: number): number {
  return statusBytes(pid, "RssAnon");
}

/** The most memory of any kind that the process ever had. Bytes. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

/** User and system time. Linux counts it in hundredths of a second. */
export function cpuSeconds(pid: number): number {
  // pid (name) state parent …, where the name may hold anything
  const fields = read(pid, "stat").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Time for which the main thread, which runs all JavaScript, was ready and had no processor. Milliseconds. */
export function starvedMs(pid: number): number {
  return Number(read(pid, "schedstat").split(" ")[1]) / 1e6;
}

/**
 * A clock that stands still while one of these processes is ready and has no processor: on a busy machine that time is
 * not the gateway's. Elsewhere than on Linux it always runs. Milliseconds.
 */
export function ownTime(...pids: readonly number[]): () => number {
  return () => pids.reduce((ms, pid) => ms - (ifTold(() => starvedMs(pid)) ?? 0), performance.now());
}

/** The first child of the main thread. */
export function childOf(pid: number): number {
  return Number(/\d+/.exec(read(pid, `task/${pid}/children`))![0]);
}

/** Null where the process is gone, or where the system does not tell. */
export function ifTold(look: () => number): number | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function statusBytes(pid: number, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(read(pid, "status"))![1]) * 1024;
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, "utf8");
}
