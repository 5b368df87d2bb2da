/** Masks words in the text elements of a message. */
import type { Replacement } from "../rule/rule.ts";
import { textElements } from "../rule/words/text-elements.ts";
import { WordSet } from "../rule/words/word-set.ts";
import { parseExactly } from "./exact-json.ts";

/** Returns the text with its words masked. */
export type WordMask = (text: string) => string;

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

function newMask(replacements: readonly Replacement[]): WordMask {
  const set = new WordSet(replacements.map(({ word }) => word));
  return (text) => {
    let masked = "";
    let done = 0;
    for (const { from, to, word } of set.find(text)) {
      masked += text.slice(done, from) + (replacements[word]!.mask ?? "*".repeat(set.characters[word]!));
      done = to;
    }
    return masked + text.slice(done);
  };
}

/**
 * The message of a body with the words in its text elements masked, merged forwards included. Null if there is no message
 * or no such word in it. All other values stay exact, also numbers beyond 2^53.
 */
export function maskedMessage(body: string, mask: WordMask): unknown {
  const { MsgBody } = parseExactly(body) as { MsgBody?: unknown };
  if (!Array.isArray(MsgBody)) return null;
  let changed = false;
  for (const content of textElements(MsgBody)) {
    const masked = mask(content.Text);
    changed ||= masked !== content.Text;
    content.Text = masked;
  }
  return changed ? MsgBody : null;
}
