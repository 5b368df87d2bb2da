/**
 * Texts that become keys: in SQLite, in a report, in a metric. A text of JavaScript may hold a lone half of a surrogate
 * pair (`"\ud800"` is legal JSON), which no UTF-8 can hold: every such text would come back as another.
 */

/** What reads as an escape, or is about to become one; the backslashes before it are doubled. */
const beforeEscape = /\\+(?=ud[89a-f][0-9a-f]{2}|[\ud800-\udfff])/gu;

const loneSurrogate = /[\ud800-\udfff]/gu;

/** The text with lone surrogates written as `\ud800`, six characters. Different texts stay different. */
export function asKey(text: string): string {
  if (text.isWellFormed() && !text.includes("\\ud")) return text;
  return text
    .replace(beforeEscape, (backslashes) => backslashes + backslashes)
    .replace(loneSurrogate, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/** At most so many UTF-16 units of a text; never half of a pair that was whole. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const splitsPair = (text.codePointAt(most - 1) ?? 0) > 0xffff;
  return text.slice(0, splitsPair ? most - 1 : most);
}
