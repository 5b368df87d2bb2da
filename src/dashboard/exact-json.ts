/** JSON whose whole numbers keep all digits: accounts and ids may exceed 2^53. */

/** `JSON.parse` gives the text of a value with it; in older browsers it does not. */
interface Source {
  source?: string;
}

/** A whole number that a double cannot hold has as many digits. */
const manyDigits = /\d{16}/;

/** @throws SyntaxError */
export function parseExact(text: string): unknown {
  // Parsing takes five times as long where it asks about every value.
  if (!manyDigits.test(text)) return JSON.parse(text);
  return JSON.parse(text, function (this: unknown, _key: string, value: unknown, context?: Source) {
    const source = context?.source;
    const isLarge = typeof value === "number" && !Number.isSafeInteger(value);
    return isLarge && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  } as (key: string, value: unknown) => unknown);
}

/** Indented JSON of a value that `parseExact` has read. */
export function exactText(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => exactText(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${exactText(item, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

/** The same value for `JSON.stringify`, which refuses a bigint. Browsers that tell a number's text can also write it. */
export function sendable(value: unknown): unknown {
  if (typeof value === "bigint") return (JSON as unknown as RawJson).rawJSON(String(value));
  if (Array.isArray(value)) return value.map(sendable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sendable(item)]));
}

interface RawJson {
  rawJSON(text: string): unknown;
}
