/** The common frame of the programs in this folder: start, end and failure. */
import { tell } from "./failure.ts";
import { interruptedCode, keepOnInterrupt, leaveLine } from "./interrupt.ts";
import { commandLine, exists, parentOf } from "./processes.ts";

/** Runs a program and exits with its code, whatever still goes on in it. An error is printed as one sentence. */
export function program(main: () => Promise<number>): void {
  const fail = (error: unknown) => {
    tell(error);
    process.exit();
  };
  process.on("uncaughtException", fail);
  main().then((code) => process.exit(code), fail);
}

/** A second signal within this time is an echo: a terminal signals the whole group, and npm forwards the signal. Milliseconds. */
const echoMs = 500;

interface Stop {
  /** Aborted by Ctrl-C, SIGTERM, or the end of the npm that started us, which a SIGKILL ends without notice. */
  stopping: AbortSignal;
  /** Aborted by a later second signal: the program is to end at once. */
  insisting: AbortSignal;
  /** The exit code of a program that was stopped and has finished: 130 after Ctrl-C, 0 after another signal. */
  code(): number;
}

/** The signals that ask this program to end. It ends by itself, once it has finished. */
export function onStop(): Stop {
  const first = new AbortController();
  const again = new AbortController();
  let at = Infinity;
  let code = 0;
  const stop = (signal: NodeJS.Signals) => {
    if (performance.now() - at > echoMs) again.abort();
    if (first.signal.aborted) return;
    at = performance.now();
    if (signal === "SIGINT") {
      code = interruptedCode;
      leaveLine();
    }
    first.abort();
  };
  keepOnInterrupt();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env.npm_lifecycle_event !== undefined) {
    const isOrphan = orphanWatch();
    const watch = setInterval(() => {
      if (!isOrphan()) return;
      clearInterval(watch);
      stop("SIGHUP");
    }, 500).unref();
  }
  return { stopping: first.signal, insisting: again.signal, code: () => code };
}

/** A check whether the program that started us has ended. Between npm and us there may be a shell that runs the script. */
function orphanWatch(): () => boolean {
  const parent = process.ppid;
  const isShell = /^\S*\b(sh|bash|dash|zsh|cmd\.exe)"? /.test(commandLine(parent));
  const npm = isShell ? parentOf(parent) : 0;
  return () => {
    if (process.ppid !== parent || !exists(parent)) return true;
    // Only on Linux is the parent found without starting a process. It also changes if npm has become a zombie.
    return npm > 1 && (process.platform === "linux" ? parentOf(parent) !== npm : !exists(npm));
  };
}
