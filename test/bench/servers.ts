/** The gateway's production build as the bench runs it, and Workers on the same runtime. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bundle } from "../../src/cli/bundle.ts";
import { startWorkerd, workerdConfig } from "../../src/cli/workerd.ts";
import { app, token } from "./callbacks.ts";
import type { Backend, Sender } from "./peers.ts";
import type { Plan } from "./plans.ts";
import { listening, type Server, scratchDir } from "./processes.ts";

/** The parts that every measurement works with. */
export interface Bench {
  product: Bundle;
  backend: Backend;
  sender: Sender;
  plan: Plan;
  say(progress: string): void;
}

export const adminToken = "bench-admin-token";

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
  /** It has work left from before, and /health may say so. */
  isBehind?: boolean;
}

export function gatewaySettings(rules: readonly object[], shards = 1): Record<string, string> {
  return {
    SDK_APP_ID: app,
    CALLBACK_TOKEN: token,
    ADMIN_TOKEN: adminToken,
    ALLOW_PRIVATE_DESTINATIONS: "true",
    SHARDS: String(shards),
    FORWARD_RULES: JSON.stringify(rules),
    LOG_LEVEL: "warn",
  };
}

/** The product: its production build, with signatures checked, as `npm run serve` runs it. */
export async function startGateway(
  bundle: Bundle,
  { rules, shards = 1, dir, isBehind = false }: GatewayOptions,
): Promise<Gateway> {
  const server = await startWorker(bundle, gatewaySettings(rules, shards), dir);
  const request = async (path: string, options: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const response = await fetch(server.url + path, { ...options, headers });
    if (!response.ok)
      throw new Error(`GET /${path} was answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const api = async (path: string) => (await request(path)).json();
  const problems = (await api("health")) as { problems: string[] };
  if (problems.problems.length > 0 && !isBehind)
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
      const until = Date.now() + 300_000;
      for (;;) {
        const destinations = (await api("api/destinations")) as { waiting: number; retrying: number }[];
        if (destinations.every(({ waiting, retrying }) => waiting + retrying === 0)) return;
        if (Date.now() > until) throw new Error("the gateway has not delivered everything within 5 minutes");
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
