/** A pseudo-terminal, made by the `script` of util-linux, or of BSD and macOS. */
import { spawn, spawnSync } from "node:child_process";
import { after } from "node:test";
import { type Output, outputOf } from "./output.ts";

const onLinux = process.platform === "linux";

/** Why there is no pseudo-terminal here; false if there is one. */
export const noTerminal: string | false =
  process.platform === "win32" || spawnSync("script", ["-q", "/dev/null", "true"], { stdio: "ignore" }).error
    ? "this machine has no program `script`"
    : false;

export interface Terminal extends Output {
  /** Types keys: Ctrl-C is `\u0003`. */
  type(keys: string): void;
}

/** Runs a program in a terminal of so many columns. Its log has the line feeds of a file. */
export function inTerminal(
  command: readonly string[],
  { columns, cwd, environment }: { columns: number; cwd: string; environment: Record<string, string> },
): Terminal {
  const quoted = command.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(" ");
  const line = `stty cols ${columns} rows 50; exec ${quoted}`;
  const args = onLinux ? ["-qefc", line, "/dev/null"] : ["-q", "/dev/null", "sh", "-c", line];
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn("script", args, {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH, HOME, TMPDIR, SHELL: "/bin/sh", TERM: "xterm-256color", ...environment },
  });
  after(() => child.kill("SIGKILL"));
  const output = outputOf(child, command[0]!);
  return {
    ...output,
    log: () => output.log().replaceAll("\r", ""),
    type: (keys) => child.stdin.write(keys),
  };
}
