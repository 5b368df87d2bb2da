/** The gateway in wrangler's development server, seen from `npm start`: it takes settings, logs, and ends. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { News, Order } from "./dev-server.ts";
import { commandLine, commandLinesOf, endGroup } from "./processes.ts";
import { root } from "./root.ts";
import type { Settings } from "./settings.ts";
import { wranglerEnvironment } from "./wrangler.ts";

/** The time that the server has to stop before it is killed, milliseconds. */
const stopWithinMs = 5_000;

/** The process group of the last server. */
const noteFile = join(root, ".wrangler/development.pid");

interface Options {
  port: number;
  settings: Settings;
  /** Gets each line of the gateway's log. */
  log: (line: string) => void;
}

export class Development {
  /** Resolves when the server has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #port: number;
  #onReady: (() => void) | null = null;

  /**
   * Ends the runtime of a server that was killed together with its parent: it would keep the port, and go on with the
   * same events. A server that runs is left alone.
   */
  static async endLeftover(): Promise<void> {
    const group = Number(existsSync(noteFile) ? readFileSync(noteFile, "utf8") : 0);
    if (!(group > 1) || commandLine(group).includes("dev-server")) return;
    if (!commandLinesOf(group).some((command) => command.includes("workerd"))) return;
    endGroup({ pid: group });
    // A process that ends has no command line any more, and still the port.
    for (let waited = 0; waited < stopWithinMs && commandLinesOf(group).length > 0; waited += 20)
      await sleep(20);
  }

  constructor({ port, settings, log }: Options) {
    this.#port = port;
    this.#child = fork(join(import.meta.dirname, "dev-server.ts"), {
      // Wrangler's chatter is left out; its warnings and errors are not.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: ["--no-warnings"],
      env: { ...process.env, ...wranglerEnvironment },
      // A group of its own, which Ctrl-C does not reach: it ends when the channel to it closes, however that happens.
      detached: process.platform !== "win32",
    });
    this.ended = once(this.#child, "exit").then(([code, signal]) => signal ?? `exit code ${code}`);
    this.#child.on("message", (news: News) => {
      if (news.kind === "log") log(news.line);
      else this.#onReady?.();
    });
    mkdirSync(dirname(noteFile), { recursive: true });
    writeFileSync(noteFile, String(this.#child.pid));
    this.#order(settings);
  }

  /** Restarts the runtime with other settings. Resolves when they apply; requests that come meanwhile wait. */
  reload(settings: Settings): Promise<void> {
    this.#order(settings);
    return new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
    setTimeout(() => endGroup(this.#child), stopWithinMs);
  }

  #order(settings: Settings): void {
    if (this.#child.connected) this.#child.send({ settings, port: this.#port } satisfies Order);
  }
}
