/** Where a request comes from, as far as somebody who can be believed says so. */
import type { Config } from "../config.ts";
import { contains, parseAddress } from "../rule/match/cidr.ts";

/**
 * The address of the caller; null if nobody vouches for one. Anybody can send a header: Cloudflare's counts on its edge
 * only, which shows in `cf`, where no sender can write, and a proxy's only in a request of that proxy.
 */
export function callerAddress(
  request: { headers: Headers; cf?: unknown },
  { trustedProxy }: Pick<Config, "trustedProxy">,
): string | null {
  const { clientIp } = (request.cf ?? {}) as { clientIp?: unknown };
  const onEdge = isOnEdge(request);
  const peer = addressIn(onEdge ? request.headers.get("cf-connecting-ip") : clientIp);
  if (peer !== null && trustedProxy?.addresses.some((range) => contains(range, peer))) {
    // The entry that the proxy itself has added. What stands before it, the caller may have sent.
    return addressIn(request.headers.get(trustedProxy.header)?.split(",").at(-1));
  }
  return onEdge ? peer : null;
}

/** Whether Cloudflare handed the request over, rather than a runtime of one's own. */
export function isOnEdge({ cf }: { cf?: unknown }): boolean {
  return typeof (cf as { colo?: unknown } | undefined)?.colo === "string";
}

/** An address, without the port that may stand behind it: `203.0.113.7:443`, `[2001:db8::7]:443`. */
function addressIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const [, v6, v4] = /^(?:\[([^\]]*)\]|([\d.]*))(?::\d+)?$/.exec(text.trim()) ?? [];
  const address = v6 ?? v4 ?? text.trim();
  return parseAddress(address) === null ? null : address;
}
