import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitsWildcard } from "../../../src/rule/match/wildcard.ts";
import { cpuTime } from "../../support/cpu-time.ts";

/** The reference definition of a wildcard: a search over every split. */
function fitsNaively(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] !== "*") return text[0] === pattern[0] && fitsNaively(pattern.slice(1), text.slice(1));
  for (let skipped = 0; skipped <= text.length; skipped++) {
    if (fitsNaively(pattern.slice(1), text.slice(skipped))) return true;
  }
  return false;
}

test("fitsWildcard agrees with a search over every split", () => {
  const letters = (from: string, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...from), maxLength });
  let fitting = 0;
  fc.assert(
    fc.property(letters("aab*", 9), letters("aab", 12), (pattern, text) => {
      const expected = fitsNaively(pattern, text);
      if (expected) fitting++;
      assert.equal(fitsWildcard(pattern.split("*"), text), expected, `${pattern} on ${text}`);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(fitting > 1000);
});

/** Pieces of every length: long ones use another search. Few letters, so that many pieces almost match. */
const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "💩"), maxLength: 40 }), {
  minLength: 1,
  maxLength: 4,
});

test("a text made from a wildcard fits it", () => {
  const fill = fc.infiniteStream(fc.string({ unit: fc.constantFrom("a", "b", "💩"), maxLength: 60 }));
  fc.assert(
    fc.property(pieces, fill, (wanted, stream) => {
      const text = wanted.reduce((all, piece) => `${all}${stream.next().value}${piece}`);
      assert.equal(fitsWildcard(wanted, text), true);
    }),
    { numRuns: 2000 },
  );
});

test("long pieces are found at the positions that the engine's search finds", () => {
  const letters = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom("a", "a", "a", "b", "💩"), minLength, maxLength });
  let found = 0;
  fc.assert(
    fc.property(letters(17, 30), letters(0, 200), fc.nat(200), fc.nat(3), (piece, text, at, less) => {
      const given = text.slice(0, at) + piece.slice(0, piece.length - less) + text.slice(at);
      if (given.includes(piece)) found++;
      assert.equal(fitsWildcard(["", piece, ""], given), given.includes(piece));
    }),
    { numRuns: 2000 },
  );
  assert.ok(found > 500);
});

/** Patterns with backtracking, and texts that force it at every position. */
const adversarial: [name: string, pieces: string[], unit: string][] = [
  ["50 stars between letters that are everywhere", [..."a".repeat(50), "b"], "a"],
  ["50 stars between words that almost fit", ["", ...Array(50).fill("aaaaaaab"), ""], "a"],
  ["one long word that almost fits everywhere", ["", `${"a".repeat(2000)}b`, ""], "a"],
  ["one long word that fits but for its middle", ["", `${"a".repeat(1000)}b${"a".repeat(1000)}`, ""], "a"],
  [
    "50 words of the greatest short length",
    ["", ...Array(50).fill(`${"a".repeat(8)}b${"a".repeat(7)}`), ""],
    "a",
  ],
  ["a period that breaks at its end", ["", `${"ab".repeat(1000)}b`, ""], "ab"],
  ["50 words, the last of which never comes", ["", ...Array(49).fill("aa"), "aab", ""], "a"],
];

for (const [name, pieces, unit] of adversarial) {
  test(`time grows linearly: ${name}`, () => {
    const time = (length: number) => {
      const text = unit.repeat(length / unit.length);
      return Math.min(
        ...Array.from({ length: 5 }, () => {
          const start = cpuTime();
          assert.equal(fitsWildcard(pieces, text), false);
          return cpuTime() - start;
        }),
      );
    };
    time(1 << 20);
    const small = time(1 << 18);
    const large = time(1 << 21);
    // 8 times the text; a quadratic search would take 64 times as long. Very short times are noise.
    assert.ok(large < 8 * 4 * small || large < 5, `${small.toFixed(2)} ms became ${large.toFixed(2)} ms`);
  });
}
