/**
 * A String of CloudEvents 1.0 holds no control characters, no noncharacters and no halves of surrogate pairs.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */

/** With `u` a half of a pair stands alone; a whole pair is the character that it means. */
const disallowed = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/gu;

/**
 * The text as an attribute may hold it. Other characters are written out, `\u{7}`, so that two groups with
 * different ids stay two.
 */
export function attribute(text: string): string {
  if (text.search(disallowed) < 0) return text;
  return text
    .replaceAll("\\", "\\\\")
    .replace(disallowed, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
