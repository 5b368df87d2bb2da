/** What the programs in this folder have in common: how they start, end and fail. */
import { commandLine, exists, parentOf } from "./processes.ts";

/** Runs a program to its exit code. Whatever goes wrong is one sentence on standard error, not a stack. */
export function program(main: () => Promise<number>): void {
  const fail = (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  };
  process.on("uncaughtException", fail);
  main().then((code) => process.exit(code), fail);
}

/** Signals so soon after the first are its echoes: a terminal signals the whole group, and npm passes them on. */
const echoMs = 500;

interface Stop {
  /** Ctrl-C, SIGTERM, or the death of the npm that started us, which on SIGKILL has no chance to tell. */
  stopping: AbortSignal;
  /** Another signal, after a while: at once, then. */
  insisting: AbortSignal;
}

/** Aborted when somebody wants this program to end. */
export function onStop(): Stop {
  const first = new AbortController();
  const again = new AbortController();
  let at = Infinity;
  const stop = () => {
    if (performance.now() - at > echoMs) again.abort();
    if (first.signal.aborted) return;
    at = performance.now();
    first.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env.npm_lifecycle_event !== undefined) {
    const isOrphan = orphanWatch();
    const watch = setInterval(() => {
      if (!isOrphan()) return;
      clearInterval(watch);
      stop();
    }, 500).unref();
  }
  return { stopping: first.signal, insisting: again.signal };
}

/** Tells whether whoever started us has ended. Between npm and us there may be the shell that runs its script. */
function orphanWatch(): () => boolean {
  const parent = process.ppid;
  const isShell = /^\S*\b(sh|bash|dash|zsh|cmd\.exe)"? /.test(commandLine(parent));
  const npm = isShell ? parentOf(parent) : 0;
  return () => {
    if (process.ppid !== parent || !exists(parent)) return true;
    // Only Linux tells without a process of its own; that also sees the end of an npm that nobody waits for.
    return npm > 1 && (process.platform === "linux" ? parentOf(parent) !== npm : !exists(npm));
  };
}
