/**
 * The addresses that events may be sent to. A rule's author can make the gateway POST to any address it can reach, so
 * by default only public https hosts are destinations. Names are not resolved here: the platform does that.
 */

import { type Sentence, say } from "../../sentence.ts";
import { type Cidr, contains, parseAddress, parseCidr } from "../match/cidr.ts";

export interface DestinationPolicy {
  /** Whether `http:` and private addresses are destinations too, for local runs and tests. */
  privateNetworks: boolean;
}

/**
 * Ranges that the public internet does not reach, and tunnels into such ranges.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const privateRanges = [
  ["0.0.0.0/8", say`an unspecified address`],
  ["10.0.0.0/8", say`a private address`],
  ["100.64.0.0/10", say`a carrier-grade NAT address`],
  ["127.0.0.0/8", say`a loopback address`],
  ["169.254.0.0/16", say`a link-local address`],
  ["172.16.0.0/12", say`a private address`],
  ["192.0.0.0/24", say`a reserved address`],
  ["192.88.99.0/24", say`a 6to4 relay`],
  ["192.168.0.0/16", say`a private address`],
  ["198.18.0.0/15", say`a benchmarking address`],
  ["224.0.0.0/4", say`a multicast address`],
  ["240.0.0.0/4", say`a reserved address`],
  ["::/128", say`an unspecified address`],
  ["::1/128", say`a loopback address`],
  ["::/96", say`an IPv4-compatible address`],
  ["::ffff:0:0:0/96", say`an IPv4-translated address`],
  ["64:ff9b::/96", say`a NAT64 address`],
  ["64:ff9b:1::/48", say`a NAT64 address`],
  ["100::/64", say`a discard address`],
  ["2001::/32", say`a Teredo address`],
  ["2001:2::/48", say`a benchmarking address`],
  ["2002::/16", say`a 6to4 address`],
  ["fc00::/7", say`a private address`],
  ["fe80::/10", say`a link-local address`],
  ["fec0::/10", say`a site-local address`],
  ["ff00::/8", say`a multicast address`],
] as const;

/** The ranges, read when the first rule has an address: a fresh isolate may have none. */
let rangesRead: { cidr: Cidr; kind: Sentence }[] | undefined;

/** Names that resolve inside a private network only (RFC 6761, RFC 6762). */
const privateName = /(^|\.)(localhost|local|internal)$/;

/** The reason why events may not be sent to the URL, as a sentence that quotes none of it; null if they may. */
export function destinationProblem(url: string, { privateNetworks }: DestinationPolicy): Sentence | null {
  if (!URL.canParse(url)) return say`expected an absolute URL such as https://hooks.example.com/tim`;
  const { protocol, username, password, hostname } = new URL(url);
  if (protocol !== "https:" && !(privateNetworks && protocol === "http:")) {
    return privateNetworks
      ? say`expected a URL that begins with https:// or http://`
      : say`expected a URL that begins with https:// (http needs ALLOW_PRIVATE_DESTINATIONS)`;
  }
  if (username !== "" || password !== "") {
    return say`holds a user name or password: put them into a header, from a secret`;
  }
  if (privateNetworks) return null;

  // `host.` with its final dot is the same host, fully qualified.
  const name = hostname.toLowerCase().replace(/\.$/, "");
  const kind = privateName.test(name)
    ? say`a name of a private network`
    : privateKind(name.replace(/^\[|\]$/g, ""));
  return kind && say`has ${kind} for its host (ALLOW_PRIVATE_DESTINATIONS allows it)`;
}

/** The kind of private address that a host name is, or null. */
function privateKind(name: string): Sentence | null {
  // An IPv4-mapped address would get round the IPv4 ranges, and no public host is addressed by one.
  if (name.includes(":") && parseAddress(name)?.length === 4) return say`an IPv4-mapped address`;
  rangesRead ??= privateRanges.map(([range, kind]) => ({ cidr: parseCidr(range)!, kind }));
  return rangesRead.find(({ cidr }) => contains(cidr, name))?.kind ?? null;
}
