import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnswerForm,
  type Code,
  failText,
  okAnswer,
  okText,
  readAnswer,
  refusalOf,
  refuses,
} from "../../src/callback/answer.ts";
import { catalogue } from "../../src/callback/catalogue.ts";

const form = (command: string): AnswerForm => catalogue.get(command)!.answer;
const example = (command: string) => catalogue.get(command)!.example;

/** What each command allows, beside what `every` says; written out once more, from Tencent's pages. */
const allowed: Record<string, { codes: Code[]; fields: string[] }> = {
  "C2C.CallbackBeforeSendMsg": { codes: [0, 1, 2, [120001, 130000]], fields: ["MsgBody", "CloudCustomData"] },
  "Group.CallbackBeforeSendMsg": { codes: [0, 1, 2, [10100, 10200]], fields: ["MsgBody", "CloudCustomData"] },
  "Group.CallbackBeforeCreateGroup": { codes: [0, 1, [10100, 10200]], fields: [] },
  "Group.CallbackBeforeCreateTopic": { codes: [0, 1, [10100, 10200]], fields: [] },
  "Group.CallbackBeforeApplyJoinGroup": { codes: [0, 1, [10100, 10200]], fields: [] },
  "Group.CallbackBeforeInviteJoinGroup": {
    codes: [0, 1, [10100, 10200]],
    fields: ["RefusedMembers_Account"],
  },
  "OfficialAccount.CallbackBeforeSendMsg": {
    codes: [0, 1, 2, [120001, 130000]],
    fields: ["MsgBody", "CloudCustomData"],
  },
  "OfficialAccount.CallbackBeforeCreateOfficialAccount": { codes: [0, 1, [120001, 130000]], fields: [] },
  "OfficialAccount.CallbackBeforeAddSubscriber": { codes: [0, 1], fields: ["RefusedSubscribers_Account"] },
  "Sns.CallbackPrevFriendAdd": { codes: [0, [38000, 39000]], fields: ["ResultItem"] },
  "Sns.CallbackPrevFriendResponse": { codes: [0, [38000, 39000]], fields: ["ResultItem"] },
  "Live.CallbackBeforeSendGift": { codes: [[-2147483648, 2147483647]], fields: [] },
  "Live.CallbackBeforeCallBackNotBlock": { codes: [0, 1], fields: [] },
  "Chatbot.OnC2CSignalMessage": { codes: [0, 1], fields: ["RspData"] },
};

const fitting: Record<string, unknown> = {
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "***" } }],
  CloudCustomData: "masked",
  RefusedMembers_Account: ["nobody_7"],
  RefusedSubscribers_Account: ["nobody_7"],
  ResultItem: [{ To_Account: "minh", ResultCode: 38001, ResultInfo: "not today" }],
  RspData: '{"seats":2}',
};

const demandedOf = (answer: AnswerForm) => (answer.demanded ? { ResultItem: fitting.ResultItem } : {});

test("the commands whose answer matters are those that ask, and the bot that waits", () => {
  const matter = [...catalogue.values()].filter(({ answer }) => answer.refusal !== null);
  assert.deepEqual(matter.map(({ name }) => name).sort(), Object.keys(allowed).sort());
});

for (const [name, { codes, fields }] of Object.entries(allowed)) {
  const answer = form(name);
  const edges = codes.flatMap((code) => [code].flat());
  const inside = (candidate: number) =>
    codes.some((code) =>
      typeof code === "number" ? code === candidate : code[0] <= candidate && candidate <= code[1],
    );

  test(`${name}: every allowed code is read, every neighbouring one is not`, () => {
    for (const ErrorCode of new Set(edges.flatMap((edge) => [edge - 1, edge, edge + 1]))) {
      const read = readAnswer(answer, { ErrorCode, ...demandedOf(answer) });
      if (inside(ErrorCode))
        assert.deepEqual(read, {
          ok: { ActionStatus: "OK", ErrorInfo: "", ErrorCode, ...demandedOf(answer) },
        });
      else
        assert.match(
          "problem" in read ? read.problem : "",
          new RegExp(`^ErrorCode ${ErrorCode} is not allowed`),
        );
    }
  });

  test(`${name}: its fields are read, others are not`, () => {
    for (const [field, value] of Object.entries(fitting)) {
      const given = { ErrorCode: 0, ErrorInfo: "why", ...demandedOf(answer), [field]: value };
      const read = readAnswer(answer, given);
      if (fields.includes(field)) assert.deepEqual(read, { ok: { ActionStatus: "OK", ...given } });
      else assert.deepEqual(read, { problem: `${field} is not allowed here` });
    }
  });

  test(`${name}: fields that change what goes on are not allowed beside a refusal`, () => {
    if (answer.demanded) return;
    for (const field of fields)
      assert.deepEqual(readAnswer(answer, { ErrorCode: 1, [field]: fitting[field] }), {
        problem: `${field} is allowed with ErrorCode 0 only`,
      });
  });

  test(`${name}: its own refusal and its own consent are answers that it allows`, () => {
    const refusal = refusalOf(answer, example(name));
    assert.ok(refusal);
    assert.deepEqual(readAnswer(answer, refusal), { ok: refusal });
    assert.ok(refuses(refusal));
    const consent = JSON.parse(okAnswer(answer, example(name)));
    assert.deepEqual(readAnswer(answer, consent), { ok: consent });
    assert.ok(!refuses(consent));
  });
}

test("friends are let in or refused one by one", () => {
  const both = (ResultCode: number) => ({
    ActionStatus: "OK",
    ErrorInfo: "",
    ErrorCode: 0,
    ResultItem: [
      { To_Account: "minh", ResultCode, ResultInfo: "" },
      { To_Account: "siti", ResultCode, ResultInfo: "" },
    ],
  });
  const name = "Sns.CallbackPrevFriendAdd";
  assert.deepEqual(JSON.parse(okAnswer(form(name), example(name))), both(0));
  assert.deepEqual(refusalOf(form(name), example(name)), both(38000));
});

test("a friend's verdict is 0 or from 38000 to 39000", () => {
  const read = (ResultCode: unknown) =>
    readAnswer(form("Sns.CallbackPrevFriendResponse"), {
      ErrorCode: 0,
      ResultItem: [{ To_Account: "lan", ResultCode }],
    });
  for (const code of [0, 38000, 39000]) assert.ok("ok" in read(code), `${code}`);
  for (const code of [1, 37999, 39001])
    assert.deepEqual(read(code), {
      problem: "ResultItem[0].ResultCode: is neither 0 nor between 38000 and 39000",
    });
  assert.deepEqual(read("0"), { problem: "ResultItem[0].ResultCode: expected a number, got a text" });
});

test("friends without a verdict are a problem", () => {
  const name = "Sns.CallbackPrevFriendAdd";
  assert.deepEqual(readAnswer(form(name), { ErrorCode: 0 }), { problem: "ResultItem is missing" });
  assert.deepEqual(readAnswer(form(name), { ErrorCode: 38000 }), { problem: "ResultItem is missing" });
  assert.deepEqual(readAnswer(form(name), { ErrorCode: 0, ResultItem: [] }), {
    problem: "ResultItem: is empty",
  });
});

test("a body without targets is answered all the same", () => {
  for (const FriendItem of [undefined, null, "x", [null, 3, {}, { To_Account: 5 }]])
    assert.deepEqual(JSON.parse(okAnswer(form("Sns.CallbackPrevFriendAdd"), { FriendItem })), {
      ActionStatus: "OK",
      ErrorInfo: "",
      ErrorCode: 0,
      ResultItem: [],
    });
});

test("what is no answer at all is told apart", () => {
  const c2c = form("C2C.CallbackBeforeSendMsg");
  const cases: [unknown, string][] = [
    [null, "the answer is not a JSON object"],
    [[], "the answer is not a JSON object"],
    ["OK", "the answer is not a JSON object"],
    [{}, "ErrorCode is missing"],
    [{ ErrorCode: "1" }, "ErrorCode is not a whole number"],
    [{ ErrorCode: 0.5 }, "ErrorCode is not a whole number"],
    [{ ErrorCode: 3 }, "ErrorCode 3 is not allowed here, but 0, 1, 2, 120001 to 130000"],
    [{ ErrorCode: 1, ErrorInfo: null }, "ErrorInfo is not a text"],
    [{ ErrorCode: 1, ActionStatus: "NO" }, "ActionStatus is neither OK nor FAIL"],
    [{ ErrorCode: 0, ActionStatus: "FAIL" }, "ActionStatus FAIL contradicts ErrorCode 0"],
    [{ ErrorCode: 0, MsgBody: "hi" }, "MsgBody: expected an array, got a text"],
    [
      { ErrorCode: 0, MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: 1 } }] },
      "MsgBody[0].MsgContent.Text: expected a text, got a number",
    ],
    [{ ErrorCode: 0, toString: 1 }, "toString is not allowed here"],
    [JSON.parse('{"ErrorCode":0,"__proto__":1}'), "__proto__ is not allowed here"],
  ];
  for (const [value, problem] of cases) assert.deepEqual(readAnswer(c2c, value), { problem });
});

test("a refusal may say FAIL, and is handed on as OK with its code", () => {
  assert.deepEqual(
    readAnswer(form("C2C.CallbackBeforeSendMsg"), {
      ActionStatus: "FAIL",
      ErrorCode: 120001,
      ErrorInfo: "no",
    }),
    { ok: { ActionStatus: "OK", ErrorInfo: "no", ErrorCode: 120001 } },
  );
});

test("an after-callback has no refusal, and is acknowledged", () => {
  const { answer, example } = catalogue.get("Group.CallbackAfterSendMsg")!;
  assert.equal(refusalOf(answer, example), null);
  assert.equal(okAnswer(answer, example), okText);
  assert.equal(okText, '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}');
});

test("a failure carries one sentence", () => {
  assert.deepEqual(JSON.parse(failText("the body is not JSON")), {
    ActionStatus: "FAIL",
    ErrorInfo: "the body is not JSON",
    ErrorCode: 1,
  });
});
