/**
 * What CloudEvents 1.0 takes as a String: no control characters, no noncharacters, no halves of surrogate pairs.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */

/** With `u` a half of a pair stands alone; a whole pair is the character that it means. */
const disallowed = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/gu;

/**
 * The text as an attribute may hold it. What it may not hold is written out, `\u{7}`, so that what differed still
 * differs: two groups whose ids are not the same never become one.
 */
export function attribute(text: string): string {
  if (text.search(disallowed) < 0) return text;
  return text
    .replaceAll("\\", "\\\\")
    .replace(disallowed, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
