/** The words that a message must hold: the value of a rule's `words`. */
import type { Event } from "../../callback/event.ts";
import { listed, type Sentence, say } from "../../sentence.ts";
import { isObject, show } from "../json.ts";
import type { Failure } from "../match/explain.ts";
import { viewOf } from "../view.ts";
import { KvList } from "./kv-list.ts";
import { textElements } from "./text-elements.ts";
import { WordSet } from "./word-set.ts";

/** At most so many texts are listed. */
const mostTexts = 5;

/** A list of words in a rule. */
export class OwnList {
  readonly size: number;
  readonly #list: readonly string[];
  #words: WordSet | undefined;

  constructor(list: readonly string[]) {
    this.size = list.length;
    this.#list = list;
  }

  /** Built when it is first used: a fresh isolate may not need it. */
  get words(): WordSet {
    this.#words ??= new WordSet(this.#list);
    return this.#words;
  }
}

export type WordList = OwnList | KvList;

/** Whether a text element of the event's message holds a word of the list. */
export function holdsWord({ words }: WordList, event: Event): boolean {
  if (words === null) return false;
  for (const { Text } of textsOf(event)) if (words.isIn(Text)) return true;
  return false;
}

/** The first word in a text element, as the message has it; null: there is none. */
export function wordIn({ words }: WordList, event: Event): string | null {
  if (words === null) return null;
  for (const { Text } of textsOf(event)) {
    const [found] = words.find(Text);
    if (found) return Text.slice(found.from, found.to);
  }
  return null;
}

/** The reason why a list keeps a rule from matching; null: none does. */
export function wordFailure(
  words: WordList | null,
  kvLists: readonly KvList[],
  event: Event,
): Failure | null {
  const unread = kvLists.find((list) => list.words === null);
  if (unread)
    return { field: unread.written, found: say`missing, or not read`, expected: say`a list of words` };
  if (words === null || holdsWord(words, event)) return null;
  const texts = [...textsOf(event)].map(({ Text }) => show(Text));
  const shown = texts.length > mostTexts ? [...texts.slice(0, mostTexts), "…"] : texts;
  const found = texts.length === 0 ? say`without a text` : listed(shown);
  return { field: "body.MsgBody", found, expected: say`a message with ${oneOf(words)}` };
}

/** A word of the list in a sentence. */
export function oneOf(list: WordList): Sentence {
  if (list instanceof KvList) return say`a word of ${list.written}`;
  return list.size === 1 ? say`its only word` : say`one of its ${list.size} words`;
}

function textsOf(event: Event) {
  const { body } = viewOf(event);
  return textElements(isObject(body) ? body.MsgBody : null);
}
