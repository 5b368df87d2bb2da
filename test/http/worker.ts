/** Runs the built Worker in the real runtime, with nothing of the developer's own settings. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { signatureOf } from "../../src/callback/signature.ts";
import { bundle } from "../../src/cli/bundle.ts";

export const app = "1400000000";
export const adminToken = "test-admin-token";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** What the Worker finds in its `env`: texts, or JSON values as wrangler.toml and the console allow. */
export type Settings = Record<string, Json>;

/** Objects are sent as JSON, everything else as it is. */
export type Body = NonNullable<RequestInit["body"]> | object;

/** An answer to a callback. */
export interface Answer {
  status: number;
  text: string;
}

/** An answer of the API. */
export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like
  body: any;
}

/** What can be done through a Worker's routes. */
export interface Client {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  url: string;
  /** POSTs a callback of our app; parameters given replace those, undefined leaves one out. */
  send(
    command: string | undefined,
    body: Body,
    more?: { query?: Record<string, string | undefined>; headers?: Record<string, string>; path?: string },
  ): Promise<Answer>;
  /** A request to the API as the administrator; with a body it is a POST. */
  api(path: string, body?: object): Promise<Reply>;
}

export interface Worker extends Client {
  /** Other settings, same storage. The objects start anew. */
  configure(settings: Settings): Promise<void>;
  /** Ends a shard's object, as the platform does with one that nobody calls; its rows stay. */
  evict(shard: number): Promise<void>;
}

/** The settings that every test begins from. */
export const usual: Settings = { SDK_APP_ID: app, ADMIN_TOKEN: adminToken };

Object.assign(process.env, {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false",
  // Where a request came from is looked up in the internet otherwise.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
});

/** Answers requests when it resolves, and ends with the tests of its file. */
export async function startWorker(settings: Settings): Promise<Worker> {
  const [{ createTestHarness }, { dir: prebuiltWorkerDir }] = await Promise.all([
    import("wrangler"),
    bundle(AbortSignal.timeout(60_000)),
  ]);
  // Beside the project's own wrangler.toml a developer has .dev.vars, which would be read too.
  const configDir = mkdtempSync(join(tmpdir(), "tim-relay-test-"));
  const configPath = join(configDir, "wrangler.toml");
  copyFileSync(join(import.meta.dirname, "../../wrangler.toml"), configPath);
  const options = (vars: Settings) => ({ workers: [{ configPath, prebuiltWorkerDir, vars }] });

  const server = createTestHarness(options(settings));
  after(async () => {
    await server.close();
    rmSync(configDir, { recursive: true });
  });
  const url = (await server.listen()).url.origin;

  return {
    ...clientOf(url),
    configure: (next) => server.update(options(next)),
    evict: (shard) => server.getWorker().evictDurableObject("Shard", { name: `shard-${shard}` }),
  };
}

export function clientOf(url: string): Client {
  return {
    url,
    async send(command, body, { query = {}, headers = {}, path = "/" } = {}) {
      const response = await fetch(`${url}${path}${queryOf({ CallbackCommand: command, ...query })}`, {
        method: "POST",
        headers,
        body: isPlain(body) ? JSON.stringify(body) : (body as RequestInit["body"]),
        duplex: "half",
      } as RequestInit);
      return { status: response.status, text: await response.text() };
    },
    async api(path, body) {
      const response = await fetch(url + path, {
        method: body ? "POST" : "GET",
        headers: { authorization: `Bearer ${adminToken}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
  };
}

/** As Tencent writes it; of a name that is undefined, nothing. */
export function queryOf(changes: Record<string, string | undefined>): string {
  const parameters = { SdkAppid: app, contenttype: "json", ...changes };
  const parts = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  );
  return `?${parts.join("&")}`;
}

/** `Sign` and `RequestTime` as of `offset` seconds from now. */
export function signed(token: string, offset = 0): { Sign: string; RequestTime: string } {
  const RequestTime = String(Math.floor(Date.now() / 1000) + offset);
  return { Sign: signatureOf(token, RequestTime), RequestTime };
}

function isPlain(body: unknown): boolean {
  return Object.getPrototypeOf(body) === Object.prototype;
}

/** Looks again and again until it finds something; fails after 10 s. */
export async function eventually<Found>(
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
): Promise<Found> {
  const until = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`did not come about within 10 s: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
