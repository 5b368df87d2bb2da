/**
 * A String of CloudEvents 1.0 holds no control characters, no noncharacters and no halves of surrogate pairs.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */

/** With `u` a half of a pair stands alone; a whole pair is the character that it means. */
const disallowed = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/gu;

/** What reads as a character written out, or is about to become one; all backslashes before it are doubled. */
const beforeEscape = /(?<!\\)\\+(?=u\{[0-9a-f]+\}|\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point})/gu;

/**
 * The text as an attribute may hold it. Other characters are written out, `\u{7}`. Different texts stay different, so
 * that two groups stay two; a backslash in any other place stays as it is.
 */
export function attribute(text: string): string {
  return text
    .replace(beforeEscape, (backslashes) => backslashes + backslashes)
    .replace(disallowed, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
