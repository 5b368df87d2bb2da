/** The gateway in wrangler's development server, seen from `npm start`: it takes settings, logs, and ends. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { News, Order } from "./dev-server.ts";
import { endGroup } from "./processes.ts";
import type { Settings } from "./settings.ts";
import { wranglerEnvironment } from "./wrangler.ts";

/** The time that the server has to stop before it is killed, milliseconds. */
const stopWithinMs = 5_000;

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
