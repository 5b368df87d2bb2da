/** Runs the production build in Miniflare itself, on storage that outlives it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { bundle } from "../../src/cli/bundle.ts";
import { type Client, clientOf, type Settings } from "../http/worker.ts";

export interface Instance extends Client {
  /** Ends a shard's object, which must be running and wait for nobody's answer; its rows stay. */
  evict(shard: number): Promise<void>;
  /** Hands an event to a shard as Workers did before events were packed. */
  append(shard: number, append: object): Promise<void>;
  /** Kills the runtime: nothing gets the time to tidy up. */
  kill(): Promise<void>;
}

type WorkerConfig = MiniflareOptions["workers"][number]["config"];

const name = "tim-relay";

/** Built once for all instances of a file. */
const built = bundle(AbortSignal.timeout(60_000));

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-restart-"));
const running = new Set<Miniflare>();
after(async () => {
  await Promise.all([...running].map((miniflare) => miniflare.dispose()));
  rmSync(scratch, { recursive: true, maxRetries: 5 });
});

/** Removed when the tests of the file have ended. */
export function newDataDir(): string {
  return mkdtempSync(join(scratch, "data-"));
}

/**
 * @param settings texts, or JSON values
 * @param dataDir given again, the instance goes on with what is there
 */
export async function startInstance(settings: Settings, dataDir: string): Promise<Instance> {
  const build = await built;
  const modules = build.modules.map(({ name, type }) => {
    const contents = readFileSync(join(build.dir, name));
    return type === "esModule"
      ? [name, { type: "esm", contents: contents.toString() }]
      : [name, { type, contents }];
  });
  const env = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === "string" ? { type: "text", value } : { type: "json", value },
  ]);
  const objects = build.durableObjects.map(({ binding, className }) => [
    binding,
    { type: "durable-object", worker: name, exportName: className },
  ]);
  const classes = build.durableObjects.map(({ className }) => [
    className,
    { type: "durable-object", storage: "sqlite" },
  ]);
  const config = {
    name,
    compatibilityDate: build.compatibilityDate,
    compatibilityFlags: [...build.compatibilityFlags],
    manifest: { mainModule: build.main, modules: Object.fromEntries(modules) },
    env: Object.fromEntries([...env, ...objects]),
    exports: Object.fromEntries(classes),
  } satisfies WorkerConfig;

  const miniflare = new Miniflare({
    cf: false,
    resourcePersistencePath: dataDir,
    workers: [{ config }],
  });
  running.add(miniflare);
  const { binding, className } = build.durableObjects[0]!;

  return {
    ...clientOf((await miniflare.ready).origin),
    evict: (shard) => miniflare.unsafeEvictDurableObject(name, className, { name: `shard-${shard}` }),
    async append(shard, append) {
      const shards = await miniflare.getDurableObjectNamespace(binding, name);
      const stub = shards.get(shards.idFromName(`shard-${shard}`)) as unknown as {
        append(append: object): Promise<void>;
      };
      await stub.append(append);
    },
    async kill() {
      running.delete(miniflare);
      await miniflare.dispose();
    },
  };
}
