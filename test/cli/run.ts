/** Runs one of the programs of src/cli as a child process and records its output. */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { after } from "node:test";

export interface Run {
  pid: number;
  /** Everything printed so far, by its own children too. */
  log(): string;
  /** Resolves with the first line, past or to come, that fits; rejects when the program ends without one. */
  seen(pattern: RegExp): Promise<string>;
  /** SIGKILL to the program and its children. Resolves when all are gone. */
  kill(): Promise<void>;
  /** SIGTERM to the program alone. Resolves with its exit code when it and its children are gone. */
  stop(): Promise<number | null>;
  /** Resolves with the exit code when the program and its children are gone. */
  ended: Promise<number | null>;
}

interface Options {
  /** The working directory. */
  cwd: string;
  args?: readonly string[];
  /** The only variables of the environment are the ones that every process needs. */
  environment?: Readonly<Record<string, string>>;
  /** The project whose program it is. */
  project?: string;
}

const onWindows = process.platform === "win32";

/** Ends programs that a failed test left running, for which the test runner would wait. */
const running = new Set<Run>();
after(() => Promise.all([...running].map((run) => run.kill())));

export function run(
  program: string,
  { cwd, args = [], environment = {}, project = join(import.meta.dirname, "../..") }: Options,
): Run {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  const path = join(project, "src/cli", program);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path, ...args], {
    cwd,
    detached: !onWindows,
    stdio: ["ignore", "pipe", "pipe"],
    // As under npm: the program ends when the test that started it ends.
    env: { PATH, HOME, TMPDIR, SystemRoot, npm_lifecycle_event: "test", ...environment },
  });
  const pid = child.pid!;
  let log = "";
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const look of watchers) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
      notify();
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    // `close` and not `exit`: its children hold the same pipes.
    child.once("close", (code) => {
      hasEnded = true;
      running.delete(self);
      notify();
      resolve(code);
    });
  });

  const self: Run = {
    pid,
    log: () => log,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const lines = log.split("\n").slice(0, hasEnded ? undefined : -1);
          const line = lines.find((line) => pattern.test(line));
          if (line === undefined && !hasEnded) return;
          watchers.delete(look);
          if (line !== undefined) resolve(line);
          else reject(new Error(`${program} ended without printing ${pattern}:\n${log}`));
        };
        watchers.add(look);
        look();
      }),
    async kill() {
      if (!hasEnded) {
        if (onWindows) execFileSync("taskkill", ["/PID", String(pid), "/T", "/F"]);
        else process.kill(-pid, "SIGKILL");
      }
      await ended;
    },
    async stop() {
      if (!hasEnded) process.kill(pid, "SIGTERM");
      return ended;
    },
    ended,
  };
  running.add(self);
  return self;
}
