/** Wrangler as a child process that asks nothing, announces nothing and writes no log files. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The project's own folder, wherever a program was started. */
export const root = join(import.meta.dirname, "../..");

interface Options {
  /** `pipe`: the caller reads what it prints; `inherit`: it prints where we do. */
  output: "pipe" | "inherit";
  /** Ends it. */
  signal?: AbortSignal;
}

export function wrangler(args: readonly string[], { output, signal }: Options): ChildProcess {
  const cli = createRequire(import.meta.url).resolve("wrangler");
  return spawn(process.execPath, ["--no-warnings", cli, ...args], {
    cwd: root,
    stdio: ["ignore", output, output],
    env: {
      ...process.env,
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_WRITE_LOGS: "false",
      // The place that a request came from is looked up in the internet otherwise.
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    },
    ...(signal && { signal }),
  });
}
