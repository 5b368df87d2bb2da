/** What the programs in this folder have in common: how they start, end and fail. */

/** Runs a program to its exit code. Whatever goes wrong is one sentence on standard error, not a stack. */
export function program(main: () => Promise<number>): void {
  const fail = (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  };
  process.on("uncaughtException", fail);
  main().then((code) => process.exit(code), fail);
}

/**
 * Aborted when somebody wants this program to end: Ctrl-C, SIGTERM, or the death of the npm that started it, which
 * on SIGKILL has no chance to tell us. Repeated signals are normal: a terminal signals the whole group, and npm
 * passes on what it gets.
 */
export function onStop(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent || !isAlive(parent)) stop();
    }, 500).unref();
  }
  return controller.signal;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

/** Whether it is an error of the operating system with one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** A port as a setting gives it. */
export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new Error(`PORT must be a whole number from 0 to 65535, not ${JSON.stringify(text)}`);
  return port;
}
