/** Wrangler as a child process without prompts, banner and log files. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { root } from "./root.ts";

export const wranglerEnvironment = {
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false",
  // Otherwise Wrangler fetches an example of `request.cf` from the internet.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

interface Options {
  /** `pipe`: the caller reads the output; `inherit`: it goes to our own output. */
  output: "pipe" | "inherit";
  /** The same for its warnings and errors; by default as `output`. */
  errors?: Options["output"];
  /** `inherit`: it may ask the person at our own terminal; by default it gets no input. */
  input?: "ignore" | "inherit";
  /** Ends the process. */
  signal?: AbortSignal;
  /** Variables of its environment, beside our own. */
  variables?: Readonly<Record<string, string>>;
}

export function wrangler(
  args: readonly string[],
  { output, errors = output, input = "ignore", signal, variables }: Options,
): ChildProcess {
  const cli = createRequire(import.meta.url).resolve("wrangler");
  return spawn(process.execPath, ["--no-warnings", cli, ...args], {
    cwd: root,
    stdio: [input, output, errors],
    env: { ...process.env, ...wranglerEnvironment, ...variables },
    ...(signal && { signal }),
  });
}
