import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mistakeIn } from "../../src/callback/json-mistake.ts";
import { say } from "../../src/sentence.ts";

const mistakes: [text: string, position: number][] = [
  ["hello", 0],
  ["{'a':1}", 1],
  ['{"a":1,}', 7],
  ['{"a":NaN}', 5],
  ['{"a":1} // x', 8],
  ['{"a":01}', 6],
  ['{"a":1.}', 6],
  ['{"a":+1}', 5],
  ['{"a":"\\q"}', 7],
  ['{"a":"\\u12"}', 7],
  ['{"a":"b\nc"}', 7],
  ["[1 2]", 3],
  ['{"a" 1}', 5],
  ["{,}", 1],
  ["[,]", 1],
  ["[1,]", 3],
  ["}", 0],
  ['{"a":[}', 6],
  ['{"a":]', 5],
  ['"x" "y"', 4],
  ['{"a":\u00a01}', 5],
  ["{}{}", 2],
  ["[[[[]]]]]", 8],
];

for (const [text, position] of mistakes)
  test(`the mistake in ${JSON.stringify(text)} is at position ${position}`, () => {
    assert.throws(() => JSON.parse(text));
    assert.ok(mistakeIn(text).includes(`at position ${position} (`), mistakeIn(text));
  });

test("the mistake in a text that ends too early is at its end", () => {
  for (const text of ['{"a":"x', "[1,2", '{"a"', '{"a":', "{", "[[", '{"a":"\\', '{"a":1'])
    assert.equal(mistakeIn(text), `the body is not JSON: it ends too early, at position ${text.length}`);
  assert.equal(mistakeIn(""), "the body is empty");
  assert.equal(mistakeIn("", say`the answer`), "the answer is empty");
  assert.equal(mistakeIn(" \r\n\t"), "the body is empty");
});

test("lines and columns of a mistake are counted from one", () => {
  assert.ok(mistakeIn('{\n  "a": x\n}').endsWith("at position 9 (line 2, column 8)"));
});

test("property: a mistake lies within the text, and is never quoted", () =>
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string(), fc.nat(3), (json, position, inserted, removed) => {
      const at = position % (json.length + 1);
      const text = json.slice(0, at) + inserted + json.slice(at + removed);
      try {
        JSON.parse(text);
      } catch {
        const sentence = mistakeIn(text);
        const [, position] = /position (\d+)/.exec(sentence) ?? [];
        assert.match(
          sentence,
          /^the body is (empty|not JSON: (it ends too early, at position \d+|the mistake is at position \d+ \(line \d+, column \d+\)))$/,
        );
        if (position !== undefined) assert.ok(Number(position) <= text.length);
      }
    }),
    { numRuns: 5_000 },
  ));

test("a hundred thousand open brackets or escapes do not overflow the stack", () => {
  assert.match(mistakeIn("[".repeat(1_000_000)), /ends too early/);
  assert.match(mistakeIn(`{"a":"${"\\n".repeat(400_000)}\n`), /position 800006 /);
});
