/** Reads bytes as a JSON object. A problem is a sentence that does not quote the bytes. */

import { type Sentence, say } from "../sentence.ts";
import { mistakeIn } from "./json-mistake.ts";

/** The JSON object that a body is. */
export type Body = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The start of a number that a double may not hold. A text can match too, which costs time only. */
const longNumber = /[:[,]\s*-?\d{16}/;

/** The fields that hold the ids of accounts, groups and rooms, or lists of ids. */
const isId = /(?:Account|UserId|GroupI[dD]|RoomId)(?:List)?$/;

/** The text of a body, and the JSON object that it is. */
export function readJson(bytes: Uint8Array): { text: string; body: Body } | { problem: Sentence } {
  const decoded = decode(bytes);
  if ("problem" in decoded) return decoded;
  const { text } = decoded;
  if (text.charCodeAt(0) === 0xfeff)
    return { problem: say`the body begins with a byte order mark, which is not JSON` };
  try {
    const body = parseBody(text);
    if (typeof body !== "object" || body === null || Array.isArray(body))
      return { problem: say`the body is not a JSON object` };
    return { text, body: body as Body };
  } catch {
    return { problem: mistakeIn(text) };
  }
}

/** The text of a body, a byte order mark included. */
export function decode(bytes: Uint8Array): { text: string } | { problem: Sentence } {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    return { problem: say`the body is gzip: send it as plain JSON` };
  try {
    return { text: utf8.decode(bytes) };
  } catch {
    return { problem: say`the body is not UTF-8` };
  }
}

/**
 * Parses a body. An id that a double cannot hold becomes a text of its digits, so that two accounts never become one.
 * Other numbers are rounded as usual. @throws SyntaxError
 */
export function parseBody(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text);
  /** The digits of rounded numbers in lists: a list's key, by which they are ids or not, is visited after its items. */
  const lists = new Map<unknown, [index: number, source: string][]>();
  return revived(text, (holder, key, value, source) => {
    if (isRounded(value) && source !== undefined) {
      if (isId.test(key)) return source;
      if (!Array.isArray(holder)) return value;
      if (!lists.has(holder)) lists.set(holder, []);
      lists.get(holder)!.push([Number(key), source]);
    } else if (lists.has(value) && isId.test(key)) {
      for (const [index, digits] of lists.get(value)!) (value as unknown[])[index] = digits;
    }
    return value;
  });
}

/**
 * Parses JSON, replacing each value by the result of `revive`. The engine calls a reviver by recursion: a text that is
 * nested too deeply for the stack is parsed without it.
 * https://github.com/tc39/proposal-json-parse-with-source
 */
export function revived(
  text: string,
  revive: (holder: unknown, key: string, value: unknown, source?: string) => unknown,
): unknown {
  try {
    return JSON.parse(text, function (this: unknown, key, value, context?: { source?: string }) {
      return revive(this, key, value, context?.source);
    });
  } catch (error) {
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** Makes a value that `JSON.stringify` writes as this text. https://github.com/tc39/proposal-json-parse-with-source */
export const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
