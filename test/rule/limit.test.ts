import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldTexts, readFieldPath } from "../../src/rule/field-path.ts";
import { countedValue, textAt } from "../../src/rule/limit.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { eventWith } from "../delivery/sample.ts";

const body =
  '{"From_Account":"lan","Random":144115200000000001,"a.b":{"c":1},"List":[{"a b":"x"},[7]],"Null":null,"Empty":""}';

test("a path leads by names and by places in lists to one value", () => {
  const at = (path: string) => {
    const read = readFieldPath(path);
    assert.ok(typeof read !== "string", path);
    return fieldTexts([read])(eventWith({ body }))[0];
  };
  for (const [path, text] of [
    ["app", '"1400000000"'],
    ["body.From_Account", '"lan"'],
    ["body.a.b.c", "1"],
    ['body["a.b"].c', "1"],
    ['body["a.b.c"]', "1"],
    ['body.List[0]["a b"]', '"x"'],
    ['body.List["a b"]', '"x"'],
    ["body.List[1][0]", "7"],
  ] as const)
    assert.equal(at(path), text, path);
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
  return countedValue(
    { by, textOf: textAt(path), count: 1, seconds: 1 },
    eventWith({ body: text, clientIp: null }),
  );
}

test("an event counts for the value of the field, exactly as it is written", () => {
  assert.deepEqual(
    ["body.From_Account", "body.Random", "body.Empty", "body.List[1]"].map((by) => counted(by)),
    ['"lan"', "144115200000000001", '""', "[7]"],
  );
});

test("a value counts as the same in whatever way it is written", () => {
  assert.equal(counted("body.X", '{"X":"l\\u0061n"}'), counted("body.X", '{"X":"lan"}'));
  assert.equal(counted("body.X", '{"X":{ "a" : 1 }}'), counted("body.X", '{"X":{"a":1}}'));
});

test("a path through a list counts the first value that it leads to", () => {
  const messages =
    '{"MsgBody":[{"MsgType":null},{"No":1},{"MsgType":"TIMTextElem"},{"MsgType":"TIMFaceElem"}]}';
  assert.equal(counted("body.MsgBody.MsgType", messages), '"TIMTextElem"');
  assert.equal(counted("body.MsgBody[3].MsgType", messages), '"TIMFaceElem"');
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
