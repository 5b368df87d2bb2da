/** The kinds of values that settings have. A variable comes as text or, from wrangler.toml or the console, as JSON. */
import * as v from "valibot";
import { type Cidr, parseCidr } from "./rule/match/cidr.ts";
import { textsIn } from "./rule/secret.ts";
import { say } from "./sentence.ts";

export const text = () =>
  v.pipe(
    v.union([v.string(), v.number()], say`expected a text`),
    v.transform((value) => String(value).trim()),
  );

/** Texts separated by commas, or a JSON array of them. */
export const texts = () =>
  v.pipe(
    v.union(
      [v.string(), v.number(), v.array(v.union([v.string(), v.number()]))],
      say`expected texts separated by commas`,
    ),
    v.transform((value) => [...textsIn(value)]),
  );

const number = () =>
  v.union(
    [v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))],
    say`expected a number`,
  );

export const between = (least: number, most: number) =>
  v.pipe(
    number(),
    v.check((value) => value >= least && value <= most, say`expected a number from ${least} to ${most}`),
  );

export const wholeNumber = (least: number, most: number) =>
  v.pipe(
    number(),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      say`expected a whole number from ${least} to ${most}`,
    ),
  );

export const oneOf = <const Options extends readonly string[]>(...options: Options) =>
  v.pipe(text(), v.picklist(options, say`expected one of ${options.join(", ")}`));

export const flag = () =>
  v.union(
    [
      v.boolean(),
      v.pipe(
        v.string(),
        v.trim(),
        v.picklist(["true", "false"]),
        v.transform((value) => value === "true"),
      ),
    ],
    say`expected true or false`,
  );

/** A path of a URL that no other route has. */
export const path = () =>
  v.pipe(
    text(),
    v.regex(/^\/?[^?#\s]*$/, say`expected a path such as /tim, without ? and #`),
    v.transform(pathOf),
    v.check(
      (path) => !/^\/(api|health|metrics|openapi\.json)(\/|$)/.test(path),
      say`is a path that tim-relay uses itself`,
    ),
  );

/** A path in the form that a request's URL has: encoded, with a slash before it and none after it. */
export function pathOf(path: string): string {
  const { pathname } = new URL(`http://localhost${path.startsWith("/") ? "" : "/"}${path}`);
  return pathname.replace(/(?<=.)\/$/, "");
}

/** A reverse proxy whose header with its caller's address is trusted. */
export interface TrustedProxy {
  /** The addresses from which it calls. */
  addresses: readonly Cidr[];
  /** The header that holds its caller's address. */
  header: string;
}

export const proxy = () =>
  v.pipe(
    text(),
    v.transform(proxyIn),
    v.check(
      (proxy) => proxy !== null,
      say`expected a proxy's address or CIDR and the header in which it tells the caller's, such as 203.0.113.7 x-real-ip`,
    ),
  );

/** `203.0.113.7 x-real-ip`; null if it cannot be read. */
function proxyIn(text: string): TrustedProxy | null {
  const [header = "", ...addresses] = text.split(/[\s,]+/).reverse();
  const cidrs = addresses.flatMap((address) => parseCidr(address) ?? []);
  const readable = cidrs.length === addresses.length && cidrs.length > 0;
  // The values of `forwarded` are more than addresses.
  const isHeader = /^[a-z][a-z0-9-]*$/i.test(header) && header.toLowerCase() !== "forwarded";
  return readable && isHeader ? { addresses: cidrs, header } : null;
}
