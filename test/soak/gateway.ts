/** The gateway of a soak: `npm run serve`, killed, stopped and started again on the same folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/cli/root.ts";
import { callbackToken } from "../support/callbacks.ts";
import { type Client, clientOf } from "../support/client.ts";
import { type Output, outputOf } from "../support/output.ts";
import { childOf, cpuSeconds, ifTold, privateBytes, starvedMs } from "../support/process-stats.ts";
import { usualSettings } from "../support/settings.ts";

/** A time in which the gateway did not run, or was stopping or starting. Unix milliseconds. */
export interface Down {
  from: number;
  until: number;
}

export interface Gateway extends Client {
  readonly url: string;
  readonly dataDir: string;
  readonly downs: readonly Down[];
  /** Starts with these rules. Resolves when it answers requests. */
  start(rules: readonly object[]): Promise<void>;
  /** SIGKILL to the program and the runtime, if it runs. */
  kill(): Promise<void>;
  /** Kills it, and lets it start no more. */
  end(): Promise<void>;
  /** SIGTERM to the program. Rejects unless it ends with 0. */
  stop(): Promise<void>;
  /** The memory that the runtime has to itself, bytes; null where the operating system does not tell. */
  memory(): number | null;
  /** Seconds of processor time of the runtime, over all starts; 0 where the operating system does not tell. */
  cpu(): number;
  /**
   * Milliseconds in which the runtime waited for a processor, over all starts; null where the operating system does not
   * tell.
   */
  starved(): number | null;
  /** Bytes of its folder. */
  stored(): number;
  /** Everything printed, over all starts. */
  log(): string;
}

const running = new Set<number>();
process.on("exit", () => {
  for (const pid of running) signalGroup(pid);
});

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

const shards = 3;

/** @param moved is told the address after each start, before the gateway counts as up */
export function gatewayOn(dataDir: string, moved: (url: string) => Promise<void>): Gateway {
  mkdirSync(dataDir, { recursive: true });
  const downs: Down[] = [];
  let earlier = "";
  let ended = false;
  let cpuBefore = 0;
  let starvedBefore = 0;
  let now: { child: ChildProcess; output: Output } | null = null;
  let url = "http://127.0.0.1:1";

  const down = () => {
    downs.push({ from: Date.now(), until: Number.POSITIVE_INFINITY });
    const { child, output } = now!;
    cpuBefore += ofRuntime(child, cpuSeconds) ?? 0;
    starvedBefore += ofRuntime(child, starvedMs) ?? 0;
    now = null;
    return { child, output };
  };
  const remember = (output: Output) => {
    earlier += output.log();
  };
  const gateway: Gateway = {
    ...clientOf(
      () => url,
      () => callbackToken,
    ),
    get url() {
      return url;
    },
    dataDir,
    downs,
    async start(rules) {
      if (ended) throw new Error("the soak has ended");
      const { PATH, HOME, TMPDIR } = process.env;
      const child = spawn(process.execPath, [join(root, "src/cli/tim-relay.js"), "serve"], {
        cwd: dataDir,
        // A group of its own: a SIGKILL reaches the runtime too.
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...{ PATH, HOME, TMPDIR },
          // As under npm: the program ends when the one that started it ends.
          npm_lifecycle_event: "soak",
          PORT: "0",
          DATA_DIR: dataDir,
          ...usualSettings,
          SHARDS: String(shards),
          FORWARD_RULES: JSON.stringify(rules),
        },
      });
      running.add(child.pid!);
      const output = outputOf(child, "serve");
      output.ended.then(() => running.delete(child.pid!));
      const line = await output.seen(/^listening on /);
      url = line.slice("listening on ".length);
      now = { child, output };
      await moved(url);
      const last = downs.at(-1);
      if (last) last.until = Date.now();
    },
    async kill() {
      if (now === null) return;
      const { child, output } = down();
      signalGroup(child.pid!);
      await output.ended;
      remember(output);
    },
    async end() {
      ended = true;
      await gateway.kill();
    },
    async stop() {
      const { child, output } = down();
      child.kill("SIGTERM");
      const code = await output.ended;
      remember(output);
      if (code !== 0)
        throw new Error(`serve ended with ${code} after SIGTERM:\n${output.log().slice(-2_000)}`);
    },
    memory: () => now && ofRuntime(now.child, privateBytes),
    cpu: () => cpuBefore + ((now && ofRuntime(now.child, cpuSeconds)) ?? 0),
    starved() {
      const here = now && ofRuntime(now.child, starvedMs);
      return here === null ? null : starvedBefore + here;
    },
    stored: () => bytesOf(dataDir),
    log: () => earlier + (now?.output.log() ?? ""),
  };
  return gateway;
}

/** A number of Linux about the runtime, which is the program's only child. */
function ofRuntime({ pid }: ChildProcess, look: (pid: number) => number): number | null {
  return ifTold(() => look(childOf(pid!)));
}

function bytesOf(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    try {
      const { size } = statSync(join(folder, name));
      bytes += size;
    } catch {
      // SQLite has just removed it.
    }
  return bytes;
}
