/** Comparison of texts in any case, character by character as in EventBridge: a ß of the pattern equals ß or SS. */

/** The position in `text` where `start` ends if the text begins with it in any case, else -1. */
export function endOfStart(text: string, start: string): number {
  let at = 0;
  for (const character of start) {
    const match = cases(character).find((one) => text.startsWith(one, at));
    if (match === undefined) return -1;
    at += match.length;
  }
  return at;
}

/** Whether `text` ends with `end` in any case. */
export function endsWith(text: string, end: string): boolean {
  let at = text.length;
  for (const character of [...end].reverse()) {
    const match = cases(character).find((one) => text.endsWith(one, at));
    if (match === undefined) return false;
    at -= match.length;
  }
  return true;
}

/** A character as it is, in lower and in upper case. The upper case may be longer. */
function cases(character: string): readonly string[] {
  return [character, character.toLowerCase(), character.toUpperCase()];
}
