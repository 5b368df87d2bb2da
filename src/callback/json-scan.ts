/** Where the values of a JSON text end. Nothing recurses, so that no nesting overflows the stack. */

/** The position after the closing quote of the text literal that begins at `start`. */
export function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** A number or a word. */
const scalar = /[^\s,:[\]{}"]+/y;

/** The position after the value that begins at `start`. */
export function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at]!;
    if (character === '"') at = endOfText(text, at);
    else {
      if (character === "{" || character === "[") depth++;
      if (character === "}" || character === "]") depth--;
      if (depth === 0 && at === start) {
        scalar.lastIndex = at;
        return scalar.test(text) ? scalar.lastIndex : at + 1;
      }
      at++;
    }
  } while (depth > 0 && at < text.length);
  return at;
}
