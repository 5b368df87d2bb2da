/** The output of a child process and of its children. */
import type { ChildProcess } from "node:child_process";

export interface Output {
  /** Everything printed so far. */
  log(): string;
  /** Resolves with the first line, past or to come, that fits; rejects when the process ends without one. */
  seen(pattern: RegExp): Promise<string>;
  /** Resolves when the process is gone. Its children may live on. */
  exited: Promise<void>;
  /** Resolves with the exit code when the process and its children are gone; null after a signal. */
  ended: Promise<number | null>;
}

/** @param name of the process, for error messages */
export function outputOf(child: ChildProcess, name: string): Output {
  let log = "";
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const look of watchers) look();
  };
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
      notify();
    });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ended = new Promise<number | null>((resolve) => {
    // `close` and not `exit`: its children hold the same pipes.
    child.once("close", (code) => {
      hasEnded = true;
      notify();
      resolve(code);
    });
  });
  return {
    log: () => log,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const lines = log.split("\n").slice(0, hasEnded ? undefined : -1);
          const line = lines.find((line) => pattern.test(line));
          if (line === undefined && !hasEnded) return;
          watchers.delete(look);
          if (line !== undefined) resolve(line);
          else reject(new Error(`${name} ended without printing ${pattern}:\n${log}`));
        };
        watchers.add(look);
        look();
      }),
    exited,
    ended,
  };
}
