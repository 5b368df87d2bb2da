/** The servers that the gateway is held against. */
import { join } from "node:path";
import type { Bundle } from "../../src/cli/bundle.ts";
import { type Server, scratchDir, serverOf, startNode, watched } from "./processes.ts";
import { startRedis } from "./redis.ts";
import { startWorker } from "./servers.ts";

/** A reference Worker from the folder beside this file, on the same runtime and with the same settings of it. */
export function referenceWorker(name: "bare" | "one-row", product: Bundle): Promise<Server> {
  const { assets: _, ...common } = product;
  return startWorker({
    ...common,
    dir: join(import.meta.dirname, "reference"),
    main: `${name}.js`,
    modules: [{ name: `${name}.js`, type: "esModule" }],
    durableObjects: name === "bare" ? [] : [{ binding: "STORE", className: "Store" }],
  });
}

/** The server that a team would write by hand. */
export async function handWrittenServer(destination: string): Promise<Server> {
  return startNode("reference/server.ts", [join(scratchDir(), "events.sqlite"), destination]);
}

/**
 * The server that a team would write with BullMQ, and its Redis: both count.
 * @returns null: the machine has no Redis
 */
export async function queueServer(destination: string): Promise<Server | null> {
  const redis = await startRedis(scratchDir());
  if (!redis) return null;
  const store = serverOf(watched(redis.child), redis.port, "SIGKILL");
  const server = await startNode("reference/bullmq.ts", [String(redis.port), destination]);
  const sum = (one: number | null, other: number | null) =>
    one === null || other === null ? null : one + other;
  return {
    url: server.url,
    cpuSeconds: () => sum(server.cpuSeconds(), store.cpuSeconds()),
    peakMb: () => sum(server.peakMb(), store.peakMb()),
    async stop() {
      await server.stop();
      await store.stop();
    },
  };
}
