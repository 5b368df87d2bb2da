/** Where a request comes from, as far as somebody who can be believed says so. */
import type { Config } from "../config.ts";
import { contains, parseAddress } from "../rule/cidr.ts";

/**
 * The address of the caller; null if nobody vouches for one. Anybody can send a header: Cloudflare's counts on its edge
 * only, which shows in `cf`, where no sender can write, and a proxy's only in a request of that proxy.
 */
export function callerAddress(
  request: Request,
  { trustedProxy }: Pick<Config, "trustedProxy">,
): string | null {
  const { colo, clientIp } = (request.cf ?? {}) as { colo?: unknown; clientIp?: unknown };
  const onEdge = typeof colo === "string";
  const told = onEdge ? request.headers.get("cf-connecting-ip") : clientIp;
  const peer = typeof told === "string" ? told : null;
  if (peer !== null && trustedProxy?.addresses.some((range) => contains(range, peer)))
    return lastAddress(request.headers.get(trustedProxy.header));
  return onEdge ? peer : null;
}

/** The one that the proxy itself has added. What stands before it, the caller may have sent. */
function lastAddress(header: string | null): string | null {
  const last = header?.split(",").at(-1)?.trim() ?? "";
  return parseAddress(last) === null ? null : last;
}
