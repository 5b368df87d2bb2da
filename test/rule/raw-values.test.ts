import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Path } from "../../src/rule/json-text.ts";
import { rawValues } from "../../src/rule/raw-values.ts";
import { cpuTime } from "../support/cpu-time.ts";

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

test("a step by name goes through lists, to the first value that is not null", () => {
  const json = `{"a":[{"b":null},[[{"c":{"d":1}}],{"b":2}],{"b":3}],"e":[null]}`;
  assert.deepEqual(
    found(json, ["a", "b"], ["a", "c", "d"], ["a", 2, "b"], ["a", 1, 1], ["a", 0, "b"], ["e", 0], ["a", "e"]),
    ["2", "1", "3", `{"b":2}`, "null", "null", undefined],
  );
});

test("a dot in a name is a step, in the text and in the path", () => {
  const json = `{"a.b":{"c.d":1},"a":{"e":2,"b":{"f":3}},"x.":4}`;
  const paths: Path[] = [["a", "b", "c", "d"], ["a.b.c.d"], ["a.e"], ["a", "b", "f"], ["x", ""], ["a.b"]];
  assert.deepEqual(found(json, ...paths), ["1", "1", "2", "3", "4", `{"c.d":1}`]);
});

test("lists within lists, as deep as a body allows, take time by their length", () => {
  const before = cpuTime();
  const deep = 400_000;
  assert.deepEqual(found(`{"a":${"[".repeat(deep)}{"b":1}${"]".repeat(deep)}}`, ["a", "b"]), ["1"]);
  assert.ok(cpuTime() - before < 2_000);
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

/** The first value at a path that is not null. */
function valueAt(value: unknown, path: Path): unknown {
  const values = valuesAt(value, path);
  return values.find((one) => one !== null) ?? values[0];
}

function valuesAt(value: unknown, path: Path): unknown[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && typeof step === "string")
    return value.flat(Number.POSITIVE_INFINITY).flatMap((item) => valuesAt(item, path));
  if (Array.isArray(value) !== (typeof step === "number") || !Object.hasOwn(value, step)) return [];
  return valuesAt(value[step as never], rest);
}
