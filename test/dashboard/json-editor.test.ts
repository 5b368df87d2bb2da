/** The editor of the playground: places, mistakes and completion in JSON text. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { completionsAt, descriptionAt } from "../../src/dashboard/json-editor/completion.ts";
import { laidOut, minified } from "../../src/dashboard/json-editor/layout.ts";
import { check, type Mistake } from "../../src/dashboard/json-editor/mistakes.ts";
import { spanAt } from "../../src/dashboard/json-editor/place.ts";
import type { Schema } from "../../src/dashboard/json-editor/schema.ts";

const schema: Schema = JSON.parse(
  readFileSync(new URL("../../docs/rules.schema.json", import.meta.url), "utf8"),
);

const rules = `[
  { "name": "one", "url": "https://a.example.com/" },
  {
    "name": "two",
    "ask": "https://b.example.com/",
    "match": {
      "body": { "Type": [{ "prefix": "Pub" }], "a.b": ["x"] }
    }
  }
]`;

function marked(path: string, text = rules) {
  const span = spanAt(text, check(text).root, "rules", path);
  return span && text.slice(span.from, span.to);
}

test("a path of the gateway leads to its value in the text", () => {
  assert.equal(marked("rules[0].url"), '"https://a.example.com/"');
  assert.equal(marked("rules[1].match.body.Type[0].prefix"), '"Pub"');
  assert.equal(marked('rules[1].match.body["a.b"][0]'), '"x"');
});

test("a list or an object is marked by its key, and without one by its first line", () => {
  assert.equal(marked("rules[1].match.body"), '"body"');
  assert.equal(marked("rules[1].match.body.Type[0]"), '{ "prefix": "Pub" }');
  assert.equal(marked("rules[1]"), "{");
});

test("a missing value is marked at the value that it is missing in", () => {
  assert.equal(marked("rules[1].match.body.Tpye[3].prefix"), '"body"');
  assert.equal(marked("rules[0].name.further"), '"one"');
  assert.equal(marked("rules"), "[");
});

test("a path of another text leads nowhere", () => {
  assert.equal(marked("event.command"), null);
  assert.equal(spanAt("", check("").root, "rules", "rules[0]"), null);
});

function mistakes(text: string, against: Schema | null = schema) {
  return check(text, against ?? undefined).mistakes.map(({ from, to, ...mistake }: Mistake) => ({
    ...mistake,
    at: text.slice(from, to),
  }));
}

test("right rules have no mistake, nor have those of the documentation", () => {
  assert.deepEqual(mistakes(rules), []);
  const documentation = readFileSync(new URL("../../docs/rules.md", import.meta.url), "utf8");
  const blocks = [...documentation.matchAll(/```json rule\n([\s\S]*?)```/g)].map(([, text]) => text!);
  assert.ok(blocks.length > 10);
  for (const block of blocks) assert.deepEqual(mistakes(`[${block}]`), []);
});

test("text that is no JSON is marked where it goes wrong", () => {
  assert.deepEqual(mistakes('[{ "name": "a" "url": "b" }]'), [
    { kind: "syntax", code: "CommaExpected", at: '"url"' },
  ]);
  assert.equal(mistakes("[{]")[0]?.kind, "syntax");
  assert.equal(mistakes('[ // two\n "a"]')[0]?.kind, "syntax");
  assert.equal(mistakes("")[0]?.kind, "syntax");
});

test("a key given twice is marked where it is repeated", () => {
  const text = '{ "a": 1, "b": { "c": 1, "c": 2 } }';
  assert.deepEqual(mistakes(text, null), [{ kind: "repeated", key: "c", at: '"c"' }]);
  assert.equal(check(text).mistakes[0]?.from, text.lastIndexOf('"c"'));
});

test("an unknown key is marked, with the nearest that the rule may have", () => {
  assert.deepEqual(
    mistakes('[{ "name": "a", "ask": "https://b", "deadlinMs": 5, "match": { "bdy": [1] } }]'),
    [
      { kind: "unknown", key: "deadlinMs", nearest: "deadlineMs", at: '"deadlinMs"' },
      { kind: "unknown", key: "bdy", nearest: "body", at: '"bdy"' },
    ],
  );
  assert.deepEqual(
    mistakes('[{ "name": "a", "url": "https://b", "match": { "body": { "T": [{ "prefx": "a" }] } } }]'),
    [{ kind: "unknown", key: "prefx", nearest: "prefix", at: '"prefx"' }],
  );
});

test("a value of another type, and one that is no choice, is marked", () => {
  const rule = (more: string) => `[{ "name": "a", "url": "https://b", ${more} }]`;
  assert.deepEqual(mistakes(rule('"retry": "5s"')), [{ kind: "type", types: ["array"], at: '"5s"' }]);
  assert.deepEqual(mistakes(rule('"order": "group"')), [
    { kind: "choice", choices: ["none", "conversation"], at: '"group"' },
  ]);
  assert.deepEqual(mistakes('{ "name": "a" }'), [{ kind: "type", types: ["array"], at: '{ "name": "a" }' }]);
});

/** Completes at `|`. */
function offered(typed: string, suggestions?: Parameters<typeof completionsAt>[3]) {
  const offset = typed.indexOf("|");
  return completionsAt(typed.replace("|", ""), offset, schema, suggestions)?.options ?? [];
}

const labels = (typed: string, suggestions?: Parameters<typeof completionsAt>[3]) =>
  offered(typed, suggestions).map(({ label }) => label);

test("keys of a rule are those of its kind that it has not yet", () => {
  const keys = labels('[{ "name": "a", "ask": "https://b", "|" }]');
  assert.ok(keys.includes('"deadlineMs"') && keys.includes('"shadow"'), String(keys));
  for (const other of ['"name"', '"ask"', '"url"', '"retry"']) assert.ok(!keys.includes(other), other);
  const all = labels("[{ | }]");
  for (const kind of ['"url"', '"ask"', '"answer"', '"match"']) assert.ok(all.includes(kind), kind);
});

test("keys of a pattern are the parts of an event, and operators within a list", () => {
  assert.ok(labels('[{ "match": { "|" } }]').includes('"clientIp"'));
  const operators = labels('[{ "match": { "body": { "Type": [{ "|" }] } } }]');
  for (const operator of ['"prefix"', '"anything-but"', '"exists"']) assert.ok(operators.includes(operator));
});

test("values are choices, booleans and durations", () => {
  assert.deepEqual(labels('[{ "url": "https://b", "order": | }]'), ['"none"', '"conversation"']);
  assert.deepEqual(labels('[{ "url": "https://b", "enabled": t| }]'), ["true", "false"]);
  assert.ok(labels('[{ "url": "https://b", "retry": ["|"] }]').includes('"5m"'));
  assert.ok(labels('[{ "match": { "body": { "T": [{ "exists": | }] } } }]').includes("false"));
});

test("an accepted key brings its value's frame, with the caret within", () => {
  const one = (typed: string, label: string) => {
    const { insert, caret } = offered(typed).find((option) => option.label === label)!;
    return `${insert.slice(0, caret)}|${insert.slice(caret)}`;
  };
  assert.equal(one('[{ "|" }]', '"url"'), '"url": "|"');
  assert.equal(one('[{ "|" }]', '"match"'), '"match": { | }');
  assert.equal(one('[{ "url": "u", | }]', '"retry"'), '"retry": [|]');
  assert.equal(one('[{ "url": "u", | }]', '"timeoutMs"'), '"timeoutMs": 10000|');
  assert.equal(one('[{ "|": 5 }]', '"url"'), '"url"|');
  assert.equal(one('[{ | "name": "a" }]', '"url"'), '"url": "|",');
});

test("a key or value that is being typed is replaced whole", () => {
  const typed = '[{ "url": "https://b", "order": "con|v" }]';
  const { from, to } = completionsAt(typed.replace("|", ""), typed.indexOf("|"), schema)!;
  assert.equal(typed.replace("|", "").slice(from, to), '"conv"');
});

test("suggestions from an event and the catalogue come first", () => {
  const suggestions = {
    keys: () => [{ value: "GroupId", info: "@TGS#1" }],
    values: () => [
      { value: "Group.*", info: "all" },
      { value: 144115200000000001n, info: null },
    ],
    isObject: () => false,
  };
  const [first] = offered('[{ "match": { "body": { "|" } } }]', suggestions);
  assert.deepEqual([first?.label, first?.info], ['"GroupId"', "@TGS#1"]);
  assert.deepEqual(labels('[{ "on": "|" }]', suggestions).slice(0, 2), ['"Group.*"', "144115200000000001"]);
  assert.ok(!labels('[{ "|" }]', suggestions).includes('"GroupId"'), "a rule has no other keys");
});

test("nothing is offered behind a value that is complete", () => {
  assert.deepEqual(labels('[{ "url": "https://b" | }]'), []);
});

test("a key has the sentence of the schema", () => {
  const text = '[{ "name": "a", "ask": "b", "deadlineMs": 5 }]';
  const told = descriptionAt(text, text.indexOf("lineMs"), schema)!;
  assert.equal(text.slice(told.from, told.to), '"deadlineMs"');
  assert.match(told.sentence, /how long/i);
  assert.equal(descriptionAt(text, text.indexOf("5"), schema), null);
});

test("rules are laid out as a person would, and in one line without spaces", () => {
  const value = [
    { name: "one", url: "https://a.example.com/", retry: ["5s"] },
    {
      name: "two",
      answer: {},
      match: { body: { Id: [144115200000000001n], Text: [{ wildcard: "*".repeat(60) }] } },
    },
  ];
  const text = laidOut(value);
  assert.deepEqual(text.split("\n").slice(0, 3), [
    "[",
    '  { "name": "one", "url": "https://a.example.com/", "retry": ["5s"] },',
    "  {",
  ]);
  assert.match(text, /144115200000000001/);
  assert.doesNotMatch(minified(value), /\s/);
  assert.deepEqual(JSON.parse(minified(value)), JSON.parse(text));
});
