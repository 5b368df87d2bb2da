/**
 * A text without the case of its letters, as Unicode's full folding has it: ß is ss, ς is σ. Each place of the folded
 * text leads back to a character of the text. https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt
 */

/** The folding of one character. The dotless ı folds to itself. */
function folded(character: string): string {
  return character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase();
}

/** Whether a UTF-16 unit may be half of a character. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** For each UTF-16 unit that is a character, and folds to one unit: that unit. 0: not known yet, or not so. */
const foldings = new Uint16Array(0x1_0000);

/** No character from here on has a case; emoji stand here. A test compares all of them. */
const firstWithoutCase = 0x1_f000;

/** No character folds to more units. */
const longestFolding = 3;

/** Buffers for longer texts are not kept. UTF-16 units. */
const mostKept = 0x1_0000;

export class FoldedText {
  /** UTF-16 units. Only the first `length` count, as in `at`. */
  units = new Uint16Array(0);
  length = 0;
  /** For each unit the place in the text of the character that it begins, -1 within one; then the text's length. */
  at = new Int32Array(1);

  /** Folds a text, in place of the one before. */
  read(text: string): this {
    if (this.units.length < text.length || this.units.length > mostKept) this.#resize(text.length);
    let length = 0;
    for (let place = 0; place < text.length; place++) {
      if (length + longestFolding > this.units.length) this.#resize(2 * length);
      const unit = text.charCodeAt(place);
      const simple = foldings[unit]!;
      this.at[length] = place;
      if (simple !== 0) {
        this.units[length++] = simple;
        continue;
      }
      const code = text.codePointAt(place)!;
      const character = String.fromCodePoint(code);
      const folding = code >= firstWithoutCase ? character : folded(character);
      this.units[length++] = folding.charCodeAt(0);
      for (let index = 1; index < folding.length; index++) {
        this.at[length] = -1;
        this.units[length++] = folding.charCodeAt(index);
      }
      if (code > 0xffff) place++;
      else if (folding.length === 1 && !isSurrogate(unit)) foldings[unit] = folding.charCodeAt(0);
    }
    this.at[length] = text.length;
    this.length = length;
    return this;
  }

  /** @param least units */
  #resize(least: number): void {
    const size = least + 64;
    const { units, at } = this;
    this.units = new Uint16Array(size);
    this.at = new Int32Array(size + 1);
    if (size < units.length) return;
    this.units.set(units);
    this.at.set(at);
  }
}
