/**
 * A String of CloudEvents 1.0 holds no control characters, no noncharacters and no halves of surrogate pairs.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */

/** With the flag `u`, `\p{Cs}` matches lone surrogates only: a pair counts as its character. */
const disallowed = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/gu;

/** Backslashes before an escape or a disallowed character. They are doubled, so that different texts stay different. */
const beforeEscape = /(?<!\\)\\+(?=u\{[0-9a-f]+\}|\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point})/gu;

/**
 * The text as an attribute may hold it: a disallowed character is escaped, `\u{7}`. Different texts stay different, so
 * that two groups never become one. Any other backslash stays as it is.
 */
export function attribute(text: string): string {
  return text
    .replace(beforeEscape, (backslashes) => backslashes + backslashes)
    .replace(disallowed, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
