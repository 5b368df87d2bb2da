/** Information about other processes from the operating system. Process ids are reused: check before acting on one. */
import { type ChildProcess, execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { isErrno } from "./errno.ts";

/** Whether the process exists. A zombie, whose parent has not collected its exit code, exists too. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

/** The command line of a process; empty if there is no such process. */
export function commandLine(pid: number): string {
  switch (process.platform) {
    case "linux":
      return proc(pid, "cmdline").replaceAll("\0", " ");
    case "win32":
      return output("powershell", "-NoProfile", "-Command", `(${windowsProcess(pid)}).CommandLine`);
    default:
      return output("ps", "-ww", "-o", "args=", "-p", String(pid));
  }
}

/** The parent of a process, or the process that adopted it; 0 if it is unknown. */
export function parentOf(pid: number): number {
  switch (process.platform) {
    case "linux":
      return Number(statusOf(pid)[1] ?? 0);
    case "win32":
      return Number(
        output("powershell", "-NoProfile", "-Command", `(${windowsProcess(pid)}).ParentProcessId`),
      );
    default:
      return Number(output("ps", "-o", "ppid=", "-p", String(pid)));
  }
}

/** Kills a child that leads a process group, and its group. On Windows, which has no groups, kills the process tree. */
export function endGroup({ pid }: Pick<ChildProcess, "pid">): void {
  if (pid === undefined) return;
  try {
    if (process.platform === "win32") output("taskkill", "/PID", String(pid), "/T", "/F");
    else process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/**
 * The command lines of a process group, whose leader may have ended; that of a process which is ending is empty. A zombie
 * has ended, unless threads of it go on: they hold its ports and files. None on Windows, which has no groups.
 */
export function commandLinesOf(group: number): string[] {
  switch (process.platform) {
    case "linux":
      return readdirSync("/proc")
        .filter((name) => {
          const status = /^\d+$/.test(name) ? statusOf(Number(name)) : [];
          const { 0: state, 2: ofGroup, 17: threads } = status;
          return Number(ofGroup) === group && (state !== "Z" || Number(threads) > 1);
        })
        .map((name) => commandLine(Number(name)));
    case "win32":
      return [];
    default:
      return output("ps", "-ww", "-o", "args=", "-g", String(group)).split("\n").filter(Boolean);
  }
}

/** Whether keys typed in the terminal come to this process. Reading them in the background would stop it. */
export function isInForeground(): boolean {
  if (!process.stdin.isTTY) return false;
  switch (process.platform) {
    case "linux": {
      const [, , group, , , groupOfTerminal] = statusOf(process.pid);
      return group === groupOfTerminal;
    }
    case "win32":
      return true;
    default:
      return output("ps", "-o", "stat=", "-p", String(process.pid)).includes("+");
  }
}

function windowsProcess(pid: number): string {
  return `Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}'`;
}

/** On Linux: state, parent, group, session, terminal, the terminal's foreground group … at 17 the number of threads. */
function statusOf(pid: number): string[] {
  // pid (name) state …, where the name may hold anything
  return proc(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
}

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function output(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}
