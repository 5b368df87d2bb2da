/**
 * Removes secrets from the stored parts of answers. A destination may echo the request, also in another encoding: as a
 * URL, JSON or HTML.
 */
import { credentialName, mask, minSecretLength } from "../rule/secret.ts";
import type { Message } from "./message.ts";

/** Masks every secret in a text. If the text was cut off, the beginning of a secret at its end is masked too. */
export type SecretMask = (text: string, cutOff?: boolean) => string;

/** Parts of a secret address from this length on are secrets too: addresses of chat bots hold their key in the path. */
const minPartLength = 16;

/** Parts of a header's value from this length on are secrets. Shorter parts are words such as `Bearer` or `v1`. */
const minHeaderPartLength = 8;

/** The masks of the settings' secrets, built once. */
const maskOfSettings = new WeakMap<readonly string[], SecretMask>();

/** A mask for the secrets of the settings. */
export function maskOf(secrets: readonly string[]): SecretMask {
  let known = maskOfSettings.get(secrets);
  if (!known) {
    known = masking(secrets.flatMap(partsOf));
    maskOfSettings.set(secrets, known);
  }
  return known;
}

/** A mask for the secrets of the settings, and for the signatures and credentials of this message. */
export function secretMask(secrets: readonly string[], { headers, query }: Message): SecretMask {
  const settings = maskOf(secrets);
  const sent = Object.entries(headers).flatMap(([name, value]) =>
    credentialName.test(name)
      ? [value, ...value.split(/[\s,]+/).filter((part) => part.length >= minHeaderPartLength)]
      : [],
  );
  const sign = new URLSearchParams(query).get("Sign") ?? "";
  const own = masking([...sent, sign]);
  return (text, cutOff) => own(settings(text, cutOff), cutOff);
}

function masking(texts: readonly string[]): SecretMask {
  const all = [...new Set(texts.flatMap(formsOf))]
    .filter((form) => form.length >= minSecretLength)
    .sort(longestFirst);
  if (all.length === 0) return (text) => text;
  // Case is ignored: an echo may have a host in lower case, and hexadecimal digits in either case.
  const any = new RegExp(all.map(literal).join("|"), "gi");
  return (text, cutOff = false) => {
    const masked = text.replace(any, mask);
    return cutOff ? withoutBeginning(masked, all) : masked;
  };
}

function withoutBeginning(text: string, forms: readonly string[]): string {
  const end = text.toLowerCase();
  let longest = 0;
  for (const form of forms) {
    const beginning = form.toLowerCase();
    for (let length = Math.min(beginning.length, end.length); length > longest; length--)
      if (end.endsWith(beginning.slice(0, length))) longest = length;
  }
  return longest === 0 ? text : text.slice(0, -longest) + mask;
}

/** A secret, and the parts of it that are as sensitive as the whole. */
function partsOf(secret: string): string[] {
  const address = /^https?:/.test(secret) ? URL.parse(secret) : null;
  if (!address) return [secret, secret.replace(/^whsec_/, "")];
  const { pathname, search, searchParams } = address;
  const parts = [...pathname.split("/"), ...searchParams.values()];
  return [secret, pathname + search, ...parts].filter((part) => part.length >= minPartLength);
}

/** All encodings of a text in which it may be echoed. */
function formsOf(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const inUrl = encodeURIComponent(text.toWellFormed());
  return [
    text,
    text.replace(/=+$/, ""),
    text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
    json,
    json.replaceAll("/", "\\/"),
    json.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`),
    inUrl,
    inUrl.replaceAll("%20", "+"),
    ...htmlEntities.map((entities) => text.replace(/[&<>"'=/+`]/g, (one) => entities[one] ?? one)),
  ];
}

const basic = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** HTML entities as different libraries write them. */
const htmlEntities: Readonly<Record<string, string>>[] = [
  basic,
  { ...basic, '"': "&#34;" },
  { ...basic, "'": "&#x27;", "=": "&#x3D;", "/": "&#x2F;", "`": "&#x60;" },
];

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
