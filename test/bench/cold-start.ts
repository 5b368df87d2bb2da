/**
 * The time from a fresh isolate to its first answer. A Worker with a loader binding loads *bare* and the product in
 * turns, each time under a new name. The time includes compiling, evaluating and answering, but not the start of
 * workerd's process. The request is a before-callback: the product checks, decides and answers it without its storage.
 * An answer to an after-callback would wait for the start of a second isolate, the shard's. No reference has one.
 */
import { spawn } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Bundle } from "../../src/cli/bundle.ts";
import { app, bodies, queryOf, token } from "./callbacks.ts";
import { listening, type Server, scratchDir } from "./processes.ts";
import { inTurns, ratioOf, type Sample, sampleOf } from "./sample.ts";
import type { Bench } from "./servers.ts";

export interface ColdStart {
  /** Milliseconds. */
  product: Sample;
  bare: Sample;
  ratio: number;
}

const subjects = ["product", "bare"] as const;

export async function coldStart({ product, plan, say }: Bench): Promise<ColdStart> {
  say("starting fresh isolates");
  const server = await startLoader(product);
  const next = bodies("BeforeSendMsg", 300);
  let isolates = 0;
  const firstAnswer = async (subject: (typeof subjects)[number]) => {
    const now = Date.now();
    const url = `${server.url}${subject}/${++isolates}${queryOf("BeforeSendMsg", now)}`;
    const body = next(now);
    const startedAt = performance.now();
    const response = await fetch(url, { method: "POST", body });
    const answer = await response.text();
    const ms = performance.now() - startedAt;
    if (!response.ok) throw new Error(`a fresh isolate answered ${response.status}: ${answer}`);
    return ms;
  };
  // The first isolate of a process takes longer, with either subject.
  for (const subject of subjects) await firstAnswer(subject);
  const found = await inTurns(subjects, plan.coldStarts, firstAnswer);
  await server.stop();
  const sampled = (subject: (typeof subjects)[number]) => sampleOf(found.get(subject)!);
  const [ours, bare] = [sampled("product"), sampled("bare")];
  say(`  tim-relay ${ours.median.toFixed(1)} ms, bare ${bare.median.toFixed(1)} ms`);
  return { product: ours, bare, ratio: ratioOf(ours, bare) };
}

/** A Worker as the loader takes it. */
interface Code {
  compatibilityDate: string;
  compatibilityFlags: readonly string[];
  mainModule: string;
  modules: Record<string, { js: string } | { text: string }>;
  env: Record<string, string>;
}

/** Loaded Workers are an experiment of workerd's, which it must be allowed. */
async function startLoader(product: Bundle): Promise<Server> {
  const dir = scratchDir();
  const bare = { name: "bare.js", type: "esModule" } as const;
  const reference = join(import.meta.dirname, "reference");
  const codes = {
    product: codeOf(product, { SDK_APP_ID: app, CALLBACK_TOKEN: token }),
    bare: codeOf({ ...product, dir: reference, main: bare.name, modules: [bare] }, {}),
  };
  for (const [name, code] of Object.entries(codes))
    writeFileSync(join(dir, `${name}.json`), JSON.stringify(code));
  copyFileSync(join(reference, "loader.js"), join(dir, "loader.js"));
  const configPath = join(dir, "workerd.capnp");
  writeFileSync(
    configPath,
    `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "loader.js", esModule = embed "loader.js")],
    compatibilityDate = "${product.compatibilityDate}",
    bindings = [
      (name = "LOADER", workerLoader = ()),
      ${subjects.map((name) => `(name = "${name}", json = embed "${name}.json"),`).join("\n      ")}
    ],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  const workerd: string = createRequire(wrangler)("workerd").default;
  const args = ["serve", "--experimental", "--control-fd=3", configPath];
  return listening(spawn(workerd, args, { stdio: ["ignore", "inherit", "inherit", "pipe"] }));
}

function codeOf(bundle: Bundle, env: Record<string, string>): Code {
  const { dir, main, modules, compatibilityDate, compatibilityFlags } = bundle;
  const contents = modules.map(({ name, type }): [string, Code["modules"][string]] => {
    const content = readFileSync(join(dir, name), "utf8");
    if (type === "esModule") return [name, { js: content }];
    if (type === "text") return [name, { text: content }];
    throw new Error(`${name}: a module of type ${type} cannot be loaded here`);
  });
  return {
    compatibilityDate,
    compatibilityFlags,
    mainModule: main,
    modules: Object.fromEntries(contents),
    env,
  };
}
