import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Path } from "../../src/rule/json-text.ts";
import { rawValues } from "../../src/rule/raw-values.ts";

const found = (json: string, ...paths: Path[]) => rawValues(paths)(json);

test("a value is found as it is written, by keys and places in lists", () => {
  const json = ` { "Random" : 9007199254740993.50, "List":[ [1], [2 , {"a\\u0062":"\\u4f60\\n"}] ] }\n`;
  assert.deepEqual(
    found(json, [], ["Random"], ["List", 1], ["List", 1, 1, "ab"], ["List", 0, 0], ["Random"]),
    [
      json.trim(),
      "9007199254740993.50",
      `[2 , {"a\\u0062":"\\u4f60\\n"}]`,
      `"\\u4f60\\n"`,
      "1",
      "9007199254740993.50",
    ],
  );
});

test("a value that is not there is undefined", () => {
  const json = `{"a":[1],"b":{"c":null},"":{}}`;
  const paths: Path[] = [["d"], ["a", 1], ["a", "0"], ["b", 0], ["b", "c", "d"], ["a", 0, "x"], ["", "x"]];
  assert.deepEqual(
    found(json, ...paths),
    paths.map(() => undefined),
  );
});

test("of a key that is given twice the last value counts", () => {
  assert.deepEqual(found(`{"a":{"b":1},"a":{"c":2}}`, ["a", "b"], ["a", "c"]), [undefined, "2"]);
  assert.deepEqual(found(`{"a":{"b":1},"a":3}`, ["a", "b"], ["a"]), [undefined, "3"]);
});

test("a text that is no JSON is read to its end", () => {
  for (const text of ["", " ", "{", "[", `{"a"`, `{"a":`, "{a:1}", `{"a":[1`, "]", `{"b",,,:"a":1`])
    found(text, ["a"], ["a", 0], []);
});

test("property: every value of a JSON text is found, and nothing else", () => {
  const keyOrIndex = fc.oneof(fc.constantFrom("a", "b", "", "__proto__"), fc.nat(3));
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.array(fc.array(keyOrIndex, { maxLength: 4 }), { maxLength: 6 }),
      fc.nat(),
      (json, others, indent) => {
        const value: unknown = JSON.parse(json);
        const spaced = JSON.stringify(value, null, indent % 3);
        const paths = [...pathsIn(value), ...others];
        for (const [index, raw] of found(spaced, ...paths).entries())
          assert.deepEqual(raw === undefined ? raw : JSON.parse(raw), valueAt(value, paths[index]!));
      },
    ),
  );
});

function pathsIn(value: unknown): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const steps: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [[], ...steps.flatMap((step) => pathsIn(value[step as never]).map((path) => [step, ...path]))];
}

function valueAt(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return value;
  if (typeof value !== "object" || value === null || Array.isArray(value) !== (typeof step === "number"))
    return undefined;
  return Object.hasOwn(value, step) ? valueAt(value[step as never], rest) : undefined;
}
