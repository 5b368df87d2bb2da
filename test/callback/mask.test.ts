import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isMasked, maskedText, masksOf, textsIn } from "../../src/callback/mask.ts";

function masked(text: string, ...paths: string[]): string {
  return maskedText(text, masksOf(paths)).text;
}

test("a value is masked by its type, and the text around it stays as it is", () => {
  const cases: [given: string, masked: string][] = [
    ['"hello"', '"***"'],
    ['""', '"***"'],
    ['"a\\"}b\\\\"', '"***"'],
    ["12345678901234567890.50e+3", "0"],
    ["-1", "0"],
    ["true", "false"],
    ["false", "false"],
    ["null", "null"],
    ['[1, "]", [2]]', "[]"],
    ['{"a" : {"b": "}"}}', "{}"],
  ];
  for (const [given, expected] of cases) {
    const around = (value: string) =>
      `\n{ "n":1.0e2 ,"big": 9007199254740993,"Text" :\t${value} , "x":"\\u0041"}\r\n`;
    assert.equal(masked(around(given), "Text"), around(expected));
  }
});

test("a path leads through lists, however deep, and objects that lack the field stay", () => {
  const text =
    '{"MsgBody":[{"MsgContent":{"Text":"a"}},[[{"MsgContent":{"Text":7,"Desc":"b"}}]],{"MsgContent":5},"Text"]}';
  assert.equal(
    masked(text, "MsgBody.MsgContent.Text"),
    '{"MsgBody":[{"MsgContent":{"Text":"***"}},[[{"MsgContent":{"Text":0,"Desc":"b"}}]],{"MsgContent":5},"Text"]}',
  );
  assert.equal(masked(text, "MsgBody"), '{"MsgBody":[]}');
});

test("of a key given twice, or written with escapes, every value is masked", () => {
  assert.equal(masked('{"a":"x","\\u0061":"y","a":{"b":1}}', "a"), '{"a":"***","\\u0061":"***","a":{}}');
});

test("a dot in a name is a step, as in the patterns of rules", () => {
  assert.equal(
    masked('{"a.b":"x","a":{"b.c":"y","b":"z"},"a.b.c":1,"b":2}', "a.b"),
    '{"a.b":"***","a":{"b.c":"***","b":"***"},"a.b.c":0,"b":2}',
  );
});

test("names of the language are names of fields like others", () => {
  assert.equal(
    masked('{"__proto__":{"constructor":"x"},"toString":"y"}', "__proto__.constructor"),
    '{"__proto__":{"constructor":"***"},"toString":"y"}',
  );
  assert.equal(masked('{"toString":"y","valueOf":1}', "a"), '{"toString":"y","valueOf":1}');
});

test("a body nested as deep as its size allows is masked", () => {
  const deep = 400_000;
  const text = `{"a":${"[".repeat(deep)}{"b":"x"}${"]".repeat(deep)}}`;
  assert.equal(masked(text, "a.b"), text.replace('"x"', '"***"'));
  assert.equal(masked(text, "a"), '{"a":[]}');
});

test("a path beneath or at a masked one is recognised, with indexes or without", () => {
  const masks = masksOf(["MsgBody.MsgContent", "Info.Name"]);
  for (const path of ["MsgBody[].MsgContent", "MsgBody[3].MsgContent.Text", "Info.Name"])
    assert.ok(isMasked(masks, path), path);
  for (const path of ["", "MsgBody", "MsgBody[].MsgType", "Info", "Name"])
    assert.ok(!isMasked(masks, path), path);
});

const names = ["a", "b", "c", "a.b", '\u00e9"', "\\"];
const name = fc.constantFrom(...names);
const { tree: bodies } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((tie) => ({
  tree: fc.dictionary(name, tie("value"), { noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: "binary" }).map((text) => `secret ${text}`),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("tree"),
  ),
}));
const paths = fc.array(
  fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((steps) => steps.join(".")),
  {
    minLength: 1,
    maxLength: 3,
  },
);

/** The masked value by recursion over the parsed value, as the documentation says it. */
function model(value: unknown, left: readonly (readonly string[])[]): unknown {
  if (left.some((steps) => steps.length === 0)) {
    if (typeof value === "string") return "***";
    if (typeof value === "number") return 0;
    if (typeof value === "boolean") return false;
    if (Array.isArray(value)) return [];
    return value === null ? null : {};
  }
  if (Array.isArray(value)) return value.map((item) => model(item, left));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const steps = key.split(".");
      const further = left
        .filter((path) => path.slice(0, steps.length).every((step, index) => step === steps[index]))
        .map((path) => path.slice(steps.length));
      return [key, model(inner, further)];
    }),
  );
}

test("the masked text is the masked value, in any formatting, and all else is the same byte for byte", () => {
  fc.assert(
    fc.property(bodies, paths, fc.constantFrom(undefined, " ", "\t\t"), (body, paths, space) => {
      const text = JSON.stringify(body, null, space);
      const { text: result, values } = maskedText(text, masksOf(paths));
      const expected = model(
        body,
        paths.map((path) => path.split(".")),
      );
      assert.deepEqual(JSON.parse(result), JSON.parse(JSON.stringify(expected)));
      // Putting the values back in the place of their masks gives the text that was received.
      let restored = "";
      let at = 0;
      let from = 0;
      for (const value of values) {
        while (text.slice(at, at + value.length) !== value || !result.startsWith(substituteOf(value), from)) {
          assert.equal(result[from], text[at]);
          restored += result[from++];
          at++;
        }
        restored += value;
        from += substituteOf(value).length;
        at += value.length;
      }
      assert.equal(restored + result.slice(from), text);
    }),
    { numRuns: 2_000 },
  );
});

function substituteOf(value: string): string {
  const first = value[0]!;
  return (
    ({ '"': '"***"', "{": "{}", "[": "[]", t: "false", f: "false", n: "null" } as Record<string, string>)[
      first
    ] ?? "0"
  );
}

test("the texts in a masked value are found without their escapes", () => {
  assert.deepEqual(textsIn('{"a":["x\\"y", 7, "\\u0041"],"b":"{"}'), ["a", 'x"y', "A", "b", "{"]);
  assert.deepEqual(textsIn("17"), []);
});
