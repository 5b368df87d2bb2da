/** The address of a request's caller, as far as it can be trusted. */
import type { Config } from "../config.ts";
import { contains, parseAddress } from "../rule/match/cidr.ts";

/**
 * The caller's address; null if no trusted source states it. A caller can send any header. Cloudflare's header counts
 * on Cloudflare's edge only, which is recognized by `cf`, a property that no caller can set. A proxy's header counts
 * only in a request that comes from the address of that proxy.
 */
export function callerAddress(
  request: { headers: Headers; cf?: unknown },
  { trustedProxy }: Pick<Config, "trustedProxy">,
): string | null {
  const peer = peerOf(request);
  if (peer !== null && trustedProxy?.addresses.some((range) => contains(range, peer))) {
    // The proxy appends an entry of its own. The entries before it may come from the caller.
    return addressIn(request.headers.get(trustedProxy.header)?.split(",").at(-1));
  }
  return isOnEdge(request) ? peer : null;
}

/**
 * The network by which a caller is told apart from others. It is an IPv4 address, or the first 64 bits of an IPv6
 * address, which one subscriber has. Where no trusted source states the address, it is taken from the connection: all
 * callers behind one proxy share it.
 */
export function networkOf(
  request: { headers: Headers; cf?: unknown },
  config: Pick<Config, "trustedProxy">,
): string {
  const address = callerAddress(request, config) ?? peerOf(request) ?? "";
  const bytes = parseAddress(address) ?? [];
  if (bytes.length <= 4) return bytes.join(".");
  const groups = [0, 2, 4, 6].map((at) => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  return `${groups.join(":")}::/64`;
}

/** The other end of the connection: with Cloudflare before it, Cloudflare's caller. */
function peerOf(request: { headers: Headers; cf?: unknown }): string | null {
  const { clientIp } = (request.cf ?? {}) as { clientIp?: unknown };
  return addressIn(isOnEdge(request) ? request.headers.get("cf-connecting-ip") : clientIp);
}

/** True if the request came by Cloudflare's edge, false in a runtime hosted elsewhere. */
export function isOnEdge({ cf }: { cf?: unknown }): boolean {
  return typeof (cf as { colo?: unknown } | undefined)?.colo === "string";
}

/** An address, less the port that may follow it: `203.0.113.7:443`, `[2001:db8::7]:443`. */
function addressIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const [, v6, v4] = /^(?:\[([^\]]*)\]|([\d.]*))(?::\d+)?$/.exec(text.trim()) ?? [];
  const address = v6 ?? v4 ?? text.trim();
  return parseAddress(address) === null ? null : address;
}
