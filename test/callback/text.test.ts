import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { asKey, cut } from "../../src/callback/text.ts";

/** Texts with many characters of escapes. */
const texts = fc
  .array(
    fc.constantFrom("\ud800", "\udbff", "\udc00", "\udfff", "\\", "u", "d", "D", "8", "0", "00", "x", "🐳"),
  )
  .map((parts) => parts.join(""));

/** The text of a key: the inverse of `asKey`. */
function said(key: string): string {
  return key.replace(/(\\+)(ud[89a-f][0-9a-f]{2})/g, (_, { length }: string, rest: string) =>
    length % 2 === 0
      ? "\\".repeat(length / 2) + rest
      : "\\".repeat((length - 1) / 2) + String.fromCharCode(Number.parseInt(rest.slice(1), 16)),
  );
}

test("property: a key survives UTF-8, and different texts have different keys", () =>
  fc.assert(
    fc.property(texts, (text) => {
      const key = asKey(text);
      assert.equal(Buffer.from(key).toString(), key);
      assert.equal(said(key), text);
    }),
    { numRuns: 20_000 },
  ));

test("a text that UTF-8 can hold is its own key", () => {
  for (const text of ["", "lan", "群组 🐳", "a\\b", "C:\\users", "\u0000\n\u007f", "\ufffd"])
    assert.equal(asKey(text), text);
  assert.equal(asKey("a\ud800b"), "a\\ud800b");
});

test("property: a cut never splits a surrogate pair and never exceeds the length", () =>
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, most) => {
      const short = cut(text, most);
      assert.ok(text.startsWith(short) && short.length <= most);
      assert.ok(short.length >= Math.min(most, text.length) - 1);
      assert.ok(short.isWellFormed());
    }),
  ));
