/** The context of a request, which all handlers share: its URL and the settings are read once. */
import { type Config, readConfig } from "../config.ts";
import { configureLog } from "../log.ts";

export interface Context {
  request: Request;
  /** The request's URL. Its host is the sender's claim, and decides nothing. */
  url: URL;
  env: Env;
  ctx: ExecutionContext;
  config: Config;
  /** Hears of the event of a callback; absent: nothing looks it up. */
  witness?: Witness;
}

/** Learns of the event that a callback has become. */
export interface Witness {
  /** @param id of an event that is durable, or a duplicate of one */
  kept(id: string): void;
}

/** The context of a request, whose settings the log follows from then on. */
export function contextOf(received: Request, env: Env, ctx: ExecutionContext): Context {
  const config = readConfig(env);
  configureLog(config);
  return { ...withUrl(received), env, ctx, config };
}

/**
 * The request and its URL. The URL begins with the `Host` header, which may be no host at all. The request then gets
 * another host, so that its path is the one that the sender asked for.
 */
function withUrl(received: Request): { request: Request; url: URL } {
  const host = received.headers.get("host") ?? "";
  const parsed = /[/?#\\]/.test(host) ? null : URL.parse(received.url);
  if (parsed !== null) return { request: received, url: parsed };
  const afterScheme = received.url.slice(received.url.indexOf("//") + 2);
  const path = afterScheme.startsWith(host)
    ? afterScheme.slice(host.length)
    : afterScheme.replace(/^[^/]*/, "");
  const url = new URL(`http://unnamed.invalid${path}`);
  return { request: new Request(url, received), url };
}
