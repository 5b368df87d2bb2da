/** The measured servers, the senders and the destinations: each a process of its own, on this machine's loopback. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bundle } from "../../src/cli/bundle.ts";
import { root } from "../../src/cli/root.ts";
import { listeningPort, startWorkerd, workerdConfig } from "../../src/cli/workerd.ts";
import { cpuSeconds, ifTold, peakBytes } from "../support/process-stats.ts";
import type { Seen } from "./backend.ts";
import { app, token } from "./callbacks.ts";
import type { Load, Outcome } from "./load.ts";
import type { Plan } from "./plans.ts";

/** The parts that every measurement works with. */
export interface Bench {
  product: Bundle;
  backend: Backend;
  sender: Sender;
  plan: Plan;
  say(progress: string): void;
}

export const adminToken = "bench-admin-token";

const running = new Set<ChildProcess>();
const scratch = new Set<string>();

/** Ends whatever still runs, and removes what it kept. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => end(child, "SIGKILL")));
  clean();
}

function clean(): void {
  for (const child of running) child.kill("SIGKILL");
  for (const dir of scratch) rmSync(dir, { recursive: true, force: true });
  scratch.clear();
}
process.on("exit", clean);

function watched(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** A folder on the disk that the project is on, for all alike. */
export function scratchDir(): string {
  const parent = join(root, "dist");
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, "bench-"));
  scratch.add(dir);
  return dir;
}

export interface Server {
  /** `http://127.0.0.1:49152/` */
  url: string;
  /** Seconds of processor time used so far; null where the operating system does not tell. */
  cpuSeconds(): number | null;
  /** The most memory that it has had so far, MB; likewise. */
  peakMb(): number | null;
  stop(): Promise<void>;
}

/** A Worker on workerd, its storage in `dir`. */
export async function startWorker(
  bundle: Bundle,
  settings: Record<string, string> = {},
  dir = scratchDir(),
): Promise<Server & { dir: string }> {
  const configPath = join(dir, "workerd.capnp");
  writeFileSync(
    configPath,
    workerdConfig({
      bundle,
      dataDir: dir,
      address: "127.0.0.1:0",
      settings: Object.keys(settings),
      allowPrivate: true,
    }),
  );
  return { ...(await listening(startWorkerd(configPath, bundle, settings))), dir };
}

/** Resolves when workerd answers requests; it is ended with the others. */
export async function listening(workerd: ChildProcess): Promise<Server> {
  const child = watched(workerd);
  const ended = once(child, "exit").then(() => {
    throw new Error("workerd ended by itself");
  });
  const port = await Promise.race([listeningPort(child), ended]);
  ended.catch(() => {});
  return serverOf(child, port, "SIGTERM");
}

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

function serverOf(child: ChildProcess, port: number, signal: "SIGTERM" | "SIGKILL"): Server {
  return {
    url: `http://127.0.0.1:${port}/`,
    cpuSeconds: () => ifTold(() => cpuSeconds(child.pid!)),
    peakMb: () => ifTold(() => peakBytes(child.pid!) / 2 ** 20),
    stop: () => end(child, signal),
  };
}

async function startNode(file: string, args: readonly string[] = []): Promise<Server> {
  const child = watched(forked(file, args));
  const [{ port }] = await once(child, "message");
  return serverOf(child, port, "SIGKILL");
}

function forked(file: string, args: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, file), args, { execArgv: ["--disable-warning=ExperimentalWarning"] });
}

export interface Backend {
  url: string;
  /** The events that have come since the last call. */
  seen(): Promise<Seen>;
  /** Resolves when so many events have come since the last call of `seen`, which it calls itself. */
  came(events: number): Promise<void>;
}

export async function startBackend(): Promise<Backend> {
  const { url } = await startNode("backend.ts");
  const seen = async () => (await (await fetch(url)).json()) as Seen;
  return {
    url,
    seen,
    async came(events) {
      const until = Date.now() + 120_000;
      for (let missing = events; missing > 0; ) {
        missing -= (await seen()).events;
        if (missing <= 0) return;
        if (Date.now() > until)
          throw new Error(
            `of ${events} events, ${missing} have not come to the destination within 2 minutes`,
          );
        await sleep(20);
      }
    },
  };
}

/** Viewers of a gateway's tail: so many that acknowledge, and one that never reads. */
export function startViewers(gateway: Server, count: number): Promise<Pick<Server, "stop">> {
  return startNode("viewers.ts", [gateway.url, adminToken, String(count)]);
}

export interface Sender {
  /** Fails if most was not accepted, unless that is what is measured. */
  send(load: Load, mayFail?: boolean): Promise<Outcome>;
}

/** Sends from a process of its own. */
export function startSender(): Sender {
  const child = watched(forked("load.ts", []));
  const waiting = new Map<number, (reply: { outcome?: Outcome; error?: string }) => void>();
  child.on("message", ({ id, ...reply }: { id: number }) => {
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });
  child.once("exit", () => {
    for (const reply of waiting.values()) reply({ error: "the sender has ended" });
  });
  let last = 0;
  return {
    async send(load, mayFail = false) {
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<{ outcome?: Outcome; error?: string }>();
      waiting.set(id, resolve);
      child.send({ id, load });
      const { outcome, error } = await promise;
      if (!outcome) throw new Error(error);
      if (outcome.failed >= outcome.accepted && !mayFail)
        throw new Error(
          `${outcome.failed} callbacks of ${outcome.accepted + outcome.failed} were not accepted`,
        );
      return outcome;
    },
  };
}

/** The sums of `GET /api/stats` over a day. */
export interface Billed {
  received: number;
  delivered: number;
  rowsWritten: number;
  rowsRead: number;
  requests: number;
  shardRequests: number;
  alarms: number;
}

export interface Gateway extends Server {
  dir: string;
  billed(): Promise<Billed>;
  /** Resolves when nothing waits to be delivered. */
  drained(): Promise<void>;
  api(path: string): Promise<unknown>;
  /** A request of the API, whose answer may be streamed. */
  request(path: string, options?: RequestInit): Promise<Response>;
}

export interface GatewayOptions {
  rules: readonly object[];
  shards?: number;
  dir?: string;
}

/** The product: its production build, with signatures checked, as `npm run serve` runs it. */
export async function startGateway(
  bundle: Bundle,
  { rules, shards = 1, dir }: GatewayOptions,
): Promise<Gateway> {
  const settings = {
    SDK_APP_ID: app,
    CALLBACK_TOKEN: token,
    ADMIN_TOKEN: adminToken,
    ALLOW_PRIVATE_DESTINATIONS: "true",
    SHARDS: String(shards),
    FORWARD_RULES: JSON.stringify(rules),
    LOG_LEVEL: "warn",
  };
  const server = await startWorker(bundle, settings, dir);
  const request = async (path: string, options: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const response = await fetch(server.url + path, { ...options, headers });
    if (!response.ok)
      throw new Error(`GET /${path} was answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const api = async (path: string) => (await request(path)).json();
  const problems = (await api("health")) as { problems: string[] };
  if (problems.problems.length > 0)
    throw new Error(`the gateway is not well: ${problems.problems.join("; ")}`);
  return {
    ...server,
    api,
    request,
    async billed() {
      const { minutes, ...billed } = (await api("api/stats?minutes=1440")) as Omit<
        Billed,
        "received" | "delivered"
      > & { minutes: { received: number; delivered: number }[] };
      const sum = (name: "received" | "delivered") =>
        minutes.reduce((total, minute) => total + minute[name], 0);
      return { ...billed, received: sum("received"), delivered: sum("delivered") };
    },
    async drained() {
      const until = Date.now() + 120_000;
      for (;;) {
        const destinations = (await api("api/destinations")) as { waiting: number; retrying: number }[];
        if (destinations.every(({ waiting, retrying }) => waiting + retrying === 0)) return;
        if (Date.now() > until) throw new Error("the gateway has not delivered everything within 2 minutes");
        await sleep(50);
      }
    },
  };
}

/** A rule that forwards everything to a backend, signed. */
export function destination(name: string, backend: Backend): object {
  return {
    name,
    url: `${backend.url}events`,
    secret: "whsec_dGltLXJlbGF5LWJlbmNoLXNlY3JldC0wMDAx",
  };
}
