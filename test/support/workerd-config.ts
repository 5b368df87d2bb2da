/** The configuration of workerd for a gateway under test: that of `npm run serve`, in the surroundings of the test. */
import assert from "node:assert/strict";
import type { Bundle } from "../../src/cli/bundle.ts";
import { workerdConfig } from "../../src/cli/workerd.ts";

export interface Surroundings {
  /** Requests come with the `cf` object that Cloudflare's edge adds, and `cf-connecting-ip` can be trusted. */
  behindEdge?: boolean;
  /** A KV namespace `WORDS`, whose values a server at this `127.0.0.1:49154` answers. */
  kv?: string;
  /** Bindings of queues and R2 buckets by name, each with the server that plays the platform's part. */
  bindings?: Readonly<Record<string, { kind: "queue" | "r2Bucket"; server: string }>>;
  /** A second isolate of the Worker reaches the same shards, as in another location of the platform. */
  hasTwin?: boolean;
}

/** @param settings by name: texts come from the environment, and all other values are bindings of JSON */
export function configOf(
  build: Bundle,
  dataDir: string,
  settings: Readonly<Record<string, unknown>>,
  { behindEdge = false, hasTwin = false, kv, bindings = {} }: Surroundings,
): string {
  let config = workerdConfig({
    bundle: build,
    dataDir,
    address: "127.0.0.1:0",
    settings: Object.keys(settings),
    allowPrivate: String(settings.ALLOW_PRIVATE_DESTINATIONS) === "true",
    steward: "Steward",
    ...(kv !== undefined && { kvFolders: { WORDS: "/" } }),
  });
  if (kv !== undefined)
    config = replaced(
      config,
      `"kv-WORDS", disk = (path = "/")`,
      `"kv-WORDS", external = (address = "${kv}", http = ())`,
    );
  for (const [name, value] of Object.entries(settings))
    if (typeof value !== "string")
      config = replaced(
        config,
        `fromEnvironment = "${name}"`,
        `json = ${JSON.stringify(JSON.stringify(value))}`,
      );
  if (behindEdge)
    config = replaced(
      config,
      `http = (), service = "main"`,
      `http = (cfBlobHeader = "cf"), service = "main"`,
    );
  config = replaced(config, "services = [", `services = [\n    ${controlService(build)}`);
  config = replaced(
    config,
    "sockets = [",
    `sockets = [(name = "control", address = "127.0.0.1:0", http = (), service = "control"), `,
  );
  for (const [name, { kind, server }] of Object.entries(bindings)) {
    const service = `(name = "${name}", external = (address = "${new URL(server).host}", http = ())),`;
    config = replaced(config, "services = [", `services = [\n    ${service}`);
    config = replaced(
      config,
      "bindings = [\n",
      `bindings = [\n        (name = "${name}", ${kind} = "${name}"),\n`,
    );
  }
  return hasTwin ? withTwin(config) : config;
}

function replaced(config: string, part: string, by: string): string {
  assert.ok(config.includes(part), `the configuration has no ${part}`);
  return config.replace(part, () => by);
}

/** Adds the Worker once more: with an isolate and a socket of its own, and the shards of the first. */
function withTwin(config: string): string {
  const [worker = assert.fail("the configuration has no Worker")] =
    /^ {4}\(name = "main", worker = \($.*?^ {4}\)\),$/ms.exec(config) ?? [];
  const twin = worker
    .replace(`name = "main"`, `name = "twin"`)
    .replace(/^ +durableObjectNamespaces = \[.*?\],$/ms, "")
    .replace(/^ +durableObjectStorage = .*$/m, "")
    .replace(
      /durableObjectNamespace = ("\w+")/g,
      `durableObjectNamespace = (className = $1, serviceName = "main")`,
    );
  const socket = `(name = "twin", address = "127.0.0.1:0", http = (), service = "twin"), `;
  return replaced(replaced(config, worker, `${worker}\n${twin}`), "sockets = [", `sockets = [${socket}`);
}

/** A Worker beside the gateway's that reaches its shards. */
function controlService({ compatibilityDate, durableObjects }: Bundle): string {
  const [{ className }] = durableObjects as [Bundle["durableObjects"][number]];
  const source = `
    import unsafe from "workerd:unsafe";
    export default {
      async fetch(request, { SHARDS }) {
        const { evict, abort, append, to } = await request.json();
        if (evict) await unsafe.evict(SHARDS.getByName(evict));
        if (abort) await unsafe.abortAllDurableObjects();
        if (append) await SHARDS.getByName(to).append(append);
        return new Response();
      },
    };`;
  return `(name = "control", worker = (
      modules = [(name = "control.js", esModule = ${JSON.stringify(source)})],
      compatibilityDate = "${compatibilityDate}",
      compatibilityFlags = ["unsafe_module"],
      bindings = [(name = "SHARDS", durableObjectNamespace = (className = "${className}", serviceName = "main"))],
    )),`;
}
