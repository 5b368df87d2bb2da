/**
 * Where events may be sent. A rule's author can make the gateway POST to any address it can reach, so by default
 * only public https hosts are destinations; what a name resolves to is the platform's affair.
 */
import { contains, parseAddress, parseCidr } from "./match/cidr.ts";

export interface DestinationPolicy {
  /** Whether `http:` and private addresses are destinations too: local runs and tests. */
  privateNetworks: boolean;
}

/** Not reachable from the public internet, or a tunnel to what is not (IANA special-purpose registries). */
const privateRanges = [
  ["0.0.0.0/8", "an unspecified address"],
  ["10.0.0.0/8", "a private address"],
  ["100.64.0.0/10", "a carrier-grade NAT address"],
  ["127.0.0.0/8", "a loopback address"],
  ["169.254.0.0/16", "a link-local address"],
  ["172.16.0.0/12", "a private address"],
  ["192.0.0.0/24", "a reserved address"],
  ["192.88.99.0/24", "a 6to4 relay"],
  ["192.168.0.0/16", "a private address"],
  ["198.18.0.0/15", "a benchmarking address"],
  ["224.0.0.0/4", "a multicast address"],
  ["240.0.0.0/4", "a reserved address"],
  ["::/128", "an unspecified address"],
  ["::1/128", "a loopback address"],
  ["::/96", "an IPv4-compatible address"],
  ["::ffff:0:0:0/96", "an IPv4-translated address"],
  ["64:ff9b::/96", "a NAT64 address"],
  ["64:ff9b:1::/48", "a NAT64 address"],
  ["100::/64", "a discard address"],
  ["2001::/32", "a Teredo address"],
  ["2001:2::/48", "a benchmarking address"],
  ["2002::/16", "a 6to4 address"],
  ["fc00::/7", "a private address"],
  ["fe80::/10", "a link-local address"],
  ["fec0::/10", "a site-local address"],
  ["ff00::/8", "a multicast address"],
].map(([range, kind]) => ({ cidr: parseCidr(range!)!, kind: kind! }));

/** Names that resolve inside a network only. */
const privateName = /(^|\.)(localhost|local|internal)$/;

/** Why events may not be sent to the URL, as a sentence that repeats nothing of it; null if they may. */
export function destinationProblem(url: string, { privateNetworks }: DestinationPolicy): string | null {
  if (!URL.canParse(url)) return "must be an absolute URL such as https://hooks.example.com/tim";
  const { protocol, username, password, hostname } = new URL(url);
  if (protocol !== "https:" && !(privateNetworks && protocol === "http:")) {
    return privateNetworks
      ? "must begin with https:// or http://"
      : "must begin with https:// (http needs ALLOW_PRIVATE_DESTINATIONS)";
  }
  if (username !== "" || password !== "") {
    return "must not carry a user name or password: put them into a header, from a secret";
  }
  if (privateNetworks) return null;

  // The dot that ends a fully qualified name makes no other name of it.
  const name = hostname.toLowerCase().replace(/\.$/, "");
  const kind = privateName.test(name)
    ? "a name of a private network"
    : privateKind(name.replace(/^\[|\]$/g, ""));
  return kind && `has ${kind} for its host (ALLOW_PRIVATE_DESTINATIONS allows it)`;
}

/** What kind of private address a host name is, or null. */
function privateKind(name: string): string | null {
  // Mapped IPv4 is a way round rules about IPv4, and nothing on the internet is addressed like that.
  if (name.includes(":") && parseAddress(name)?.length === 4) return "an IPv4-mapped address";
  return privateRanges.find(({ cidr }) => contains(cidr, name))?.kind ?? null;
}
