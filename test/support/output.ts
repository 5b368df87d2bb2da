/** The output of a child process and of its children. */
import type { ChildProcess } from "node:child_process";

/** A line that has not come by then will not come. Milliseconds. */
const longestMs = 120_000;

export interface Output {
  /** Everything printed so far. */
  log(): string;
  /** Resolves with the first line, past or to come, that fits; rejects when the process ends without one, or late. */
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
        let isLate = false;
        const look = () => {
          const lines = log.split("\n").slice(0, hasEnded ? undefined : -1);
          const line = lines.find((line) => pattern.test(line));
          if (line === undefined && !hasEnded && !isLate) return;
          watchers.delete(look);
          clearTimeout(timer);
          if (line !== undefined) resolve(line);
          else {
            const when = hasEnded
              ? "ended without printing"
              : `within ${longestMs / 1_000} s has not printed`;
            reject(new Error(`${name} ${when} ${pattern}:\n${log}`));
          }
        };
        const timer = setTimeout(() => {
          isLate = true;
          look();
        }, longestMs);
        watchers.add(look);
        look();
      }),
    exited,
    ended,
  };
}
