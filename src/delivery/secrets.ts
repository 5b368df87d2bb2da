/**
 * Keeps secrets out of what is kept of answers. A destination may echo what it was sent, whole or in an error page,
 * and may write it in its own way: in a URL, in JSON, in HTML.
 */
import type { Message } from "./message.ts";

/** Masks every secret in a text; of one that was cut off, also the secret that its end begins. */
export type Mask = (text: string, cutOff?: boolean) => string;

/** A shorter text stands everywhere, and gives nothing away. */
const shortest = 4;

/** Parts of a secret address that are secrets themselves: keys of chat bots stand in their paths. */
const longPart = 16;

const mask = "***";

/** Parts of a header's value that are secrets; shorter ones are `Bearer`, or `v1`. */
const headerPart = 8;

/** Headers whose values a rule's author may have written out instead of naming a secret. */
const telling = /auth|cookie|key|token|secret|signature|password/;

const known = new WeakMap<readonly string[], readonly string[]>();

/** Masks the secrets of the settings, and what was made of them for this message. */
export function maskOf(secrets: readonly string[], { headers, url }: Message): Mask {
  let forms = known.get(secrets);
  if (!forms) {
    forms = secrets.flatMap(partsOf).flatMap(formsOf);
    known.set(secrets, forms);
  }
  const sent = Object.entries(headers).flatMap(([name, value]) =>
    telling.test(name) ? [value, ...value.split(/[\s,]+/).filter((part) => part.length >= headerPart)] : [],
  );
  const sign = URL.parse(url)?.searchParams.get("Sign") ?? "";
  return masking([...forms, ...[...sent, sign].flatMap(formsOf)]);
}

function masking(forms: readonly string[]): Mask {
  const all = [...new Set(forms)].filter((form) => form.length >= shortest).sort(longestFirst);
  if (all.length === 0) return (text) => text;
  // Hosts come back in lower case, and hexadecimal digits in either.
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

/** A secret, and what of it would do as well. */
function partsOf(secret: string): string[] {
  const address = /^https?:/.test(secret) ? URL.parse(secret) : null;
  if (!address) return [secret, secret.replace(/^whsec_/, "")];
  const { pathname, search, searchParams } = address;
  const parts = [...pathname.split("/"), ...searchParams.values()];
  return [secret, pathname + search, ...parts].filter((part) => part.length >= longPart);
}

/** A text as others write it. */
function formsOf(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const inUrl = encodeURIComponent(text.toWellFormed());
  return [
    text,
    text.replace(/=+$/, ""),
    text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
    json,
    json.replaceAll("/", "\\/"),
    inUrl,
    inUrl.replaceAll("%20", "+"),
    ...htmlEntities.map((entities) => text.replace(/[&<>"'=/+`]/g, (one) => entities[one] ?? one)),
  ];
}

const basic = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** As most write them, and as the careful do. */
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
