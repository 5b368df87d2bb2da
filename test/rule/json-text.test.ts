import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elementsOf, repeatedKeys } from "../../src/rule/json-text.ts";

test("every key given more than once is found once, by its path", () => {
  const cases: [text: string, paths: (string | number)[][]][] = [
    ["{}", []],
    ["[]", []],
    ["5", []],
    ['"a"', []],
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', []],
    ['{"a":1,"a":2}', [["a"]]],
    ['{"a":1,"a":2,"a":3}', [["a"]]],
    ['{ "a" : 1 , "A" : 2 , "\\u0061" : 3 }', [["a"]]],
    ['{"":1,"":2}', [[""]]],
    ['{"__proto__":1,"__proto__":2,"constructor":1}', [["__proto__"]]],
    ['[[{"x":[0,{"k":{},"k":[]}]}]]', [[0, 0, "x", 1, "k"]]],
    ['{"a":{"b":1,"b":2},"a":{"b":1}}', [["a", "b"], ["a"]]],
    ['{"a":"a","b":"a","c":["a","a"]}', []],
    ['{"a":"\\"a\\":1,\\"a\\":2","b":"}{][,:"}', []],
    ['{"a\\\\":1,"a\\\\":2,"a\\"":3}', [["a\\"]]],
  ];
  for (const [text, paths] of cases) assert.deepEqual(repeatedKeys(text), paths, text);
});

test("a text written from a value has no key twice", () => {
  fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(repeatedKeys(text), [])));
});

test("nesting does not overflow the stack, and time is linear in the text", () => {
  const depth = 200_000;
  assert.equal(
    repeatedKeys(`${'{"a":'.repeat(depth)}{"b":1,"b":2}${"}".repeat(depth)}`)[0]!.length,
    depth + 1,
  );
  assert.deepEqual(repeatedKeys(JSON.stringify(["\\".repeat(1_000_000), '"'.repeat(1_000_000)])), []);
});

test("the elements of an array are the texts it was made of", () => {
  fc.assert(
    fc.property(fc.array(fc.json()), fc.constantFrom("", " ", "\n\t"), (elements, space) => {
      const text = `${space}[${space}${elements.join(`${space},${space}`)}${space}]${space}`;
      assert.deepEqual(elementsOf(text), elements);
    }),
  );
});
