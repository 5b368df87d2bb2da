/** Runs one of the programs of src/cli as a child process. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { type Output, outputOf } from "./output.ts";

export interface Run extends Output {
  pid: number;
  /** SIGKILL to the program and its children. Resolves when all are gone. */
  kill(): Promise<void>;
  /** SIGTERM to the program alone. Resolves with its exit code when it and its children are gone. */
  stop(): Promise<number | null>;
}

interface Options {
  /** The working directory. */
  cwd: string;
  args?: readonly string[];
  /** The only variables of the environment are the ones that every process needs. */
  environment?: Readonly<Record<string, string>>;
  /** The project whose program it is. */
  project?: string;
  /** A command, with its arguments, that runs the program. */
  wrapper?: readonly string[];
}

const onWindows = process.platform === "win32";

/** Ends programs that a failed test left running, for which the test runner would wait. */
const running = new Set<Run>();
after(() => Promise.all([...running].map((run) => run.kill())));

/** @param program `tim-relay.js`, a file of src/cli */
export function run(
  program: string,
  { cwd, args = [], environment = {}, project = join(import.meta.dirname, "../.."), wrapper = [] }: Options,
): Run {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  const path = join(project, "src/cli", program);
  const command = [...wrapper, process.execPath, "--disable-warning=ExperimentalWarning", path, ...args];
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
    detached: !onWindows,
    stdio: ["ignore", "pipe", "pipe"],
    // As under npm: the program ends when the test that started it ends.
    env: { PATH, HOME, TMPDIR, SystemRoot, npm_lifecycle_event: "test", ...environment },
  });
  const pid = child.pid!;
  const output = outputOf(child, program);
  const self: Run = {
    ...output,
    pid,
    async kill() {
      if (running.has(self)) {
        if (onWindows) execFileSync("taskkill", ["/PID", String(pid), "/T", "/F"]);
        else process.kill(-pid, "SIGKILL");
      }
      await output.ended;
    },
    async stop() {
      if (running.has(self)) process.kill(pid, "SIGTERM");
      return output.ended;
    },
  };
  running.add(self);
  output.ended.then(() => running.delete(self));
  return self;
}

/** A running `npm run serve`. */
export interface Served extends Run {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  url: string;
}

/**
 * Runs `npm run serve`, for tests of that program. Resolves when it answers requests; rejects with its output if it ends
 * before.
 * @param dataDir created if it is missing; with the folder of an earlier run, the gateway goes on with its events
 */
export async function serve({
  settings = {},
  dataDir,
  wrapper,
}: {
  settings?: Readonly<Record<string, string>>;
  dataDir: string;
  wrapper?: readonly string[];
}): Promise<Served> {
  mkdirSync(dataDir, { recursive: true });
  const environment = { PORT: "0", DATA_DIR: dataDir, ...settings };
  const program = run("tim-relay.js", {
    cwd: dataDir,
    args: ["serve"],
    environment,
    ...(wrapper && { wrapper }),
  });
  const line = await program.seen(/^listening on /);
  return { ...program, url: line.slice("listening on ".length) };
}
