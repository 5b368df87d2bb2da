/** Masks words in the text elements of a message. */
import type { Replacement } from "../rule/rule.ts";
import { KvList } from "../rule/words/kv-list.ts";
import { textElements } from "../rule/words/text-elements.ts";
import { WordSet } from "../rule/words/word-set.ts";
import { parseExactly } from "./exact-json.ts";

/** Returns the text with its words masked. */
export type WordMask = (text: string) => string;

const sets = new WeakMap<readonly Replacement[], WordSet>();

/** The words of a rule, built once; a list of Workers KV that was not read has none. */
function wordsOf(replace: readonly Replacement[] | KvList): WordSet | null {
  if (replace instanceof KvList) return replace.words;
  let set = sets.get(replace);
  if (!set) {
    set = new WordSet(replace.map(({ word }) => word));
    sets.set(replace, set);
  }
  return set;
}

/** Masks the words of a rule. A list of Workers KV that was not read masks nothing. */
export function wordMask(replace: readonly Replacement[] | KvList): WordMask {
  const set = wordsOf(replace);
  if (set === null) return (text) => text;
  const maskOf = (word: number) => (replace instanceof KvList ? null : replace[word]!.mask);
  return (text) => {
    let masked = "";
    let done = 0;
    for (const { from, to, word } of set.find(text)) {
      masked += text.slice(done, from) + (maskOf(word) ?? "*".repeat(set.characters[word]!));
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
