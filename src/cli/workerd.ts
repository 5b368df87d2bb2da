/** The open-source Workers runtime as a child process. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Bundle } from "./bundle.ts";

export interface Service {
  bundle: Bundle;
  /** An absolute path. Every Durable Object has a SQLite file below it. */
  dataDir: string;
  /** `127.0.0.1:8787` or `[::1]:8787`; port 0: any free one. */
  address: string;
  /** The names of the settings in the Worker's `env`. Their values are passed through the environment only. */
  settings: readonly string[];
  /** The KV namespaces: the absolute path of the folder of each binding, in which a file is a value. */
  kvFolders?: Readonly<Record<string, string>>;
  /** Whether the Worker may connect to private addresses, this machine's included. */
  allowPrivate: boolean;
  /** An entrypoint with a socket of its own, `steward`, on any free port of 127.0.0.1. */
  steward?: string;
}

/** The configuration in workerd's own language. It holds no secret's value. */
export function workerdConfig(service: Service): string {
  const { bundle, dataDir, address, settings, allowPrivate, steward, kvFolders = {} } = service;
  const { assets } = bundle;
  const main = bundle.modules.filter((module) => module.name === bundle.main);
  const rest = bundle.modules.filter((module) => module.name !== bundle.main);
  const modules = [...main, ...rest].map(
    ({ name, type }) => `(name = ${quote(name)}, ${type} = embed ${quote(`/${name}`)})`,
  );
  const bindings = [
    ...bundle.durableObjects.map(
      ({ binding, className }) => `(name = ${quote(binding)}, durableObjectNamespace = ${quote(className)})`,
    ),
    ...(assets ? [`(name = ${quote(assets.binding)}, service = "assets")`] : []),
    ...Object.keys(kvFolders).map(
      (binding) => `(name = ${quote(binding)}, kvNamespace = ${quote(`kv-${binding}`)})`,
    ),
    ...settings.map((name) => `(name = ${quote(name)}, fromEnvironment = ${quote(name)})`),
  ];
  const namespaces = bundle.durableObjects.map(
    ({ className }) =>
      `(className = ${quote(className)}, uniqueKey = ${quote(objectFolder(className))}, enableSql = true)`,
  );
  const sockets = [`(name = "http", address = ${quote(address)}, http = (), service = "main")`];
  if (steward)
    sockets.push(
      `(name = "steward", address = "127.0.0.1:0", http = (), service = (name = "main", entrypoint = ${quote(steward)}))`,
    );
  const folders = [
    ...(assets ? [["assets", join(bundle.dir, assets.folder)] as const] : []),
    ...Object.entries(kvFolders).map(([binding, path]) => [`kv-${binding}`, path] as const),
  ];
  const services = folders.map(
    ([name, path]) => `\n    (name = ${quote(name)}, disk = (path = ${quote(path)})),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${list(modules)}],
      compatibilityDate = ${quote(bundle.compatibilityDate)},
      compatibilityFlags = [${bundle.compatibilityFlags.map(quote).join(", ")}],
      bindings = [${list(bindings)}],
      durableObjectNamespaces = [${list(namespaces)}],
      durableObjectStorage = (localDisk = "data"),
    )),
    (name = "internet", network = (
      allow = [${allowPrivate ? '"public", "private"' : '"public"'}],
      tlsOptions = (trustBrowserCas = true),
    )),
    (name = "data", disk = (path = ${quote(dataDir)}, writable = true)),${services.join("")}
  ],
  sockets = [${sockets.join(", ")}],
);
`;
}

/** The unique key of a class. It names the folder of its objects and is part of their ids: never change it. */
export function objectFolder(className: string): string {
  return `tim-relay-${className}`;
}

interface Start {
  /** `pipe`: the caller reads its output; `inherit`, the default: it prints where we do. */
  output?: "pipe" | "inherit";
  /** Further options of `workerd serve`. */
  flags?: readonly string[];
}

/** Starts workerd. It reports its ports on `stdio[3]`, see `listeningPort`. */
export function startWorkerd(
  configPath: string,
  bundle: Bundle,
  settings: Readonly<Record<string, string | undefined>>,
  { output = "inherit", flags = [] }: Start = {},
): ChildProcess {
  const args = ["serve", `--import-path=${bundle.dir}`, "--control-fd=3", ...flags, configPath];
  // Ctrl-C sends SIGINT to the whole process group, and would end workerd at once. The shell makes it ignore SIGINT, so
  // that it ends on our SIGTERM, after the requests in flight. A SIGKILL of the group still reaches it. Where files have
  // a size limit (`ulimit -f`), a write beyond it then fails, as on a full disk, and does not end workerd by SIGXFSZ.
  const [command, ...rest] =
    process.platform === "win32"
      ? [workerdPath(), ...args]
      : ["/bin/sh", "-c", `trap '' INT HUP XFSZ; exec "$0" "$@"`, workerdPath(), ...args];
  return spawn(command!, rest, {
    stdio: ["ignore", output, output, "pipe"],
    env: { ...process.env, ...settings },
  });
}

/**
 * Resolves with the port as soon as `child` listens on a socket; never, if it ends before. Call it right after the start.
 */
export function listeningPort(child: ChildProcess, socket = "http"): Promise<number> {
  return new Promise((resolve) => {
    let received = "";
    child.stdio[3]?.on("data", (chunk) => {
      received += chunk;
      for (const line of received.split("\n").slice(0, -1)) {
        const message = JSON.parse(line);
        if (message.event === "listen" && message.socket === socket) resolve(message.port);
      }
    });
  });
}

/** The native program for this platform, as its npm package gives it. */
function workerdPath(): string {
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  return createRequire(wrangler)("workerd").default;
}

function list(items: readonly string[]): string {
  return `\n${items.map((item) => `        ${item},\n`).join("")}      `;
}

/** A text literal of the configuration language, which has the escapes of C. */
function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
