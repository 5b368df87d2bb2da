import assert from "node:assert/strict";
import { test } from "node:test";
import { readFieldPath, valueAt } from "../../src/rule/field-path.ts";
import { type JsonObject, parseJson } from "../../src/rule/json.ts";
import { countedValue } from "../../src/rule/limit.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { eventWith } from "../delivery/sample.ts";

const body =
  '{"From_Account":"lan","Random":144115200000000001,"a.b":{"c":1},"List":[{"a b":"x"},[7]],"Null":null,"Empty":""}';

test("a path leads by names and by places in lists to one value", () => {
  const view = { app: "1400000000", body: parseJson(body) } satisfies JsonObject;
  const at = (path: string) => {
    const read = readFieldPath(path);
    assert.ok(typeof read !== "string", path);
    return valueAt(read, view);
  };
  assert.deepEqual(
    ["app", "body.From_Account", "body.a.b.c", 'body.List[0]["a b"]', "body.List[1][0]"].map(at),
    ["1400000000", "lan", 1, "x", 7],
  );
  for (const path of [
    "body.Nobody",
    "body.List.a",
    "body.List[2]",
    "body.From_Account[0]",
    "body.From_Account.x",
  ])
    assert.equal(at(path), undefined, path);
});

const { rules } = parseRules(
  [
    {
      name: "FORWARD_RULES",
      value: [{ name: "fast", answer: {}, limit: { by: "body.X", count: 1, seconds: 1 } }],
    },
  ],
  {
    secret: () => undefined,
    privateNetworks: false,
    local: false,
    retentionMs: 1,
    bindingProblem: () => null,
  },
);
const [rule] = rules;

function counted(by: string, text = body): string | undefined {
  const path = readFieldPath(by);
  assert.ok(typeof path !== "string");
  return countedValue({ by, path, count: 1, seconds: 1 }, eventWith({ body: text, clientIp: null }));
}

test("an event counts for the value of the field, exactly as it is written", () => {
  assert.deepEqual(
    ["body.From_Account", "body.Random", "body.Empty", "body.List[1]"].map((by) => counted(by)),
    ['"lan"', "144115200000000001", '""', "[7]"],
  );
});

test("an event without the field, or with null in it, counts for nothing, and the rule does not match it", () => {
  for (const by of ["body.Nobody", "body.Null", "clientIp"]) assert.equal(counted(by), undefined, by);
  assert.equal(counted("body.From_Account", "no JSON"), undefined);
  assert.equal(rule!.matches(eventWith({ body: '{"X":1}' })), true);
  assert.equal(rule!.explain(eventWith({ body: '{"X":1}' })), null);
  assert.equal(rule!.matches(eventWith({ body: "{}" })), false);
  assert.deepEqual(rule!.explain(eventWith({ body: "{}" })), {
    field: "body.X",
    found: "absent",
    expected: "present, as the limit counts by it",
  });
});
