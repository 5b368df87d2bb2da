/** The production build in Miniflare, which has the platform's bindings: services, queues, R2, KV. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { app, callbackToken } from "./callbacks.ts";
import { adminToken, type Client, clientOf } from "./client.ts";
import { todaysBuild } from "./gateway.ts";

type WorkerConfig = MiniflareOptions["workers"][number]["config"];
type Bindings = NonNullable<WorkerConfig["env"]>;

interface Options {
  /** Texts. They replace the usual settings. */
  settings?: Readonly<Record<string, string>>;
  /** Bindings of the gateway by name. */
  bindings?: Bindings;
  /** Workers beside the gateway, for service bindings. */
  workers?: readonly WorkerConfig[];
  /** Further Workers over the same objects, by name, with their number of shards: later versions. */
  deployed?: Readonly<Record<string, string>>;
  /** By binding, a method whose calls ask a receiver at `url` first: unless it answers 2xx, the call fails. */
  asking?: { url: string; methods: Readonly<Record<string, string>> };
  /** The folder of its storage; absent: a new one. */
  storage?: string;
}

export interface MiniflareGateway extends Client {
  readonly miniflare: Miniflare;
  readonly url: string;
  readonly storage: string;
}

const name = "tim-relay";
const compatibilityDate = "2026-10-01";

const text = (value: string) => ({ type: "text", value }) as const;

/** Ends with the file that starts it, or by `miniflare.dispose()`; its storage ends with the file. */
export async function startMiniflare(
  rules: readonly object[],
  options: Options = {},
): Promise<MiniflareGateway> {
  const { settings = {}, bindings = {}, workers = [], deployed = {}, asking } = options;
  const { storage = mkdtempSync(join(tmpdir(), "tim-relay-miniflare-")) } = options;
  const build = await todaysBuild;
  const modules = build.modules.map(({ name, type }) => {
    const contents = readFileSync(join(build.dir, name));
    return [name, type === "esModule" ? { type: "esm", contents: contents.toString() } : { type, contents }];
  });
  if (asking) modules.push(["asking.js", { type: "esm", contents: askingModule(build.main, asking) }]);
  const objects = build.durableObjects.map(({ binding, className }) => [
    binding,
    { type: "durable-object", worker: name, exportName: className },
  ]);
  const { binding: assets, folder } = build.assets!;
  const usual = {
    SDK_APP_ID: app,
    CALLBACK_TOKEN: callbackToken,
    ADMIN_TOKEN: adminToken,
    ALLOW_PRIVATE_DESTINATIONS: "true",
    FORWARD_RULES: JSON.stringify(rules),
  };
  const config = {
    name,
    compatibilityDate: build.compatibilityDate,
    compatibilityFlags: [...build.compatibilityFlags],
    manifest: { mainModule: asking ? "asking.js" : build.main, modules: Object.fromEntries(modules) },
    env: {
      ...Object.fromEntries(
        Object.entries({ ...usual, ...settings }).map(([key, value]) => [key, text(value)]),
      ),
      [assets]: { type: "assets" } as const,
      ...Object.fromEntries(objects),
      ...bindings,
    },
    assets: {
      directory: join(build.dir, folder),
      hasUserWorker: true,
      htmlHandling: "none",
      runWorkerFirst: true,
    },
    exports: Object.fromEntries(
      build.durableObjects.map(({ className }) => [className, { type: "durable-object", storage: "sqlite" }]),
    ),
  } satisfies WorkerConfig;
  const later = Object.entries(deployed).map(([name, shards]) => {
    const { exports: _, ...more } = config;
    return { ...more, name, env: { ...config.env, SHARDS: text(shards) } };
  });
  const all = [config, ...workers, ...later].map((config) => ({ config }));
  const miniflare = new Miniflare({ cf: false, resourcePersistencePath: storage, workers: all });
  after(async () => {
    await miniflare.dispose().catch(() => {});
    rmSync(storage, { recursive: true, force: true, maxRetries: 5 });
  });
  const url = (await miniflare.ready).origin;
  const client = clientOf(
    () => url,
    () => callbackToken,
  );
  return { ...client, miniflare, url, storage };
}

/** A main module around the Worker's, in which each object and entrypoint has bindings that ask first. */
function askingModule(main: string, { url, methods }: NonNullable<Options["asking"]>): string {
  return `
    import worker, * as all from "./${main}";
    export * from "./${main}";
    const asking = (env) => {
      const asked = { ...env };
      for (const [name, method] of Object.entries(${JSON.stringify(methods)})) {
        const call = async (...given) => {
          const answer = await fetch(${JSON.stringify(url)}, { method: "POST", body: JSON.stringify(given) });
          await answer.arrayBuffer();
          if (!answer.ok) throw new Error("out of order");
          return env[name][method](...given);
        };
        // Bindings are told apart by their methods.
        asked[name] = { ...(method === "put" && { createMultipartUpload() {} }), [method]: call };
      }
      return asked;
    };
    export class Shard extends all.Shard { constructor(ctx, env) { super(ctx, asking(env)); } }
    export class Courier extends all.Courier { constructor(ctx, env) { super(ctx, asking(env)); } }
    const bound = new WeakMap();
    const once = (env) => bound.get(env) ?? (bound.set(env, asking(env)), bound.get(env));
    export default { fetch: (request, env, ctx) => worker.fetch(request, once(env), ctx) };`;
}

/**
 * A Worker that takes the messages of a queue, and hands each text on to a receiver. Several may be on their way at
 * once: `x-queued-at` tells when each was queued, Unix milliseconds.
 */
export function consumerWorker(name: string, queue: string, receiver: string): WorkerConfig {
  const source = `export default {
    async queue({ messages }, { RECEIVER }) {
      for (const { body, timestamp } of messages) {
        const headers = { "x-queued-at": String(timestamp.getTime()) };
        await fetch(RECEIVER, { method: "POST", headers, body });
      }
    },
  };`;
  return {
    name,
    compatibilityDate,
    manifest: { mainModule: "consumer.js", modules: { "consumer.js": { type: "esm", contents: source } } },
    env: { RECEIVER: text(receiver) },
    triggers: [{ type: "queue", name: queue, maxBatchTimeout: 0 }],
  };
}

/** The statuses by which a receiver makes the Worker before it throw, or never answer. */
export const throwing = 599;
export const stuck = 598;

/**
 * A Worker that hands each request on to a receiver, and says in `x-service-url` which URL it has seen.
 * @param receiver its address
 */
export function proxyWorker(name: string, receiver: string): WorkerConfig {
  const source = `export default {
    async fetch(request, { RECEIVER }) {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("x-service-url", request.url);
      const { method, body } = request;
      const answer = await fetch(RECEIVER + pathname + search, { method, headers, body, redirect: "manual" });
      if (answer.status === ${throwing}) throw new TypeError("hunter2");
      if (answer.status === ${stuck}) await new Promise(() => {});
      return answer;
    },
  };`;
  return {
    name,
    compatibilityDate,
    manifest: { mainModule: "proxy.js", modules: { "proxy.js": { type: "esm", contents: source } } },
    env: { RECEIVER: text(receiver.replace(/\/$/, "")) },
  };
}
