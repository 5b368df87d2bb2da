/**
 * Texts that become keys in SQLite, in a report or in a metric, or lines of a terminal. A JavaScript text may hold a
 * lone surrogate (`"\ud800"` is legal JSON), which UTF-8 cannot hold: the key would come back as another text.
 */

/** Backslashes before an escape or a lone surrogate. They are doubled, so that different texts stay different. */
const beforeEscape = /\\+(?=ud[89a-f][0-9a-f]{2}|[\ud800-\udfff])/gu;

const loneSurrogate = /[\ud800-\udfff]/gu;

/** The text with lone surrogates written as `\ud800`, six characters. Different texts stay different. */
export function asKey(text: string): string {
  if (text.isWellFormed() && !text.includes("\\ud")) return text;
  return text
    .replace(beforeEscape, (backslashes) => backslashes + backslashes)
    .replace(loneSurrogate, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/** The first `most` UTF-16 units of a text, without splitting a surrogate pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const splitsPair = (text.codePointAt(most - 1) ?? 0) > 0xffff;
  return text.slice(0, splitsPair ? most - 1 : most);
}

/** Control characters but the line feed, and characters that change the order in which a reader sees the others. */
const commanding = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text with characters escaped that a terminal would obey: a caller's text must not rewrite the operator's screen. */
export function printable(text: string): string {
  return text.replace(commanding, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
