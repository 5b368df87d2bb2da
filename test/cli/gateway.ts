/** Runs the real gateway, `npm run serve`, for tests that need the runtime's own network code or its death. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";

export interface Gateway {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  url: string;
  /** The process id of the Node program; workerd is its child. */
  pid: number;
  /** Everything printed so far, the Worker's console included. */
  log(): string;
  /** Resolves with the first line, past or to come, that fits; rejects when the gateway ends without one. */
  seen(pattern: RegExp): Promise<string>;
  /** SIGKILL to the gateway and its workerd. Resolves when both are gone. */
  kill(): Promise<void>;
  /** SIGTERM. Resolves with the exit code when the gateway and its workerd are gone. */
  stop(): Promise<number | null>;
  /** The exit code, once the gateway and its workerd are gone, for whatever reason. */
  ended: Promise<number | null>;
}

interface Options {
  /** The Worker's settings. Those of the surrounding environment do not reach it. */
  settings?: Record<string, string>;
  /** Made if it is missing; given again, the gateway goes on with what is there. */
  dataDir: string;
}

const serve = join(import.meta.dirname, "../../src/cli/serve.ts");

/** A failed test must not leave a gateway running, and the test runner waiting for it. */
const running = new Set<Gateway>();
after(() => Promise.all([...running].map((gateway) => gateway.kill())));

/** Resolves when the gateway answers requests; rejects with what it printed if it ends before. */
export async function startGateway({ settings = {}, dataDir }: Options): Promise<Gateway> {
  mkdirSync(dataDir, { recursive: true });
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", serve], {
    cwd: dataDir,
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SystemRoot: process.env.SystemRoot,
      TMPDIR: process.env.TMPDIR,
      // As under npm: a gateway ends when the test that started it does.
      npm_lifecycle_event: "test",
      PORT: "0",
      DATA_DIR: dataDir,
      ...settings,
    },
  });
  const pid = child.pid!;
  let log = "";
  const watchers = new Set<() => void>();
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve) => {
    // `close` and not `exit`: workerd holds the same pipes.
    child.once("close", (code) => {
      hasEnded = true;
      for (const look of watchers) look();
      resolve(code);
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
      for (const look of watchers) look();
    });
  }

  const seen = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = log
          .split("\n")
          .slice(0, -1)
          .find((line) => pattern.test(line));
        if (line === undefined && !hasEnded) return;
        watchers.delete(look);
        if (line !== undefined) resolve(line);
        else reject(new Error(`the gateway ended without printing ${pattern}:\n${log}`));
      };
      watchers.add(look);
      look();
    });

  const line = await seen(/^listening on /);
  const gateway: Gateway = {
    url: line.slice("listening on ".length),
    pid,
    log: () => log,
    seen,
    async kill() {
      if (hasEnded) return;
      if (process.platform === "win32") execFileSync("taskkill", ["/PID", String(pid), "/T", "/F"]);
      else process.kill(-pid, "SIGKILL");
      await ended;
    },
    async stop() {
      process.kill(pid, "SIGTERM");
      return ended;
    },
    ended,
  };
  running.add(gateway);
  ended.then(() => running.delete(gateway));
  return gateway;
}
