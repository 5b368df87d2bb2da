import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, type JsonObject, parseJson } from "../../../src/rule/json.ts";
import { compilePattern, type Pattern } from "../../../src/rule/match/pattern.ts";
import { pathAt } from "../../../src/rule/setting-path.ts";
import { cpuTime } from "../../support/cpu-time.ts";

/** Patterns and events are given as values, or as JSON text if a number would be rounded. */
type Given = Json | { text: string };

function json(given: Given): Json {
  return typeof given === "object" && given !== null && "text" in given
    ? parseJson((given as { text: string }).text)
    : (given as Json);
}

function compile(pattern: Given): Pattern {
  const mistakes: string[] = [];
  const compiled = compilePattern(
    json(pattern),
    pathAt("", (path, message) => mistakes.push(`${path}: ${message}`)),
  );
  assert.deepEqual(mistakes, []);
  return compiled!;
}

/** Checks the result, and that the explanation agrees with it. */
function check(pattern: Given, event: Given, expected: boolean) {
  const compiled = compile(pattern);
  assert.equal(compiled.matches(json(event) as JsonObject), expected);
  const failure = compiled.explain(json(event) as JsonObject);
  assert.equal(failure === null, expected);
  if (failure !== null)
    assert.ok(Object.values(failure).every((text) => typeof text === "string" && text !== ""));
}

/** One element of a pattern's list against one value; undefined: the field is not in the event. */
const single: [condition: Json, value: Json | undefined, fits: boolean][] = [
  // An exact value matches its own type only.
  ["Community", "Community", true],
  ["Community", "community", false],
  ["Community", "Community ", false],
  ["", "", true],
  ["", " ", false],
  ["", null, false],
  ["5", 5, false],
  [5, 5, true],
  [5, 5.5, false],
  [5, "5", false],
  [5, null, false],
  [0, false, false],
  [0, -0, true],
  [1, true, false],
  [-1.5, -1.5, true],
  [3.018e2, 301.8, true],
  [true, true, true],
  [true, false, false],
  [true, "true", false],
  [false, false, true],
  [false, null, false],
  [false, undefined, false],
  [null, null, true],
  [null, "null", false],
  [null, "", false],
  [null, 0, false],
  [null, false, false],
  [null, undefined, false],
  ["Community", undefined, false],
  ["群", "群", true],
  ["a*", "ab", false],
  ["@TGS#1", "@TGS#1", true],
  // prefix
  [{ prefix: "@TGS#" }, "@TGS#2J4SZEAEL", true],
  [{ prefix: "@TGS#" }, "@TGS#", true],
  [{ prefix: "@TGS#" }, "@TGS", false],
  [{ prefix: "@TGS#" }, "x@TGS#", false],
  [{ prefix: "@TGS#" }, "@tgs#1", false],
  [{ prefix: "" }, "anything", true],
  [{ prefix: "" }, "", true],
  [{ prefix: "" }, 1, false],
  [{ prefix: "1" }, 12, false],
  [{ prefix: "t" }, true, false],
  [{ prefix: "n" }, null, false],
  [{ prefix: "a" }, undefined, false],
  [{ prefix: "群" }, "群组", true],
  [{ prefix: { "equals-ignore-case": "eventb" } }, "EventBridge", true],
  [{ prefix: { "equals-ignore-case": "EVENTB" } }, "eventbridge", true],
  [{ prefix: { "equals-ignore-case": "eventb" } }, "event", false],
  [{ prefix: { "equals-ignore-case": "eventb" } }, "my EventBridge", false],
  [{ prefix: { "equals-ignore-case": "" } }, "x", true],
  [{ prefix: { "equals-ignore-case": "é" } }, "École", true],
  // suffix
  [{ suffix: ".png" }, "a.png", true],
  [{ suffix: ".png" }, ".png", true],
  [{ suffix: ".png" }, "png", false],
  [{ suffix: ".png" }, "a.PNG", false],
  [{ suffix: ".png" }, "a.png.txt", false],
  [{ suffix: "" }, "a", true],
  [{ suffix: "2" }, 12, false],
  [{ suffix: "e" }, true, false],
  [{ suffix: { "equals-ignore-case": ".PNG" } }, "a.png", true],
  [{ suffix: { "equals-ignore-case": ".png" } }, "A.PnG", true],
  [{ suffix: { "equals-ignore-case": ".png" } }, "a.jpg", false],
  [{ suffix: { "equals-ignore-case": ".png" } }, "png", false],
  [{ suffix: { "equals-ignore-case": "straße" } }, "BERGSTRASSE", true],
  // equals-ignore-case
  [{ "equals-ignore-case": "android" }, "Android", true],
  [{ "equals-ignore-case": "ANDROID" }, "android", true],
  [{ "equals-ignore-case": "android" }, "android ", false],
  [{ "equals-ignore-case": "android" }, "androi", false],
  [{ "equals-ignore-case": "" }, "", true],
  [{ "equals-ignore-case": "" }, "a", false],
  [{ "equals-ignore-case": "5" }, 5, false],
  [{ "equals-ignore-case": "null" }, null, false],
  [{ "equals-ignore-case": "ÄÖÜ" }, "äöü", true],
  [{ "equals-ignore-case": "ß" }, "SS", true],
  [{ "equals-ignore-case": "ß" }, "ß", true],
  [{ "equals-ignore-case": "ⱥ" }, "Ⱥ", true],
  [{ "equals-ignore-case": "ΣΑΣ" }, "σασ", true],
  // wildcard
  [{ wildcard: "*" }, "", true],
  [{ wildcard: "*" }, "anything", true],
  [{ wildcard: "*" }, 5, false],
  [{ wildcard: "*" }, null, false],
  [{ wildcard: "*" }, undefined, false],
  [{ wildcard: "" }, "", true],
  [{ wildcard: "" }, "a", false],
  [{ wildcard: "abc" }, "abc", true],
  [{ wildcard: "abc" }, "abcd", false],
  [{ wildcard: "*http*" }, "see http://example.com", true],
  [{ wildcard: "*http*" }, "http", true],
  [{ wildcard: "*http*" }, "htt p", false],
  [{ wildcard: "a*" }, "a", true],
  [{ wildcard: "a*" }, "ba", false],
  [{ wildcard: "*a" }, "a", true],
  [{ wildcard: "*a" }, "ab", false],
  [{ wildcard: "a*a" }, "a", false],
  [{ wildcard: "a*a" }, "aa", true],
  [{ wildcard: "a*a" }, "aba", true],
  [{ wildcard: "ab*ba" }, "aba", false],
  [{ wildcard: "*ab*ab*" }, "abab", true],
  [{ wildcard: "*ab*ab*" }, "aab", false],
  [{ wildcard: "*aab*" }, "aaab", true],
  [{ wildcard: "dir/*/dir/*.png" }, "dir/a/dir/b/c.png", true],
  [{ wildcard: "dir/*/dir/*.png" }, "dir/dir/c.png", false],
  [{ wildcard: "*\\**" }, "a*b", true],
  [{ wildcard: "*\\**" }, "ab", false],
  [{ wildcard: "\\*" }, "*", true],
  [{ wildcard: "\\*" }, "a", false],
  [{ wildcard: "*\\\\*" }, "a\\b", true],
  [{ wildcard: "*\\\\*" }, "ab", false],
  [{ wildcard: "\\\\\\*" }, "\\*", true],
  [{ wildcard: "*中*" }, "一中二", true],
  // numeric
  [{ numeric: ["=", 5] }, 5, true],
  [{ numeric: ["=", 5] }, 5.000001, false],
  [{ numeric: ["=", 5] }, "5", false],
  [{ numeric: ["=", 5] }, null, false],
  [{ numeric: ["=", 5] }, true, false],
  [{ numeric: ["=", 5] }, undefined, false],
  [{ numeric: ["=", 0] }, -0, true],
  [{ numeric: ["=", 301.8] }, 3.018e2, true],
  [{ numeric: ["<", 5] }, 4.999999, true],
  [{ numeric: ["<", 5] }, 5, false],
  [{ numeric: ["<=", 5] }, 5, true],
  [{ numeric: ["<=", 5] }, 5.000001, false],
  [{ numeric: [">", 5] }, 5.000001, true],
  [{ numeric: [">", 5] }, 5, false],
  [{ numeric: [">=", 5] }, 5, true],
  [{ numeric: [">=", 5] }, 4.999999, false],
  [{ numeric: [">", 0, "<=", 5] }, 0, false],
  [{ numeric: [">", 0, "<=", 5] }, 0.000001, true],
  [{ numeric: [">", 0, "<=", 5] }, 5, true],
  [{ numeric: [">", 0, "<=", 5] }, 5.1, false],
  [{ numeric: [">=", 0, "<", 5] }, 0, true],
  [{ numeric: [">=", 0, "<", 5] }, 5, false],
  [{ numeric: [">", -5, "<", -1] }, -2, true],
  [{ numeric: [">", -5, "<", -1] }, 2, false],
  [{ numeric: [">=", -5e9, "<=", 5e9] }, 5e9, true],
  [{ numeric: [">=", -5e9, "<=", 5e9] }, -5e9, true],
  [{ numeric: [">=", -5e9, "<=", 5e9] }, 5000000001, false],
  [{ numeric: [">", 0] }, 1557481126123, true],
  // exists
  [{ exists: true }, "", true],
  [{ exists: true }, null, true],
  [{ exists: true }, false, true],
  [{ exists: true }, 0, true],
  [{ exists: true }, undefined, false],
  [{ exists: true }, {}, false],
  [{ exists: true }, { inner: 1 }, false],
  [{ exists: true }, [], false],
  [{ exists: true }, [[]], false],
  [{ exists: true }, [1], true],
  [{ exists: true }, [{ inner: 1 }], false],
  // cidr
  // docs/rules.md lists the intended differences from EventBridge.
  [{ cidr: "203.0.113.7/32" }, "203.0.113.7", true],
  [{ cidr: "203.0.113.7/32" }, "203.0.113.8", false],
  [{ cidr: "2001:db8::7/128" }, "2001:DB8:0::7", true],
  [{ cidr: "::ffff:203.0.113.0/120" }, "203.0.113.7", true],
  [{ cidr: "::/0" }, "203.0.113.7", false],
  ["2001:db8::1", "2001:db8:0:0:0:0:0:1", false],
  [{ cidr: "203.0.113.0/24" }, "203.0.113.7", true],
  [{ cidr: "203.0.113.0/24" }, "203.0.114.7", false],
  [{ cidr: "203.0.113.99/24" }, "203.0.113.7", true],
  [{ cidr: "203.0.113.0/24" }, "203.0.113", false],
  [{ cidr: "203.0.113.0/24" }, "203.0.113.0/24", false],
  [{ cidr: "203.0.113.0/24" }, "example.com", false],
  [{ cidr: "203.0.113.0/24" }, 123, false],
  [{ cidr: "203.0.113.0/24" }, null, false],
  [{ cidr: "0.0.0.0/0" }, "203.0.113.7", true],
  [{ cidr: "0.0.0.0/0" }, "2001:db8::1", false],
  [{ cidr: "2001:db8::/32" }, "2001:db8::1", true],
  [{ cidr: "2001:db8::/32" }, "2001:db9::1", false],
  [{ cidr: "203.0.113.0/24" }, "::ffff:203.0.113.7", true],
  // anything-but
  [{ "anything-but": "a" }, "b", true],
  [{ "anything-but": "a" }, "a", false],
  [{ "anything-but": "a" }, "A", true],
  [{ "anything-but": "a" }, 1, true],
  [{ "anything-but": "a" }, null, true],
  [{ "anything-but": "a" }, false, true],
  [{ "anything-but": "a" }, undefined, false],
  [{ "anything-but": "a" }, {}, false],
  [{ "anything-but": "a" }, [], false],
  [{ "anything-but": "" }, "", false],
  [{ "anything-but": "" }, "a", true],
  [{ "anything-but": 5 }, 5, false],
  [{ "anything-but": 5 }, 5.0, false],
  [{ "anything-but": 5 }, 6, true],
  [{ "anything-but": 5 }, "5", true],
  [{ "anything-but": 0 }, 0, false],
  [{ "anything-but": ["a", "b"] }, "b", false],
  [{ "anything-but": ["a", "b"] }, "c", true],
  [{ "anything-but": ["a"] }, null, true],
  [{ "anything-but": [1, 2] }, 2, false],
  [{ "anything-but": [1, 2] }, 3, true],
  [{ "anything-but": [1, 2] }, "2", true],
  [{ "anything-but": { prefix: "in" } }, "init", false],
  [{ "anything-but": { prefix: "in" } }, "run", true],
  [{ "anything-but": { prefix: "in" } }, 12, true],
  [{ "anything-but": { prefix: "in" } }, null, true],
  [{ "anything-but": { prefix: "in" } }, undefined, false],
  [{ "anything-but": { prefix: ["in", "st"] } }, "start", false],
  [{ "anything-but": { prefix: ["in", "st"] } }, "run", true],
  [{ "anything-but": { suffix: ".png" } }, "a.png", false],
  [{ "anything-but": { suffix: ".png" } }, "a.jpg", true],
  [{ "anything-but": { suffix: [".png", ".jpg"] } }, "a.jpg", false],
  [{ "anything-but": { suffix: [".png", ".jpg"] } }, "a.txt", true],
  [{ "anything-but": { "equals-ignore-case": "init" } }, "INIT", false],
  [{ "anything-but": { "equals-ignore-case": "init" } }, "inits", true],
  [{ "anything-but": { "equals-ignore-case": "" } }, "", false],
  [{ "anything-but": { "equals-ignore-case": ["init", "stop"] } }, "Stop", false],
  [{ "anything-but": { "equals-ignore-case": ["init", "stop"] } }, "run", true],
  [{ "anything-but": { wildcard: "*/lib/*" } }, "a/lib/b", false],
  [{ "anything-but": { wildcard: "*/lib/*" } }, "a/bin/b", true],
  [{ "anything-but": { wildcard: "*/lib/*" } }, 5, true],
  [{ "anything-but": { wildcard: "" } }, "a", true],
  [{ "anything-but": { wildcard: ["*/lib/*", "*/bin/*"] } }, "a/bin/b", false],
  [{ "anything-but": { wildcard: ["*/lib/*", "*/bin/*"] } }, "a/src/b", true],
];

const opposite: Record<string, string> = { "<": ">=", ">=": "<", ">": "<=", "<=": ">" };

/** The negation: it fits exactly the values of the same kind that this condition does not fit. Null if there is none. */
function negated(condition: Json, value: Json | undefined): Json | null {
  if (typeof condition === "object" && condition !== null && !Array.isArray(condition)) {
    const [[name, argument]] = Object.entries(condition as JsonObject) as [[string, Json]];
    if (name === "exists") return { exists: !argument };
    if (value === undefined || typeof value === "object") return null;
    if (name === "wildcard" || name === "equals-ignore-case") return { "anything-but": condition };
    if (name === "prefix" || name === "suffix") {
      return typeof argument === "string" && argument !== "" ? { "anything-but": condition } : null;
    }
    if (name === "numeric" && typeof value === "number") {
      const [comparison, limit, ...rest] = argument as [string, number];
      return rest.length === 0 && comparison in opposite ? { numeric: [opposite[comparison]!, limit] } : null;
    }
    return null;
  }
  return value !== undefined && (typeof condition === "string" || typeof condition === "number")
    ? { "anything-but": condition }
    : null;
}

const say = (value: unknown) => (value === undefined ? "an absent field" : JSON.stringify(value));

for (const [condition, value, expected] of single) {
  const event = value === undefined ? { other: "a" } : { field: value };
  test(`${say(condition)} ${expected ? "fits" : "does not fit"} ${say(value)}`, () => {
    check({ field: [condition] }, event, expected);
    check({ body: { deep: { field: [condition] } } }, { body: { deep: event } }, expected);
    check({ field: ["neither", condition, "nor"] }, event, expected);
  });
  const other = negated(condition, value);
  if (other !== null) {
    test(`${say(other)}, the negation, ${expected ? "does not fit" : "fits"} ${say(value)}`, () => {
      check({ field: [other] }, event, !expected);
    });
  }
}

const one = { MsgBody: { MsgType: ["TIMTextElem"], MsgContent: { Text: [{ prefix: "buy" }] } } };

/** Whole patterns against whole events. */
const whole: [name: string, pattern: Given, event: Given, fits: boolean][] = [
  ["every field must fit", { a: [1], b: [2] }, { a: 1, b: 2 }, true],
  ["one misfit is enough", { a: [1], b: [2] }, { a: 1, b: 3 }, false],
  ["a missing field does not fit", { a: [1], b: [2] }, { a: 1 }, false],
  ["further fields do not matter", { a: [1] }, { a: 1, b: 2 }, true],
  ["one of several values is enough", { a: [1, 2, 3] }, { a: 3 }, true],
  ["values and operators mix", { a: ["x", { prefix: "y" }, null] }, { a: null }, true],
  ["names are told apart by case", { A: [1] }, { a: 1 }, false],
  ["an inner field", { a: { b: { c: [1] } } }, { a: { b: { c: 1 } } }, true],
  ["an inner field under a text", { a: { b: [1] } }, { a: "text" }, false],
  ["an inner field under a null", { a: { b: [1] } }, { a: null }, false],
  ["JSON in a text is a text", { a: { b: [1] } }, { a: '{"b":1}' }, false],
  ["an object is no value", { a: [1, null, ""] }, { a: { b: 1 } }, false],
  ["an array in the event: one element is enough", { a: [1, 2] }, { a: [0, 2] }, true],
  ["an array in the event: none fits", { a: [1, 2] }, { a: [0, 3] }, false],
  ["an array in an array", { a: [3] }, { a: [[1, 2], [[3]]] }, true],
  ["an empty array is nothing, not null", { a: [null] }, { a: [] }, false],
  ["a null in an array is there", { a: [null] }, { a: [1, null] }, true],
  ["anything-but is content with one element", { a: [{ "anything-but": "x" }] }, { a: ["x", "y"] }, true],
  ["anything-but with no other element", { a: [{ "anything-but": "x" }] }, { a: ["x", "x"] }, false],
  ["numbers in arrays", { a: [{ numeric: [">", 0, "<", 10] }] }, { a: [100, 5, 200] }, true],
  ["absent or other", { a: [{ exists: false }, "x"] }, { b: 1 }, true],
  ["absent or other: other", { a: [{ exists: false }, "x"] }, { a: "x" }, true],
  ["absent or other: neither", { a: [{ exists: false }, "x"] }, { a: "y" }, false],
  ["absent under an absent parent", { a: { b: { c: [{ exists: false }] } } }, { x: 1 }, true],
  ["absent under a text", { a: { b: [{ exists: false }] } }, { a: "x" }, true],
  ["absent: an object is no leaf", { a: [{ exists: false }] }, { a: { b: 1 } }, true],
  ["absent: an empty array", { a: [{ exists: false }] }, { a: [] }, true],
  ["absent: null is there", { a: [{ exists: false }] }, { a: null }, false],
  ["absent from all elements", { a: { b: [{ exists: false }] } }, { a: [{ c: 1 }, { c: 2 }] }, true],
  ["absent from one element only", { a: { b: [{ exists: false }] } }, { a: [{ c: 1 }, { b: 2 }] }, false],
  [
    "absent from the element that fits",
    { a: { b: [{ exists: false }], c: [1] } },
    { a: [{ c: 1 }, { b: 2 }] },
    true,
  ],
  [
    "absent, but the element that fits has it",
    { a: { b: [{ exists: false }], c: [1] } },
    { a: [{ b: 2, c: 1 }, { c: 2 }] },
    false,
  ],
  [
    "two absences in different elements",
    { a: { b: [{ exists: false }], c: [{ exists: false }] } },
    { a: [{ b: 1 }, { c: 1 }] },
    false,
  ],
  ["an array of objects", { a: { b: [1] } }, { a: [{ b: 0 }, { b: 1 }] }, true],
  ["two fields of one element", { a: { b: [1], c: [2] } }, { a: [{ b: 1, c: 2 }] }, true],
  ["two fields of two elements", { a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { c: 2 }] }, false],
  [
    "two fields, the last element has both",
    { a: { b: [1], c: [2] } },
    { a: [{ b: 1 }, { c: 2 }, { b: 1, c: 2 }] },
    true,
  ],
  [
    "elements within elements: same",
    { a: { b: { c: [1], d: [2] } } },
    { a: [{ b: [{ c: 1, d: 2 }] }] },
    true,
  ],
  [
    "elements within elements: two inner ones",
    { a: { b: { c: [1], d: [2] } } },
    { a: [{ b: [{ c: 1 }, { d: 2 }] }] },
    false,
  ],
  [
    "elements within elements: two outer ones",
    { a: { b: { c: [1], d: [2] } } },
    { a: [{ b: [{ c: 1 }] }, { b: [{ d: 2 }] }] },
    false,
  ],
  [
    "elements of arrays in an array",
    { a: { b: [1], c: [2] } },
    { a: [[{ b: 1 }], [{ c: 2 }, { b: 1, c: 2 }]] },
    true,
  ],
  ["elements of two arrays in an array", { a: { b: [1], c: [2] } }, { a: [[{ b: 1 }], [{ c: 2 }]] }, false],
  [
    "a list beside a field in one element",
    { a: { b: ["y"], c: [1] } },
    { a: [{ b: ["x", "y"], c: 1 }] },
    true,
  ],
  [
    "a list and a field in two elements",
    { a: { b: ["y"], c: [1] } },
    { a: [{ b: ["x", "y"] }, { c: 1 }] },
    false,
  ],
  [
    "sibling arrays are independent",
    { a: { x: [1] }, b: { y: [2] } },
    { a: [{ x: 0 }, { x: 1 }], b: [{ y: 2 }, { y: 0 }] },
    true,
  ],
  ["scalars among objects are skipped", { a: { b: [1] } }, { a: [7, "x", null, { b: 1 }] }, true],
  [
    "one message of text",
    one,
    { MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "buy now" } }] },
    true,
  ],
  [
    "the text of another message",
    one,
    {
      MsgBody: [
        { MsgType: "TIMTextElem", MsgContent: { Text: "hello" } },
        { MsgType: "TIMCustomElem", MsgContent: { Text: "buy now" } },
      ],
    },
    false,
  ],
  ["$or: first", { $or: [{ a: [1] }, { b: [2] }] }, { a: 1, b: 0 }, true],
  ["$or: second", { $or: [{ a: [1] }, { b: [2] }] }, { a: 0, b: 2 }, true],
  ["$or: none", { $or: [{ a: [1] }, { b: [2] }] }, { a: 2, b: 1 }, false],
  ["$or beside a field", { c: [3], $or: [{ a: [1] }, { b: [2] }] }, { a: 1, c: 0 }, false],
  [
    "$or with two fields in one alternative",
    { $or: [{ a: [1], b: [2] }, { c: [3] }] },
    { a: 1, b: 0 },
    false,
  ],
  [
    "two $or, in two objects",
    { $or: [{ a: [1] }, { b: [2] }], d: { $or: [{ e: [1] }, { f: [2] }] } },
    { b: 2, d: { e: 1 } },
    true,
  ],
  ["$or in $or", { $or: [{ a: [1] }, { b: [2], $or: [{ c: [3] }, { d: [4] }] }] }, { b: 2, d: 4 }, true],
  [
    "$or in $or: half",
    { $or: [{ a: [1] }, { b: [2], $or: [{ c: [3] }, { d: [4] }] }] },
    { b: 2, d: 5 },
    false,
  ],
  [
    "$or below a field",
    { d: { $or: [{ a: [{ numeric: [">", 0, "<=", 5] }] }, { b: [{ numeric: ["<", 10] }] }] } },
    { d: { a: 0, b: 0 } },
    true,
  ],
  ["$or of absence", { $or: [{ a: [{ exists: false }] }, { a: ["x"] }] }, { b: 1 }, true],
  ["$or of absence: there", { $or: [{ a: [{ exists: false }] }, { a: ["x"] }] }, { a: "y" }, false],
  [
    "$or inside one element",
    { a: { b: [1], $or: [{ c: [2] }, { d: [3] }] } },
    { a: [{ b: 1 }, { d: 3 }] },
    false,
  ],
  [
    "$or above an array shares its element",
    { a: { b: [1] }, $or: [{ a: { c: [2] } }, { x: [1] }] },
    { a: [{ b: 1 }, { c: 2 }] },
    false,
  ],
  [
    "$or above an array: same element",
    { a: { b: [1] }, $or: [{ a: { c: [2] } }, { x: [1] }] },
    { a: [{ b: 1, c: 2 }] },
    true,
  ],
  [
    "$or above an array: the other way",
    { a: { b: [1] }, $or: [{ a: { c: [2] } }, { x: [1] }] },
    { a: [{ b: 1 }], x: 1 },
    true,
  ],
  [
    "two $or that meet in an array",
    { $or: [{ a: { b: [1] } }, { x: [1] }], y: { $or: [{ z: [1] }, { z: [2] }] } },
    { a: { b: 1 }, y: { z: 2 } },
    true,
  ],
  [
    "a later demand on a field replaces an earlier one",
    { a: ["x"], $or: [{ a: [{ "anything-but": "x" }] }, { b: [1] }] },
    { a: "z" },
    true,
  ],
  [
    "a later demand: the alternative without it keeps the first",
    { a: ["x"], $or: [{ a: ["y"] }, { b: [1] }] },
    { a: "z", b: 1 },
    false,
  ],
  ["a value, and nothing below it", { a: [1], "a.b": [{ exists: false }] }, { a: 1 }, true],
  [
    "a value, and nothing below it: there is",
    { a: [1], "a.b": [{ exists: false }] },
    { a: [1, { b: 2 }] },
    false,
  ],
  ["no value, and something below it", { a: [{ exists: false }], "a.b": [2] }, { a: { b: 2 } }, true],
  [
    "no value, and something below it: a value",
    { a: [{ exists: false }], "a.b": [2] },
    { a: [1, { b: 2 }] },
    false,
  ],
  [
    "neither a value nor anything below it",
    { a: [{ exists: false }], "a.b": [{ exists: false }] },
    { a: { c: 1 } },
    true,
  ],
  [
    "a value or none, and nothing below it",
    { a: [{ exists: false }, 1], a2: [{ exists: false }], "a.b": [{ exists: false }] },
    { a: 1 },
    true,
  ],
  [
    "a value in the alternative, nothing below it in the object",
    { body: { c: { a: [{ exists: false }] }, $or: [{ c: ["X"] }, { b: ["Y"] }] } },
    { body: { c: "X" } },
    true,
  ],
  [
    "no value in the alternative, something below it in the object",
    {
      body: {
        $or: [{ MsgBody: [{ exists: false }] }, { From_Account: ["administrator"] }],
        MsgBody: { MsgType: ["TIMTextElem"] },
      },
    },
    { body: { From_Account: "lan", MsgBody: [{ MsgType: "TIMTextElem" }] } },
    true,
  ],
  [
    "a value in an inner array, and what is absent lies in another one",
    { a: ["X"], "a.b": [{ exists: false }] },
    { a: [["X"], [{ b: 1 }]] },
    true,
  ],
  [
    "a value in an inner array, and what is absent lies in the same one",
    { a: ["X"], "a.b": [{ exists: false }] },
    { a: [["X", { b: 1 }]] },
    false,
  ],
  [
    "a value beside an inner array lies with what is in it",
    { a: ["X"], "a.b": [1] },
    { a: ["X", [[{ b: 1 }]]] },
    true,
  ],
  [
    "a value in an inner array does not lie with what is in another one",
    { a: ["X"], "a.b": [1] },
    { a: [["X"], [{ b: 1 }]] },
    false,
  ],
  [
    "a value in an inner array does not lie with what stands outside of it",
    { a: ["X"], "a.b": [1] },
    { a: [["X"], { b: 1 }] },
    false,
  ],
  ["a dot in the event is a step", { a: { b: [1] } }, { "a.b": 1 }, true],
  ["a dot in the pattern is a step", { "a.b": [1] }, { a: { b: 1 } }, true],
  ["a dot in both", { "a.b": [1] }, { "a.b": 1 }, true],
  ["a dot, and one step more", { a: { b: [1] } }, { "a.b": { b: 1 } }, false],
  ["a dot beside an object", { a: { b: [1], c: [2] } }, { "a.b": 1, a: { c: 2 } }, true],
  ["a dot beside the same field", { a: { b: [1] } }, { "a.b": 1, a: { b: 2 } }, true],
  ["a value and a field below it", { a: [1], "a.b": [2] }, { a: [1, { b: 2 }] }, true],
  [
    "a name from every object's prototype",
    { constructor: [{ exists: false }], toString: [{ exists: false }] },
    {},
    true,
  ],
  [
    "a field named __proto__",
    { text: '{"__proto__": {"a": [1]}}' },
    { text: '{"__proto__": {"a": 1}, "x.y": 1}' },
    true,
  ],
  ["a field named __proto__ is no prototype", { a: [1] }, { text: '{"__proto__": {"a": 1}}' }, false],
  ["an empty name", { "": [1] }, { "": 1 }, true],
  ["a number with zeros behind the point", { a: [300] }, { text: '{"a": 300.0}' }, true],
  ["a number with an exponent", { text: '{"a": [3.0e2]}' }, { a: 300 }, true],
  ["a large number", { text: '{"a": [144115200000000001]}' }, { text: '{"a": 144115200000000001}' }, true],
  [
    "a neighbour of a large number",
    { text: '{"a": [144115200000000000]}' },
    { text: '{"a": 144115200000000001}' },
    false,
  ],
  [
    "a neighbour of a large number, the other way",
    { text: '{"a": [144115200000000001]}' },
    { text: '{"a": 144115200000000000}' },
    false,
  ],
  [
    "anything but a large number",
    { text: '{"a": [{"anything-but": 144115200000000001}]}' },
    { text: '{"a": 144115200000000002}' },
    true,
  ],
  [
    "a large number written otherwise",
    { text: '{"a": [144115200000000001]}' },
    { text: '{"a": 144115200000000001.0}' },
    true,
  ],
  [
    "more digits than a double has",
    { text: '{"a": [0.12345678901234567]}' },
    { text: '{"a": 0.12345678901234568}' },
    false,
  ],
  ["a number over all doubles", { a: [{ numeric: [">", 0] }] }, { text: '{"a": 1e999}' }, true],
  ["a number below all doubles", { a: [{ numeric: ["<", 0] }] }, { text: '{"a": -1e999}' }, true],
  ["a number too small for a double", { a: [{ numeric: ["=", 0] }] }, { text: '{"a": 1e-999}' }, false],
  [
    "a large number in an array of objects",
    { text: '{"a": {"b": [9007199254740993]}}' },
    { text: '{"a": [{"b": 9007199254740992}, {"b": 9007199254740993}]}' },
    true,
  ],
];

for (const [name, pattern, event, expected] of whole) {
  test(`${name}: ${expected ? "fits" : "does not fit"}`, () => {
    check(pattern, event, expected);
    // The same below an array of one element, and under a field.
    check({ outer: json(pattern) }, { outer: [json(event)] }, expected);
  });
}

const list = (condition: Json) => ({ a: [condition] });

function nestedPattern(levels: number): Json {
  return Array.from({ length: levels }).reduce<Json>((inner) => ({ a: inner }), [1]);
}

/** Patterns that EventBridge refuses, with the path of the mistake and a part of the sentence. */
const refused: [pattern: Given, path: string, because: RegExp][] = [
  [[1, 2, 3], "", /object/],
  ["text", "", /object/],
  [null, "", /object/],
  [{}, "", /empty/],
  [{ a: {} }, "a", /empty/],
  [{ a: { b: {} } }, "a.b", /empty/],
  [{ a: [] }, "a", /empty/],
  [{ a: 1 }, "a", /\[1\]/],
  [{ a: "x" }, "a", /\["…"\]/],
  [{ a: null }, "a", /\[null\]/],
  [{ a: true }, "a", /\[true\]/],
  [{ a: { b: "x" } }, "a.b", /\["…"\]/],
  [{ a: [[]] }, "a[0]", /text, a number/],
  [{ a: ["x", ["y"]] }, "a[1]", /operator/],
  [{ a: [{}] }, "a[0]", /operator/],
  [{ a: [{ prefix: "x", suffix: "y" }] }, "a[0]", /one operator/],
  [{ a: ["x", { prefx: "y" }] }, "a[1]", /^prefx: .*prefix/],
  [{ a: [{ PREFIX: "y" }] }, "a[0]", /PREFIX/],
  [{ a: [{ "anything-but": "x", foo: [] }] }, "a[0]", /one operator/],
  [{ a: [{ constructor: "y" }] }, "a[0]", /constructor/],
  [{ a: [{ prefix: 3 }] }, "a[0]", /prefix: expected a text/],
  [{ a: [{ prefix: ["x"] }] }, "a[0]", /text/],
  [{ a: [{ prefix: null }] }, "a[0]", /text/],
  [{ a: [{ prefix: { "equals-ignore-case": 5 } }] }, "a[0]", /text/],
  [{ a: [{ prefix: { "equals-ignore-case": ["x"] } }] }, "a[0]", /text/],
  [{ a: [{ prefix: { wildcard: "x*" } }] }, "a[0]", /equals-ignore-case/],
  [{ a: [{ prefix: { "equals-ignore-case": "x", y: 1 } }] }, "a[0]", /one operator/],
  [{ a: [{ prefix: {} }] }, "a[0]", /equals-ignore-case/],
  [{ a: [{ suffix: 3 }] }, "a[0]", /text/],
  [{ a: [{ suffix: [".png"] }] }, "a[0]", /text/],
  [{ a: [{ suffix: { prefix: "x" } }] }, "a[0]", /equals-ignore-case/],
  [{ a: [{ suffix: { "equals-ignore-case": 5 } }] }, "a[0]", /text/],
  [{ a: [{ "equals-ignore-case": 5 }] }, "a[0]", /text/],
  [{ a: [{ "equals-ignore-case": ["x"] }] }, "a[0]", /text/],
  [{ a: [{ "equals-ignore-case": { prefix: "x" } }] }, "a[0]", /text/],
  [{ a: [{ wildcard: 5 }] }, "a[0]", /text/],
  [{ a: [{ wildcard: ["a*"] }] }, "a[0]", /text/],
  [{ a: [{ wildcard: "a**b" }] }, "a[0]", /two \* in a row \(character 2\)/],
  [{ a: [{ wildcard: "***" }] }, "a[0]", /in a row/],
  [{ a: [{ wildcard: "a\\b" }] }, "a[0]", /is not before \* or \\ \(character 2\)/],
  [{ a: [{ wildcard: "a\\" }] }, "a[0]", /is not before/],
  [{ a: [{ numeric: 5 }] }, "a[0]", /numeric: expected a list/],
  [{ a: [{ numeric: [] }] }, "a[0]", /list/],
  [{ a: [{ numeric: ["="] }] }, "a[0]", /list/],
  [{ a: [{ numeric: [">", 0, "<"] }] }, "a[0]", /list/],
  [{ a: [{ numeric: [">", 0, "<", 1, false] }] }, "a[0]", /list/],
  [{ a: [{ numeric: [5, "="] }] }, "a[0]", /numeric\[0\]/],
  [{ a: [{ numeric: ["==", 5] }] }, "a[0]", /numeric\[0\].*<=/],
  [{ a: [{ numeric: ["<>", 5] }] }, "a[0]", /numeric\[0\]/],
  [{ a: [{ numeric: ["=", "5"] }] }, "a[0]", /numeric\[1\]: expected a number/],
  [{ a: [{ numeric: ["=", true] }] }, "a[0]", /number/],
  [{ a: [{ numeric: ["=", null] }] }, "a[0]", /number/],
  [{ a: [{ numeric: ["=", 5000000001] }] }, "a[0]", /5e9/],
  [{ a: [{ numeric: [">", -5000000000.1] }] }, "a[0]", /5e9/],
  [{ text: '{"a": [{"numeric": ["=", 2.0e422]}]}' }, "a[0]", /5e9/],
  [{ text: '{"a": [{"numeric": ["=", 5000000000.00000000001]}]}' }, "a[0]", /5e9/],
  [{ a: [{ numeric: [">", 0, ">", 5] }] }, "a[0]", /numeric\[2\]/],
  [{ a: [{ numeric: [">", 0, "=", 5] }] }, "a[0]", /numeric\[2\]/],
  [{ a: [{ numeric: ["<", 5, ">", 0] }] }, "a[0]", /numeric\[0\].*lower/],
  [{ a: [{ numeric: ["=", 5, "<", 6] }] }, "a[0]", /numeric\[0\]/],
  [{ a: [{ numeric: [">", 30, "<", 1] }] }, "a[0]", /below/],
  [{ a: [{ numeric: [">", 1, "<", 1] }] }, "a[0]", /below/],
  [{ a: [{ numeric: [">=", 1, "<=", 1] }] }, "a[0]", /below/],
  [{ a: [{ numeric: [">", 0, "<", "5"] }] }, "a[0]", /numeric\[3\]/],
  [{ a: [{ exists: "true" }] }, "a[0]", /true or false/],
  [{ a: [{ exists: 1 }] }, "a[0]", /true or false/],
  [{ a: [{ exists: null }] }, "a[0]", /true or false/],
  [{ a: [{ exists: true, x: 1 }] }, "a[0]", /one operator/],
  [{ a: [{ cidr: "203.0.113.7" }] }, "a[0]", /range/],
  [{ a: [{ cidr: "203.0.113.0/33" }] }, "a[0]", /range/],
  [{ a: [{ cidr: "203.0.113.0/x" }] }, "a[0]", /range/],
  [{ a: [{ cidr: "bad-/64filter" }] }, "a[0]", /range/],
  [{ a: [{ cidr: "xx.11.xx/8" }] }, "a[0]", /range/],
  [{ a: [{ cidr: "xxxx:db8:1234:1a00::/64" }] }, "a[0]", /range/],
  [{ a: [{ cidr: "2001:db8::/129" }] }, "a[0]", /range/],
  [{ a: [{ cidr: ["203.0.113.0/24"] }] }, "a[0]", /text/],
  [list({ "anything-but": null }), "a[0]", /text or a number/],
  [list({ "anything-but": true }), "a[0]", /text or a number/],
  [list({ "anything-but": [] }), "a[0]", /empty/],
  [list({ "anything-but": ["x", 1] }), "a[0]", /only texts or only numbers/],
  [list({ "anything-but": [null] }), "a[0]", /text or a number/],
  [list({ "anything-but": [["x"]] }), "a[0]", /text or a number/],
  [list({ "anything-but": [{ prefix: "x" }] }), "a[0]", /text or a number/],
  [list({ "anything-but": {} }), "a[0]", /operator/],
  [list({ "anything-but": { exists: false } }), "a[0]", /exists/],
  [list({ "anything-but": { numeric: ["=", 1] } }), "a[0]", /numeric/],
  [list({ "anything-but": { cidr: "203.0.113.0/24" } }), "a[0]", /cidr/],
  [list({ "anything-but": { prefix: "x", suffix: "y" } }), "a[0]", /one operator/],
  [list({ "anything-but": { prefix: "" } }), "a[0]", /empty/],
  [list({ "anything-but": { suffix: "" } }), "a[0]", /empty/],
  [list({ "anything-but": { prefix: ["x", ""] } }), "a[0]", /prefix\[1\]: is empty/],
  [list({ "anything-but": { prefix: [] } }), "a[0]", /empty/],
  [list({ "anything-but": { prefix: 5 } }), "a[0]", /text/],
  [list({ "anything-but": { prefix: [1, "x"] } }), "a[0]", /prefix\[0\]: expected a text/],
  [list({ "anything-but": { prefix: { "equals-ignore-case": "x" } } }), "a[0]", /text/],
  [list({ "anything-but": { suffix: { "equals-ignore-case": "x" } } }), "a[0]", /text/],
  [list({ "anything-but": { suffix: 5 } }), "a[0]", /text/],
  [list({ "anything-but": { "equals-ignore-case": 5 } }), "a[0]", /text/],
  [list({ "anything-but": { "equals-ignore-case": [1, "x"] } }), "a[0]", /text/],
  [list({ "anything-but": { wildcard: 5 } }), "a[0]", /text/],
  [list({ "anything-but": { wildcard: "a**" } }), "a[0]", /in a row/],
  [list({ "anything-but": { wildcard: ["ok", "a\\"] } }), "a[0]", /wildcard\[1\]/],
  [{ $or: {} }, "$or", /two objects/],
  [{ $or: { a: [1] } }, "$or", /two objects/],
  [{ $or: [] }, "$or", /two objects/],
  [{ $or: [{ a: [1] }] }, "$or", /two objects/],
  [{ $or: [{ a: [1] }, []] }, "$or[1]", /object/],
  [{ $or: [{ a: [1] }, "x"] }, "$or[1]", /object/],
  [{ $or: [{ a: [1] }, {}] }, "$or[1]", /empty/],
  [{ $or: [{ a: [1] }, { b: [] }] }, "$or[1].b", /empty/],
  [{ $or: [{ a: [1] }, { prefix: ["x"] }] }, "$or[1].prefix", /operator/],
  [{ $or: [{ a: [1] }, { b: { numeric: [1] } }] }, "$or[1].b.numeric", /operator/],
  [{ $or: [{ a: [1] }, { ">": [1] }] }, "$or[1].>", /operator/],
  [{ d: { $or: [{ a: [1] }, { $or: [{ b: [1] }] }] } }, "d.$or[1].$or", /two objects/],
  [{ "a.b": { "c d": 1 } }, '["a.b"]["c d"]', /\[1\]/],
  [{ a: { b: [1] }, "a.b": [2] }, '["a.b"]', /the same field as a\.b/],
  [{ $or: [{ x: [1] }, { "a.b": [1], a: { b: [2] } }] }, "$or[1].a.b", /the same field/],
  [nestedPattern(101), "", /100 levels/],
  [{ [Array(101).fill("a").join(".")]: [1] }, `["${Array(101).fill("a").join(".")}"]`, /100 levels/],
];

for (const [pattern, path, because] of refused) {
  test(`${JSON.stringify(pattern)} is refused at ${path || "its top"}`, () => {
    const mistakes: [string, string][] = [];
    const compiled = compilePattern(
      json(pattern),
      pathAt("", (where, message) => mistakes.push([where, message])),
    );
    assert.equal(compiled, undefined);
    assert.deepEqual(
      mistakes.map(([where]) => where),
      [path],
    );
    assert.match(mistakes[0]![1], because);
  });
}

test("every mistake of a pattern is named, in its order", () => {
  const paths: string[] = [];
  const pattern = {
    a: [{ prefx: 1 }, { exists: 5 }, "fine"],
    b: 1,
    $or: [{ c: [] }, { d: {} }],
    e: [{ "anything-but": [{}, []] }],
  };
  compilePattern(
    pattern,
    pathAt("FORWARD_RULES[1].match", (path) => paths.push(path)),
  );
  assert.deepEqual(paths, [
    "FORWARD_RULES[1].match.a[0]",
    "FORWARD_RULES[1].match.a[1]",
    "FORWARD_RULES[1].match.b",
    "FORWARD_RULES[1].match.$or[0].c",
    "FORWARD_RULES[1].match.$or[1].d",
    "FORWARD_RULES[1].match.e[0]",
    "FORWARD_RULES[1].match.e[0]",
  ]);
});

test("a thousand combinations are accepted, more are refused", () => {
  const choices = (count: number) => Array.from({ length: count }, (_, index) => ({ [`f${index}`]: [1] }));
  const mistakes: string[] = [];
  const path = pathAt("match", (path, message) => mistakes.push(`${path}: ${message}`));
  const thousand = { $or: choices(10), b: { $or: choices(10) }, c: { d: { $or: choices(10) } } };
  assert.ok(compilePattern(thousand, path)?.matches({ f9: 1, b: { f0: 1 }, c: { d: { f5: 1 } } }));
  assert.deepEqual(mistakes, []);
  assert.equal(compilePattern({ ...thousand, e: { $or: choices(2) } }, path), undefined);
  assert.match(mistakes[0]!, /^match: .*1000/);
});

test("256 fields are accepted, more are refused at once", () => {
  const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, [n]]));
  const mistakes: string[] = [];
  const path = pathAt("match", (path, message) => mistakes.push(`${path}: ${message}`));
  assert.ok(
    compilePattern(wide(256), path)?.matches(
      Object.fromEntries(Object.keys(wide(256)).map((f, n) => [f, n])),
    ),
  );
  assert.deepEqual(mistakes, []);
  const start = cpuTime();
  assert.equal(compilePattern(wide(257), path), undefined);
  assert.equal(compilePattern({ $or: [wide(200), { body: wide(200_000) }] }, path), undefined);
  assert.ok(cpuTime() - start < 3_000);
  for (const mistake of mistakes) assert.match(mistake, /^match: .*256 fields/);
});

test("explain names the field, its value and the expected value", () => {
  const cases: [pattern: Json, event: JsonObject, field: string, found: string, expected: string][] = [
    [
      { body: { Type: ["Community"] } },
      { body: { Type: "Private" } },
      "body.Type",
      '"Private"',
      '"Community"',
    ],
    [{ a: ["x", { prefix: "y" }] }, { b: 1 }, "a", "absent", '"x" or a text that begins with "y"'],
    [{ a: [{ exists: false }] }, { a: 1 }, "a", "1", "absent"],
    [{ a: [{ exists: true }] }, {}, "a", "absent", "there"],
    [{ a: [{ "anything-but": ["x", "y"] }] }, { a: "y" }, "a", '"y"', 'anything but "x" or "y"'],
    [{ a: [{ numeric: [">", 0, "<=", 5] }] }, { a: 7 }, "a", "7", "a number > 0 and <= 5"],
    [
      { a: [{ cidr: "203.0.113.0/24" }] },
      { a: "10.0.0.1" },
      "a",
      '"10.0.0.1"',
      "an address in 203.0.113.0/24",
    ],
    [{ a: [{ wildcard: "*http*" }] }, { a: ["x", "y"] }, "a", '"x", "y"', 'a text like "*http*"'],
    [{ a: [1] }, { a: [1, 2, 3, 4, 5, 6, 7].map((n) => n + 1) }, "a", "2, 3, 4, 5, 6, …", "1"],
    [{ a: [1], b: [2] }, { a: 1, b: 3 }, "b", "3", "2"],
    [{ a: { b: [1] } }, { a: [{ b: 2 }, { b: 3 }] }, "a.b", "2, 3", "1"],
    [
      { a: { b: [1], c: [2] } },
      { a: [{ b: 1 }, { c: 2 }] },
      "a",
      "2 elements",
      "one element in which a.b is 1 and a.c is 2",
    ],
    [{ $or: [{ a: [1] }, { b: [2] }] }, { a: 3, b: 4 }, "a or b", "3 or 4", "1 or 2"],
    [{ c: [3], $or: [{ a: [1] }, { b: [2] }] }, { a: 1, c: 0 }, "c", "0", "3"],
  ];
  for (const [pattern, event, field, found, expected] of cases) {
    assert.deepEqual(compile(pattern).explain(event), { field, found, expected }, JSON.stringify(pattern));
  }
});

test("explain cuts long values short", () => {
  const failure = compile({ a: ["x"] }).explain({ a: "y".repeat(1000) });
  assert.ok(failure!.found.length <= 60);
});

test("sentence describes a pattern", () => {
  const pattern = {
    body: { Type: ["Community", "Public"], $or: [{ a: [1] }, { b: [{ exists: false }], c: [null] }] },
  };
  assert.equal(
    compile(pattern).sentence,
    'body.Type is "Community" or "Public" and (body.a is 1 or body.b is absent and body.c is null)',
  );
});

test("a pattern may be as deep as the limit", () => {
  const levels = 99;
  const event = Array.from({ length: levels }).reduce<Json>((inner) => ({ a: inner }), 1) as JsonObject;
  check(nestedPattern(levels), event, true);
  check({ [Array(100).fill("a").join(".")]: [{ exists: false }] }, event, true);
});

test("many names with many dots cost no more than other fields", () => {
  const long = Array(100_000).fill("a").join(".");
  assert.equal(compile({ a: { b: [1] } }).matches({ [`${long}.x`]: 1, [`${long}.y`]: 2, "a.b": 1 }), true);
  const deep = parseJson(`{"a.a": ${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`) as JsonObject;
  assert.equal(compile({ a: { b: [1] } }).matches({ ...deep, a: deep, "a.b": 1 }), true);

  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`a.x${n}`, n]));
  const start = cpuTime();
  assert.equal(compile({ a: { x99999: [99_999] } }).matches(many), true);
  assert.ok(cpuTime() - start < 5_000);
});

test("a value in the innermost of many arrays, with an absent field inside it, is found in linear time", () => {
  const depth = 50_000;
  const given = parseJson(`{"a":${'["X",'.repeat(depth)}{"b":1}${"]".repeat(depth)}}`) as JsonObject;
  const start = cpuTime();
  assert.equal(compile({ a: ["X"], "a.b": [{ exists: false }] }).matches(given), false);
  assert.equal(compile({ a: ["X"], "a.b": [1] }).matches(given), true);
  assert.ok(cpuTime() - start < 5_000);
});

test("the deepest nesting of a body does not overflow the stack", () => {
  const depth = 200_000;
  const nested = (inner: string) =>
    parseJson(`{"a":${"[".repeat(depth)}${inner}${"]".repeat(depth)}}`) as JsonObject;
  assert.equal(compile({ a: [1] }).matches(nested("1")), true);
  assert.equal(compile({ a: { b: [1] } }).matches(nested('{"b":2}')), false);
  assert.equal(compile({ a: [1] }).matches(nested("144115200000000001")), false);
});
