/** The memory of a process that no file backs, bytes: heaps and stacks. Linux only. */
import { existsSync, readFileSync } from "node:fs";

export const tellsMemory = existsSync("/proc/self/status");

export function memoryOf(pid: number): number {
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
