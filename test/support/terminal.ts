/** A pseudo-terminal, made by the `script` of util-linux, or of BSD and macOS, and the screen that a person would see. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { after } from "node:test";
import xterm from "@xterm/headless";
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
  /** The lines that the terminal shows, those that have left its top included, without empty ones at the end. */
  screen(): Promise<{ lines: string[]; cursor: { x: number; y: number } }>;
  /** Makes the terminal narrower or wider, as a user does who drags the border of its window. */
  resize(columns: number): void;
}

const rows = 50;

/** Runs a program in a terminal of so many columns. Its log has the line feeds of a file. */
export function inTerminal(
  command: readonly string[],
  { columns, cwd, environment }: { columns: number; cwd: string; environment: Record<string, string> },
): Terminal {
  const quoted = command.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(" ");
  const line = `stty cols ${columns} rows ${rows}; exec ${quoted}`;
  const args = onLinux ? ["-qefc", line, "/dev/null"] : ["-q", "/dev/null", "sh", "-c", line];
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn("script", args, {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH, HOME, TMPDIR, SHELL: "/bin/sh", TERM: "xterm-256color", ...environment },
  });
  after(() => child.kill("SIGKILL"));
  const shown = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  child.stdout.on("data", (chunk: string) => shown.write(chunk));
  const output = outputOf(child, command[0]!);
  return {
    ...output,
    log: () => output.log().replaceAll("\r", ""),
    type: (keys) => child.stdin.write(keys),
    async screen() {
      await new Promise<void>((resolve) => shown.write("", resolve));
      const { active } = shown.buffer;
      const lines = Array.from({ length: active.length }, (_, index) =>
        active.getLine(index)!.translateToString(true).trimEnd(),
      );
      const last = lines.findLastIndex((line) => line !== "");
      return {
        lines: lines.slice(0, last + 1),
        cursor: { x: active.cursorX, y: active.baseY + active.cursorY },
      };
    },
    resize(columns) {
      shown.resize(columns, rows);
      execFileSync("stty", [onLinux ? "-F" : "-f", deviceOf(child.pid!), "cols", String(columns)]);
    },
  };
}

/** The terminal of the program that a process has started. */
function deviceOf(parent: number): string {
  const all = execFileSync("ps", ["-A", "-o", "ppid=,tty="], { encoding: "utf8" });
  const found = all.split("\n").map((line) => line.trim().split(/\s+/));
  return `/dev/${found.find(([of]) => of === String(parent))?.[1]}`;
}
