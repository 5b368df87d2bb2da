import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FoundWord, WordSet } from "../../../src/rule/words/word-set.ts";
import { cpuTime } from "../../support/cpu-time.ts";

const fold = (character: string) =>
  character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase();

/** The words that a set must find, by trying every word at every character. */
function naively(words: readonly string[], text: string): FoundWord[] {
  const folded = words.map((word) => Array.from(word, fold).join(""));
  const characters = [...text];
  const found: FoundWord[] = [];
  let from = 0;
  for (let first = 0; first < characters.length; ) {
    let best = { word: -1, length: 0, characters: 0 };
    for (let last = first; last < characters.length; last++) {
      const part = characters
        .slice(first, last + 1)
        .map(fold)
        .join("");
      const word = folded.indexOf(part);
      if (word !== -1) best = { word, length: part.length, characters: last + 1 - first };
    }
    const taken = characters.slice(first, first + Math.max(1, best.characters)).join("").length;
    if (best.word !== -1) found.push({ from, to: from + taken, word: best.word });
    from += taken;
    first += Math.max(1, best.characters);
  }
  return found;
}

test("property: the same words are found as by trying every word at every character", () => {
  const unit = fc.constantFrom(
    "a",
    "B",
    "s",
    "ß",
    "ẞ",
    "Σ",
    "ς",
    "İ",
    "i",
    "\u0307",
    "ﬃ",
    "f",
    "𐐀",
    "\udc00",
    "笨",
  );
  const word = fc.string({ unit, minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), fc.string({ unit, maxLength: 40 }), (words, text) => {
      const set = new WordSet(words);
      const expected = naively(words, text);
      assert.deepEqual(set.find(text), expected);
      assert.equal(set.isIn(text), expected.length > 0);
    }),
    { numRuns: 2_000 },
  );
});

test("characters are those of the word as the list has it, and of equal words the first is found", () => {
  const set = new WordSet(["STRASSE", "straße", "👍👍"]);
  assert.deepEqual([...set.characters], [7, 6, 2]);
  assert.deepEqual(set.find("Straße 👍👍"), [
    { from: 0, to: 6, word: 0 },
    { from: 7, to: 11, word: 2 },
  ]);
});

test("a list without words finds nothing", () => {
  assert.deepEqual(new WordSet([]).find("anything"), []);
  assert.equal(new WordSet([]).isIn("anything"), false);
});

test("a word of six letters takes less than 100 bytes", () => {
  const words = Array.from({ length: 10_000 }, (_, index) =>
    ((index + 1) * 48_271 ** 2).toString(36).slice(-6),
  );
  assert.ok(new WordSet(words).bytes < 100 * words.length);
});

test("long texts take linear time, also where the words share all but their ends", () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `${"a".repeat(index + 1)}b`);
  const set = new WordSet(words);
  const time = (length: number) => {
    const text = "a".repeat(length);
    const from = cpuTime();
    set.find(text);
    return cpuTime() - from;
  };
  time(1_000_000);
  assert.ok(time(1_000_000) < 2_000, "trying each word at each character would take minutes");
});
