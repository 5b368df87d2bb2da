/** Where a text stops being JSON. Nothing recurses, so that no nesting overflows the stack. */
import { type Sentence, say } from "../sentence.ts";

/**
 * A sentence with the position at which a text stops being JSON. The engine's own message quotes the text and seldom
 * gives a position.
 * @param subject the subject of the sentence
 */
export function mistakeIn(text: string, subject: Sentence = say`the body`): Sentence {
  if (/^[ \t\r\n]*$/.test(text)) return say`${subject} is empty`;
  const at = positionOfMistake(text);
  if (at >= text.length) return say`${subject} is not JSON: it ends too early, at position ${text.length}`;
  const lines = text.slice(0, at).split("\n");
  return say`${subject} is not JSON: the mistake is at position ${at} (line ${lines.length}, column ${lines.at(-1)!.length + 1})`;
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
