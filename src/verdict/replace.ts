/** Masks words in the text elements of a message. */
import type { Replacement } from "../rule/rule.ts";
import { parseExactly } from "./exact-json.ts";

/** Gives the text with its words masked. */
export type WordMask = (text: string) => string;

/**
 * The case folding of one character, as Unicode's full folding has it: ß is ss, ς is σ. The dotless ı folds to itself.
 * https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt
 */
function folded(character: string): string {
  return character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase();
}

const masks = new WeakMap<readonly Replacement[], WordMask>();

/** Made once for every rule. */
export function wordMask(replacements: readonly Replacement[]): WordMask {
  let mask = masks.get(replacements);
  if (!mask) {
    mask = newMask(replacements);
    masks.set(replacements, mask);
  }
  return mask;
}

/**
 * A mask for these words, wherever they stand, also within longer ones: many scripts do not separate words. Of
 * several that begin at one place the longest counts; the case of letters does not.
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
    /** Where in the text each place of the folded text is; nowhere, within what one character became. */
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
    for (let place = 0; place < whole.length; ) {
      const start = at[place];
      const word =
        start === undefined
          ? undefined
          : byFirst
              .get(whole[place])
              ?.find((one) => whole.startsWith(one.folded, place) && place + one.folded.length in at);
      if (!word) {
        place++;
        continue;
      }
      result += text.slice(done, start) + word.mask;
      place += word.folded.length;
      done = at[place]!;
    }
    return result + text.slice(done);
  };
}

/**
 * The message of a body with the words in its text elements masked, those of forwarded messages in it included; null
 * if it holds none, or is no message. All else stays as it is, numbers beyond 2^53 too.
 */
export function maskedMessage(body: string, mask: WordMask): unknown {
  const { MsgBody } = parseExactly(body) as { MsgBody?: unknown };
  return Array.isArray(MsgBody) && maskIn(MsgBody, mask) ? MsgBody : null;
}

/** Whether it has changed anything below this value, however deep. */
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
