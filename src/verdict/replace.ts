/** Masks words in the text elements of a message. */
import type { Replacement } from "../rule/rule.ts";
import { parseExactly } from "./exact-json.ts";

/** Returns the text with its words masked. */
export type WordMask = (text: string) => string;

/**
 * The case folding of one character, as Unicode's full folding has it: ß is ss, ς is σ. The dotless ı folds to itself.
 * https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt
 */
function folded(character: string): string {
  return character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase();
}

const masks = new WeakMap<readonly Replacement[], WordMask>();

/** The mask of a rule's words, built once. */
export function wordMask(replacements: readonly Replacement[]): WordMask {
  let mask = masks.get(replacements);
  if (!mask) {
    mask = newMask(replacements);
    masks.set(replacements, mask);
  }
  return mask;
}

/**
 * Builds a mask. A word is found anywhere, also within a longer word, since many scripts do not separate words. Of several
 * words at one position the longest is masked. The case of letters does not matter.
 */
function newMask(replacements: readonly Replacement[]): WordMask {
  const words = replacements
    .map(({ word, mask }) => ({
      folded: Array.from(word, folded).join(""),
      mask: mask ?? "*".repeat([...word].length),
    }))
    .sort((a, b) => b.folded.length - a.folded.length);
  const byFirst = Map.groupBy(words, (word) => word.folded[0]);

  return (text) => {
    let whole = "";
    /** The position in the text for each position in the folded text. Positions inside a folded character have none. */
    const at: number[] = [];
    let end = 0;
    for (const character of text) {
      at[whole.length] = end;
      whole += folded(character);
      end += character.length;
    }
    at[whole.length] = end;

    let result = "";
    let done = 0;
    for (let position = 0; position < whole.length; ) {
      const start = at[position];
      const word =
        start === undefined
          ? undefined
          : byFirst
              .get(whole[position])
              ?.find((one) => whole.startsWith(one.folded, position) && position + one.folded.length in at);
      if (!word) {
        position++;
        continue;
      }
      result += text.slice(done, start) + word.mask;
      position += word.folded.length;
      done = at[position]!;
    }
    return result + text.slice(done);
  };
}

/**
 * The message of a body with the words in its text elements masked, merged forwards included. Null if there is no message
 * or no such word in it. All other values stay exact, also numbers beyond 2^53.
 */
export function maskedMessage(body: string, mask: WordMask): unknown {
  const { MsgBody } = parseExactly(body) as { MsgBody?: unknown };
  return Array.isArray(MsgBody) && maskIn(MsgBody, mask) ? MsgBody : null;
}

/** Masks all texts below this value, however deep. Returns whether any text changed. */
function maskIn(message: readonly unknown[], mask: WordMask): boolean {
  let changed = false;
  const left: unknown[] = [message];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    for (const one of Object.values(value)) left.push(one);
    const { MsgType, MsgContent } = value as { MsgType?: unknown; MsgContent?: { Text?: unknown } | null };
    if (MsgType !== "TIMTextElem" || typeof MsgContent?.Text !== "string") continue;
    const masked = mask(MsgContent.Text);
    changed ||= masked !== MsgContent.Text;
    MsgContent.Text = masked;
  }
  return changed;
}
