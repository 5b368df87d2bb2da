/** Reads bytes as a JSON object. A problem is a sentence that does not quote the bytes. */

/** The JSON object that a body is. */
export type Body = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The start of a number that a double may not hold. A text can match too, which costs time only. */
const longNumber = /[:[,]\s*-?\d{16}/;

/** The fields that hold the ids of accounts, groups and rooms, or lists of ids. */
const isId = /(?:Account|UserId|GroupI[dD]|RoomId)(?:List)?$/;

/** The text of a body, and the JSON object that it is. */
export function readJson(bytes: Uint8Array): { text: string; body: Body } | { problem: string } {
  const decoded = decode(bytes);
  if ("problem" in decoded) return decoded;
  const { text } = decoded;
  if (text.charCodeAt(0) === 0xfeff)
    return { problem: "the body begins with a byte order mark, which is not JSON" };
  try {
    const body = parseBody(text);
    if (typeof body !== "object" || body === null || Array.isArray(body))
      return { problem: "the body is not a JSON object" };
    return { text, body: body as Body };
  } catch {
    return { problem: mistakeIn(text) };
  }
}

/** The text of a body, a byte order mark included. */
export function decode(bytes: Uint8Array): { text: string } | { problem: string } {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { problem: "the body is gzip: send it as plain JSON" };
  try {
    return { text: utf8.decode(bytes) };
  } catch {
    return { problem: "the body is not UTF-8" };
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

function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/**
 * A sentence with the position at which a text stops being JSON. The engine's own message quotes the text and seldom
 * gives a position.
 * @param subject the subject of the sentence
 */
export function mistakeIn(text: string, subject = "the body"): string {
  if (/^[ \t\r\n]*$/.test(text)) return `${subject} is empty`;
  const at = positionOfMistake(text);
  if (at >= text.length) return `${subject} is not JSON: it ends too early, at position ${text.length}`;
  const lines = text.slice(0, at).split("\n");
  return `${subject} is not JSON: the mistake is at position ${at} (line ${lines.length}, column ${lines.at(-1)!.length + 1})`;
}

/** A number or a word. An incomplete one ends early, and the character after it is the mistake. */
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The position of the first character that no JSON text could have there; the length if the text ends too early. */
export function positionOfMistake(text: string): number {
  let at = 0;
  let next: "value" | "value or ]" | "key" | "key or }" | ":" | ", or end" = "value";
  /** The closing brackets that are still to come. */
  const ends: string[] = [];
  for (;;) {
    while (" \t\r\n".includes(text[at] || "-")) at++;
    const character = text[at];
    if (character === undefined) return at;
    const end = ends.at(-1);
    if (character === end && (next === ", or end" || next.endsWith(character))) {
      ends.pop();
      next = ", or end";
      at++;
    } else if (next === ", or end") {
      if (character !== "," || end === undefined) return at;
      next = end === "}" ? "key" : "value";
      at++;
    } else if (next === ":") {
      if (character !== ":") return at;
      next = "value";
      at++;
    } else if (character === '"') {
      const { stop, whole } = stringFrom(text, at);
      if (!whole) return stop;
      next = next.startsWith("key") ? ":" : ", or end";
      at = stop;
    } else if (next.startsWith("key")) {
      return at;
    } else if (character === "{" || character === "[") {
      ends.push(character === "{" ? "}" : "]");
      next = character === "{" ? "key or }" : "value or ]";
      at++;
    } else {
      scalar.lastIndex = at;
      if (!scalar.test(text)) return at;
      next = ", or end";
      at = scalar.lastIndex;
    }
  }
}

/** The position after a string's closing quote, or of the mistake in it; `whole` says which of the two. */
function stringFrom(text: string, start: number): { stop: number; whole: boolean } {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return { stop: at + 1, whole: true };
    if (character < " ") return { stop: at, whole: false };
    if (character !== "\\") continue;
    at++;
    if (text[at] === "u" && /^[0-9a-fA-F]{4}/.test(text.slice(at + 1, at + 5))) at += 4;
    else if (!'"\\/bfnrt'.includes(text[at] ?? "\\")) return { stop: at, whole: false };
  }
  return { stop: text.length, whole: false };
}
