/**
 * Words that are found in a text in one pass, thousands as fast as one. A word is found anywhere, also within a longer
 * word, since many scripts do not separate words. The case of letters does not matter.
 */
import { type Automaton, automatonOf, step } from "./automaton.ts";
import { FoldedText } from "./folded-text.ts";
import { FoldedWords } from "./folded-words.ts";

/** A word in a text. */
export interface FoundWord {
  /** Between these places of the text, the second exclusive. */
  from: number;
  to: number;
  /** The index of the word in the list. Of words that differ in case alone it is the first. */
  word: number;
}

/** Shared by all searches, which end before another begins. */
const text = new FoldedText();

export class WordSet {
  /** How many characters each word has, by index. */
  readonly characters: Uint32Array;
  readonly #automaton: Automaton;

  /** @param words none of them empty */
  constructor(words: readonly string[]) {
    const folded = new FoldedWords(words);
    this.characters = folded.characters;
    this.#automaton = automatonOf(folded);
  }

  /** The memory that it takes. */
  get bytes(): number {
    const arrays: ArrayBufferView[] = Object.values({ ...this.#automaton, characters: this.characters });
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The words in a text, first to last. Of words that overlap the first counts, of those at one place the longest. */
  find(searched: string): FoundWord[] {
    const { index, length } = this.#automaton;
    const starts: number[] = [];
    const numbers: number[] = [];
    this.#search(searched, (start, number) => {
      starts.push(start);
      numbers.push(number);
      return false;
    });
    const found: FoundWord[] = [];
    let done = 0;
    for (let at = starts.length - 1; at >= 0; at--) {
      const start = starts[at]!;
      if (start < done) continue;
      const number = numbers[at]!;
      done = start + length[number]!;
      found.push({ from: text.at[start]!, to: text.at[done]!, word: index[number]! });
    }
    return found;
  }

  /** Whether a text holds one of the words. */
  isIn(searched: string): boolean {
    return this.#search(searched, () => true);
  }

  /**
   * Searches from the end of a text to its beginning.
   * @param found hears a place in the folded text and the number of the longest word that begins there; true: enough
   */
  #search(searched: string, found: (start: number, number: number) => boolean): boolean {
    const { longest, length: lengths, shorter } = this.#automaton;
    const { units, at, length } = text.read(searched);
    let state = 0;
    for (let start = length - 1; start >= 0; start--) {
      state = step(this.#automaton, state, units[start]!);
      let number = longest[state]!;
      if (number === 0 || at[start]! < 0) continue;
      // A word may not end within a character: an s is not half of ß.
      while (number !== 0 && at[start + lengths[number]!]! < 0) number = shorter[number]!;
      if (number !== 0 && found(start, number)) return true;
    }
    return false;
  }
}
