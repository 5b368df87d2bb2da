import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { timingSafeEqual } from "../src/timing-safe.ts";

test("property: two texts are equal as for the engine", () => {
  const text = fc.string({ unit: "binary", maxLength: 6 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.equal(timingSafeEqual(one, other), one === other);
      assert.equal(timingSafeEqual(one, `${one}`), true);
    }),
  );
});

test("a repetition, a beginning, another case and an empty text are not the expected text", () => {
  for (const given of ["abab", "a", "abc", "AB", "aB", "", "\u0161b"])
    assert.equal(timingSafeEqual(given, "ab"), false, given);
  assert.equal(timingSafeEqual("ab", ""), false);
  assert.equal(timingSafeEqual("", ""), true);
});
