import assert from "node:assert/strict";
import { test } from "node:test";
import { maskedText } from "../../src/callback/mask.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { readRedaction } from "../../src/rule/read-redaction.ts";

const texts = { on: "*.CallbackAfterSendMsg", paths: ["MsgBody.MsgContent.Text"] };

test("without the setting, or with an empty list, nothing is masked", () => {
  for (const given of [[], "", " [] "])
    assert.deepEqual(readRedaction(given), { redaction: null, mistakes: [], warnings: [] });
});

test("the masks of a command are those of all entries whose on fits it", () => {
  const second = { on: ["Group.CallbackAfterSendMsg", "C2C.*"], paths: "CloudCustomData" };
  for (const given of [[texts, second], JSON.stringify([texts, second])]) {
    const { redaction, mistakes, warnings } = readRedaction(given);
    assert.deepEqual({ mistakes, warnings }, { mistakes: [], warnings: [] });
    const body = '{"CloudCustomData":"x","MsgBody":[{"MsgContent":{"Text":"y"}}]}';
    const masked = (command: string) => {
      const masks = redaction!.masksOf(command);
      return masks && maskedText(body, masks).text;
    };
    assert.equal(masked("Group.CallbackAfterSendMsg"), body.replace('"x"', '"***"').replace('"y"', '"***"'));
    assert.equal(masked("C2C.CallbackBeforeSendMsg"), body.replace('"x"', '"***"'));
    assert.equal(masked("Tea.CallbackAfterSendMsg"), body.replace('"y"', '"***"'));
    assert.equal(masked("State.StateChange"), null);
  }
});

test("a mistake is named by its path, and quotes no value", () => {
  const cases: [given: unknown, mistake: string | RegExp][] = [
    ["[{]", "REDACT: is not JSON (see character 3)"],
    ['[{"on":"*","paths":["a"],"on":"C2C.*"}]', "REDACT[0].on: is given twice"],
    [{}, "REDACT: expected a list of objects with on and paths, got an object"],
    [5, "REDACT: expected a list of objects with on and paths, got 5"],
    [["x"], "REDACT[0]: expected an object with on and paths, got a text"],
    [[{ ...texts, path: "x" }], "REDACT[0].path: is not a key: did you mean paths?"],
    [[{ paths: ["MsgBody"] }], "REDACT[0].on: is missing"],
    [[{ on: "*" }], "REDACT[0].paths: is missing"],
    [[{ on: "*", paths: [] }], "REDACT[0].paths: is an empty list"],
    [[{ on: [], paths: ["MsgBody"] }], "REDACT[0].on: is an empty list"],
    [[{ on: "*", paths: [7] }], "REDACT[0].paths[0]: expected a text, got 7"],
    [
      [{ ...texts, on: "Group.CallbackAfterSendMessage" }],
      "REDACT[0].on[0]: fits no command that is known: did you mean Group.CallbackAfterSendMsg? For unknown commands write *",
    ],
    ...["MsgBody[0].MsgContent", "MsgBody..Text", ".MsgBody", "", "a b"].map((path): [unknown, RegExp] => [
      [{ on: "*", paths: [path] }],
      /^REDACT\[0\]\.paths\[0\]: expected /,
    ]),
    [
      [{ on: "*", paths: ["CallbackCommand"] }],
      "REDACT[0].paths[0]: names the command, which cannot be masked",
    ],
  ];
  for (const [given, mistake] of cases) {
    const { mistakes } = readRedaction(given);
    if (typeof mistake === "string") assert.deepEqual(mistakes, [mistake]);
    else assert.match(mistakes.join("\n"), mistake);
  }
});

test("a path that no command is documented to have is a warning with the nearest one, and masks all the same", () => {
  const given = [{ on: "*.CallbackAfterSendMsg", paths: ["MsgBody.MsgContent.Txet", "Secret"] }];
  const { redaction, mistakes, warnings } = readRedaction(given);
  assert.deepEqual(mistakes, []);
  assert.equal(
    warnings[0],
    "REDACT[0].paths[0]: no command of its on is documented to have this field: did you mean MsgBody.MsgContent.Text?",
  );
  assert.match(warnings[1]!, /^REDACT\[0\]\.paths\[1\]: /);
  const masks = redaction!.masksOf("C2C.CallbackAfterSendMsg")!;
  assert.equal(maskedText('{"Secret":"x"}', masks).text, '{"Secret":"***"}');
});

test("a name with a space or a dot is quoted, and its dot is a step", () => {
  const { redaction, mistakes } = readRedaction([{ on: "*", paths: ['Data["a b"]', '["x.y"]'] }]);
  assert.deepEqual(mistakes, []);
  const masks = redaction!.masksOf("C2C.CallbackAfterSendMsg")!;
  assert.equal(
    maskedText('{"Data":[{"a b":1}],"x":{"y":2},"x.y":3}', masks).text,
    '{"Data":[{"a b":0}],"x":{"y":0},"x.y":0}',
  );
});

test("paths through lists, unions and the contents of messages are documented", () => {
  const paths = ["MsgBody", "MsgBody.MsgType", "MsgBody.MsgContent.ImageInfoArray.URL", "GroupId"];
  assert.deepEqual(readRedaction([{ on: "Group.CallbackAfterSendMsg", paths }]).warnings, []);
  const accounts = [{ on: "Group.CallbackAfterNewMemberJoin", paths: ["NewMemberList.Member_Account"] }];
  assert.deepEqual(readRedaction(accounts).warnings, []);
});

test("the masked fields that a forward rule's pattern names are found; other rules see the original", () => {
  const { redaction } = readRedaction([texts]);
  const rule = (more: object) =>
    parseRules([{ name: "FORWARD_RULES", value: [{ name: "one", ...more }] }], {
      secret: () => undefined,
      local: false,
      privateNetworks: false,
      retentionMs: 1e9,
      bindingProblem: () => null,
    }).rules[0]!;
  const match = {
    $or: [
      { body: { "MsgBody.MsgContent": { Text: [{ wildcard: "*http*" }] } } },
      { body: { GroupId: ["@TGS#1"] }, command: ["x"] },
    ],
  };
  const url = "https://one.example.com/";
  const found = ["body.MsgBody.MsgContent.Text"];
  assert.deepEqual(redaction!.maskedFields(rule({ url, match })), found);
  assert.deepEqual(redaction!.maskedFields(rule({ url, match, on: "Group.*" })), found);
  assert.deepEqual(redaction!.maskedFields(rule({ url, match, on: "State.*" })), []);
  assert.deepEqual(redaction!.maskedFields(rule({ url, words: ["a"] })), found);
  assert.deepEqual(redaction!.maskedFields(rule({ url, words: ["a"], on: "State.*" })), []);
  assert.deepEqual(redaction!.maskedFields(rule({ url })), []);
  assert.deepEqual(redaction!.maskedFields(rule({ ask: url, match })), []);
});
