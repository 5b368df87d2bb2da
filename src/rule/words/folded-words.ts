/** The words of a list, folded, one after the other. A word is known by its index in the list. */
import { FoldedText } from "./folded-text.ts";

export class FoldedWords {
  /** How many characters each word has. */
  readonly characters: Uint32Array;
  #units = new Uint16Array(1_024);
  /** Where each word begins; it ends where the next one begins. */
  readonly #starts: Uint32Array;

  constructor(words: readonly string[]) {
    this.characters = new Uint32Array(words.length);
    this.#starts = new Uint32Array(words.length + 1);
    const text = new FoldedText();
    for (let word = 0; word < words.length; word++) {
      const { units, at, length } = text.read(words[word]!);
      const start = this.#starts[word]!;
      this.#makeRoom(start + length);
      this.#units.set(units.subarray(0, length), start);
      this.#starts[word + 1] = start + length;
      for (let place = 0; place < length; place++) if (at[place]! >= 0) this.characters[word]!++;
    }
  }

  #makeRoom(size: number): void {
    if (size <= this.#units.length) return;
    const units = new Uint16Array(2 * size);
    units.set(this.#units);
    this.#units = units;
  }

  /** UTF-16 units. */
  length(word: number): number {
    return this.#starts[word + 1]! - this.#starts[word]!;
  }

  /** A unit of a word, 0 the last. */
  fromEnd(word: number, back: number): number {
    return this.#units[this.#starts[word + 1]! - 1 - back]!;
  }

  /** How many units two words share at their ends. */
  sharedEnd(a: number, b: number): number {
    const most = Math.min(this.length(a), this.length(b));
    let shared = 0;
    while (shared < most && this.fromEnd(a, shared) === this.fromEnd(b, shared)) shared++;
    return shared;
  }

  /** All words, sorted by their units from the last to the first; equal ones in the order of the list. */
  sortedBackwards(): Uint32Array {
    return Uint32Array.from(this.characters.keys()).sort((a, b) => {
      const shared = this.sharedEnd(a, b);
      if (shared < Math.min(this.length(a), this.length(b)))
        return this.fromEnd(a, shared) - this.fromEnd(b, shared);
      return this.length(a) - this.length(b) || a - b;
    });
  }
}
