/** Wrangler as a child process that asks nothing, announces nothing and writes no log files. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The project's own folder, wherever a program was started. */
export const root = join(import.meta.dirname, "../..");

/** Its output, both streams, arrives on `stdout` and `stderr`. */
export function wrangler(args: readonly string[], signal?: AbortSignal): ChildProcess {
  const cli = createRequire(import.meta.url).resolve("wrangler");
  return spawn(process.execPath, ["--no-warnings", cli, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_WRITE_LOGS: "false",
      FORCE_COLOR: "0",
    },
    ...(signal && { signal }),
  });
}
