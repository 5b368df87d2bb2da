/**
 * Wrangler's development server, as a process of its own. Its parent sends it settings, and gets the gateway's log. It
 * ends when the channel between them is closed. So no runtime goes on when the parent is killed.
 */

import { join } from "node:path";
import { unstable_startWorker as startWorker } from "wrangler";
import { printable } from "../callback/text.ts";
import { dashboardFolder, followDashboard } from "./dashboard.ts";
import { writeDocuments } from "./documents.ts";
import { root } from "./root.ts";
import type { Settings } from "./settings.ts";
import { readWranglerConfig } from "./wrangler-config.ts";

/** Messages of the parent. The first one starts the gateway, the others change its settings. */
export interface Order {
  settings: Settings;
  port: number;
}

/** Messages to the parent. */
export type News =
  | { kind: "ready" }
  /** A line of the gateway's log. */
  | { kind: "log"; line: string };

const tell = (news: News) => process.send?.(news);

const config = join(root, "wrangler.toml");

/**
 * Where `wrangler dev` of another Worker tells its address, if WRANGLER_REGISTRY_PATH names this folder. Without a
 * registry, a binding of a Worker ends the runtime at its start.
 */
const registry = readWranglerConfig(config).services ? join(root, ".wrangler/registry") : undefined;

let worker: Awaited<ReturnType<typeof startWorker>> | null = null;

/** Changes follow one another: each waits for the one before. */
let last = Promise.resolve();
process.on("message", (order: Order) => {
  last = last.then(() => apply(order)).catch(fail);
});
process.on("disconnect", async () => {
  await worker?.dispose();
  process.exit(0);
});
// The terminal signals the whole group. The parent decides when this process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

async function apply({ settings, port }: Order): Promise<void> {
  // The parent has ended before anything listened.
  if (!process.connected) process.exit(0);
  const bindings = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, { type: "secret_text", value }]),
  );
  if (worker === null) {
    // A change of a document is seen at the next start.
    await writeDocuments(dashboardFolder);
    await followDashboard(dashboardFolder, (mistake) => console.error(printable(`✘ ${mistake}`)));
    worker = await startWorker({
      config,
      // The page is built here, where a change of it does not build the Worker too.
      build: { custom: { command: "" } },
      bindings,
      // A file that does not exist: the settings come from the parent alone.
      envFiles: [".wrangler/none"],
      dev: {
        server: { hostname: "localhost", port },
        ...(registry && { registry }),
        inspector: false,
        logLevel: "warn",
        structuredLogsHandler: ({ message }: { message: string }) => tell({ kind: "log", line: message }),
      },
    });
    worker.raw.on("error", fail);
    worker.raw.on("reloadComplete", () => tell({ kind: "ready" }));
    return;
  }
  await worker.patchConfig({ bindings });
}

/** Ends with the sentence of an error's first cause: Wrangler wraps its errors. */
function fail(error: unknown): void {
  const { cause, message } = error as { cause?: unknown; message?: unknown };
  if (cause) fail(cause);
  console.error(printable(String(message ?? error)));
  process.exit(1);
}
