import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FoldedText } from "../../../src/rule/words/folded-text.ts";

/** The folding of one character, as `FoldedText` promises it. */
const fold = (character: string) =>
  character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase();

const unitsOf = ({ units, length }: FoldedText) => String.fromCharCode(...units.subarray(0, length));

test("every character folds as the engine's Unicode has it, at first sight and later", () => {
  const text = new FoldedText();
  const wrong = (code: number) => {
    const character = String.fromCodePoint(code);
    return unitsOf(text.read(character)) !== fold(character);
  };
  const codes = Array.from({ length: 0x11_0000 }, (_, code) => code);
  assert.deepEqual(codes.filter(wrong), []);
  assert.deepEqual(codes.slice(0, 0x1_0000).filter(wrong), []);
});

test("property: every place leads back to the character that it begins, and a text follows a longer one", () => {
  const unit = fc.constantFrom("a", "B", "ß", "ﬃ", "İ", "𐐀", "\ud801", "\udc00", "笨", "👍", "\0");
  const text = new FoldedText();
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 300 }), (given) => {
      const { at, length } = text.read(given);
      const places = Array.from(at.subarray(0, length));
      const characters = [...given];
      const starts = characters.map((_, index) => characters.slice(0, index).join("").length);
      assert.deepEqual(
        places.filter((place) => place >= 0),
        starts,
      );
      assert.equal(at[length], given.length);
      assert.equal(unitsOf(text), characters.map(fold).join(""));
    }),
  );
});
