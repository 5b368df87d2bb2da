import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AnswerSpec,
  type Code,
  failText,
  okAnswer,
  okText,
  refusalOf,
  refuses,
} from "../../src/callback/answer.ts";
import { catalogue } from "../../src/callback/catalogue.ts";
import { readJson } from "../../src/callback/json.ts";
import { meaningful, readAnswer } from "../../src/callback/read-answer.ts";

const specOf = (command: string): AnswerSpec => catalogue.get(command)!.answer;
const example = (command: string) => catalogue.get(command)!.example;

/** The codes and fields of each command, besides `every`, copied once more from Tencent's pages. */
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

const demandedOf = (answer: AnswerSpec) => (answer.demanded ? { ResultItem: fitting.ResultItem } : {});

test("the commands whose answer matters are the before-callbacks and the waiting bot", () => {
  const matter = [...catalogue.values()].filter(({ answer }) => answer.refusal !== null);
  assert.deepEqual(matter.map(({ name }) => name).sort(), Object.keys(allowed).sort());
});

for (const [name, { codes, fields }] of Object.entries(allowed)) {
  const answer = specOf(name);
  const edges = codes.flatMap((code) => [code].flat());
  const inside = (candidate: number) =>
    codes.some((code) =>
      typeof code === "number" ? code === candidate : code[0] <= candidate && candidate <= code[1],
    );

  test(`${name}: every allowed code is accepted, every neighbouring code is not`, () => {
    for (const ErrorCode of new Set(edges.flatMap((edge) => [edge - 1, edge, edge + 1]))) {
      // Where each target has its own verdict, the answer's code decides nothing: see below.
      if (answer.demanded && !inside(ErrorCode)) continue;
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

  test(`${name}: its own fields are accepted, fields of other commands are not`, () => {
    const consent = answer.demanded && {
      ResultItem: [{ To_Account: "minh", ResultCode: 0, ResultInfo: "" }],
    };
    for (const [field, value] of Object.entries(fitting)) {
      const given = { ErrorCode: 0, ErrorInfo: "why", ...consent, [field]: value };
      const read = readAnswer(answer, given);
      if (fields.includes(field)) assert.deepEqual(read, { ok: { ActionStatus: "OK", ...given } });
      else assert.deepEqual(read, { problem: `${field} is not allowed here` });
    }
  });

  test(`${name}: a refusal is kept without the fields that rewrite`, () => {
    const refusal = answer.demanded ? { ErrorCode: 0, ...demandedOf(answer) } : { ErrorCode: 1 };
    for (const [field, value] of Object.entries(fitting)) {
      if (field in refusal) continue;
      const sentence = fields.includes(field) ? "is allowed with ErrorCode 0 only" : "is not allowed here";
      assert.deepEqual(readAnswer(answer, { ...refusal, [field]: value }), {
        ok: { ActionStatus: "OK", ErrorInfo: "", ...refusal },
        odd: `${field} ${sentence}`,
      });
    }
  });

  test(`${name}: its own refusal and consent are allowed answers`, () => {
    const refusal = refusalOf(answer, example(name));
    assert.ok(refusal);
    assert.deepEqual(readAnswer(answer, refusal), { ok: refusal });
    assert.ok(refuses(refusal));
    const consent = JSON.parse(okAnswer(answer, example(name)));
    assert.deepEqual(readAnswer(answer, consent), { ok: consent });
    assert.ok(!refuses(consent));
  });
}

test("friend requests are allowed or refused one by one", () => {
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
  assert.deepEqual(JSON.parse(okAnswer(specOf(name), example(name))), both(0));
  assert.deepEqual(refusalOf(specOf(name), example(name)), both(38000));
});

test("the code of a friend request is 0 or from 38000 to 39000", () => {
  const read = (ResultCode: unknown) =>
    readAnswer(specOf("Sns.CallbackPrevFriendResponse"), {
      ErrorCode: 0,
      ResultItem: [{ To_Account: "lan", ResultCode }],
    });
  for (const code of [0, 38000, 39000]) assert.ok("ok" in read(code), `${code}`);
  for (const code of [1, 37999, 39001])
    assert.deepEqual(read(code), {
      problem: "ResultItem[0].ResultCode: is neither 0 nor between 38000 and 39000",
    });
  assert.deepEqual(read("no"), { problem: "ResultItem[0].ResultCode: expected a number, got a text" });
});

test("an answer without the verdicts on friend requests is no verdict", () => {
  const name = "Sns.CallbackPrevFriendAdd";
  assert.deepEqual(readAnswer(specOf(name), { ErrorCode: 0 }), { problem: "ResultItem is missing" });
  assert.deepEqual(readAnswer(specOf(name), { ErrorCode: 38000 }), { problem: "ResultItem is missing" });
  assert.deepEqual(readAnswer(specOf(name), { ErrorCode: 0, ResultItem: [] }), {
    problem: "ResultItem: is empty",
  });
});

test("a body without targets has an answer without items", () => {
  for (const FriendItem of [undefined, null, "x", [null, 3, {}, { To_Account: {} }, { To_Account: null }]])
    assert.deepEqual(JSON.parse(okAnswer(specOf("Sns.CallbackPrevFriendAdd"), { FriendItem })), {
      ActionStatus: "OK",
      ErrorInfo: "",
      ErrorCode: 0,
      ResultItem: [],
    });
});

test("a target that is a number is answered as a text with all its digits", () => {
  const read = readJson(Buffer.from('{"FriendItem":[{"To_Account":5},{"To_Account":144115200000000001}]}'));
  assert.ok("body" in read);
  const { ResultItem } = JSON.parse(okAnswer(specOf("Sns.CallbackPrevFriendAdd"), read.body));
  assert.deepEqual(
    ResultItem.map(({ To_Account }: { To_Account: unknown }) => To_Account),
    ["5", "144115200000000001"],
  );
});

test("each kind of unreadable answer has its own problem", () => {
  const c2c = specOf("C2C.CallbackBeforeSendMsg");
  const cases: [unknown, string][] = [
    [null, "the answer is not a JSON object"],
    [[], "the answer is not a JSON object"],
    ["OK", "the answer is not a JSON object"],
    [{}, "ErrorCode is missing"],
    [{ ErrorCode: null }, "ErrorCode is missing"],
    [{ ErrorCode: 0.5 }, "ErrorCode is not a whole number"],
    [{ ErrorCode: true }, "ErrorCode is not a whole number"],
    [{ ErrorCode: "" }, "ErrorCode is not a whole number"],
    [{ ErrorCode: "1e0" }, "ErrorCode is not a whole number"],
    [{ ErrorCode: 3 }, "ErrorCode 3 is not allowed here, but 0, 1, 2, 120001 to 130000"],
    [{ ErrorCode: "3" }, "ErrorCode 3 is not allowed here, but 0, 1, 2, 120001 to 130000"],
    [{ ErrorCode: 0, ActionStatus: "NO" }, "ActionStatus is neither OK nor FAIL"],
    [{ ErrorCode: 0, ActionStatus: "fail" }, "ActionStatus is neither OK nor FAIL"],
    [{ ErrorCode: 0, ActionStatus: "FAIL" }, "ActionStatus FAIL contradicts ErrorCode 0"],
    [{ ErrorCode: "0", ActionStatus: "FAIL" }, "ActionStatus FAIL contradicts ErrorCode 0"],
    [{ ErrorCode: 0, MsgBody: "hi" }, "MsgBody: expected an array, got a text"],
    [{ ErrorCode: 0, MsgBody: [] }, "MsgBody: is empty"],
    [
      { ErrorCode: 0, MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: 1 } }] },
      "MsgBody[0].MsgContent.Text: expected a text, got a number",
    ],
    [{ ErrorCode: 0, CloudCustomData: 1 }, "CloudCustomData: expected a text, got a number"],
  ];
  for (const [value, problem] of cases) assert.deepEqual(readAnswer(c2c, value), { problem });
});

const said = (ErrorCode: number, ErrorInfo = "") => ({ ActionStatus: "OK", ErrorInfo, ErrorCode });

const harmless: [company: Record<string, unknown>, odd: string][] = [
  [{ traceId: "t-1" }, "traceId is not allowed here"],
  [{ ErrorInfo: null }, "ErrorInfo is not a text"],
  [{ ErrorInfo: 7 }, "ErrorInfo is not a text"],
  [{ ActionStatus: null }, "ActionStatus is neither OK nor FAIL"],
  [{ ActionStatus: "" }, "ActionStatus is neither OK nor FAIL"],
  [{ ActionStatus: "ok" }, "ActionStatus is neither OK nor FAIL"],
  [
    { RspData: "", RefusedMembers_Account: [] },
    "RspData is not allowed here; RefusedMembers_Account is not allowed here",
  ],
  [{ ResultItem: null }, "ResultItem is not allowed here"],
  [{ toString: 1 }, "toString is not allowed here"],
  [JSON.parse('{"__proto__":1}'), "__proto__ is not allowed here"],
];

test("a refusal or consent beside odd parts is kept without them, and they are named", () => {
  for (const ErrorCode of [0, 1, 2, 120001])
    for (const [company, odd] of harmless)
      assert.deepEqual(readAnswer(specOf("C2C.CallbackBeforeSendMsg"), { ErrorCode, ...company }), {
        ok: said(ErrorCode),
        odd,
      });
});

test("no other part of an answer revokes a refusal", () => {
  const company = [
    { ActionStatus: "NO" },
    { ActionStatus: { ok: true } },
    { CloudCustomData: "" },
    { CloudCustomData: null },
    { MsgBody: [] },
    { MsgBody: "hi" },
    { MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: 1 } }] },
    { RefusedMembers_Account: "nobody_7" },
    { ResultItem: [] },
    { ErrorInfo: ["no"], ActionStatus: 0, data: { ErrorCode: 0 } },
  ];
  for (const name of [
    "C2C.CallbackBeforeSendMsg",
    "Group.CallbackBeforeInviteJoinGroup",
    "Chatbot.OnC2CSignalMessage",
  ])
    for (const one of company) {
      const read = readAnswer(specOf(name), { ErrorCode: 1, ErrorInfo: "no", ...one });
      assert.ok("ok" in read && read.odd, JSON.stringify(one));
      assert.deepEqual(read.ok, said(1, "ErrorInfo" in one ? "" : "no"));
    }
});

test("property: a refusal is kept beside any other parts", () => {
  const name = fc.oneof(fc.constantFrom(...meaningful, "ActionStatus", "ErrorInfo"), fc.string());
  const company = fc.dictionary(name, fc.jsonValue());
  const commands = [...catalogue.values()].filter(({ answer }) => answer.refusal !== null);
  fc.assert(
    fc.property(fc.constantFrom(...commands), company, company, ({ answer }, beside, within) => {
      if (!answer.demanded) {
        const read = readAnswer(answer, { ...beside, ErrorCode: 1 });
        assert.ok("ok" in read && read.ok.ErrorCode === 1 && typeof read.ok.ErrorInfo === "string");
        assert.deepEqual(Object.keys(read.ok), ["ActionStatus", "ErrorInfo", "ErrorCode"]);
        return;
      }
      const refused = { ...within, To_Account: "minh", ResultCode: 38001 };
      for (const ErrorCode of [0, 1, null]) {
        const ResultItem = [...Object.values(beside), refused, { To_Account: "siti", ...within }];
        const read = readAnswer(answer, { ...beside, ErrorCode, ResultItem });
        assert.ok("ok" in read);
        const items = read.ok.ResultItem as { To_Account: string; ResultCode: number }[];
        assert.equal(items.find(({ To_Account }) => To_Account === "minh")?.ResultCode, 38001);
      }
    }),
  );
});

test("a code that is a text of digits is read as a number", () => {
  const c2c = specOf("C2C.CallbackBeforeSendMsg");
  for (const code of [0, 1, 120001])
    assert.deepEqual(readAnswer(c2c, { ErrorCode: String(code) }), {
      ok: said(code),
      odd: "ErrorCode is a text",
    });
});

test("an empty text replaces the custom data where allowed; null replaces nothing", () => {
  const c2c = specOf("C2C.CallbackBeforeSendMsg");
  assert.deepEqual(readAnswer(c2c, { ErrorCode: 0, CloudCustomData: "" }), {
    ok: { ...said(0), CloudCustomData: "" },
  });
  assert.deepEqual(readAnswer(c2c, { ErrorCode: 0, CloudCustomData: null, MsgBody: null }), {
    ok: said(0),
    odd: "CloudCustomData is null; MsgBody is null",
  });
});

test("every readable account of a list of refused accounts is refused", () => {
  const invite = specOf("Group.CallbackBeforeInviteJoinGroup");
  const read = (RefusedMembers_Account: unknown) =>
    readAnswer(invite, { ErrorCode: 0, RefusedMembers_Account });
  assert.deepEqual(read(["minh", 7, null, { Member_Account: "x" }]), {
    ok: { ...said(0), RefusedMembers_Account: ["minh", "7"] },
    odd: [1, 2, 3].map((index) => `RefusedMembers_Account[${index}] is not a text`).join("; "),
  });
  assert.deepEqual(read([]), { ok: { ...said(0), RefusedMembers_Account: [] } });
  assert.deepEqual(read([null]), { problem: "RefusedMembers_Account[0] is not a text" });
  assert.deepEqual(read("minh"), { problem: "RefusedMembers_Account: is not an array" });
});

const friends = specOf("Sns.CallbackPrevFriendAdd");
const item = (To_Account: unknown, ResultCode: unknown, more = {}) => ({
  To_Account,
  ResultCode,
  ResultInfo: "",
  ...more,
});

test("a verdict on a friend that has no text gets an empty one, as Tencent demands one", () => {
  const ResultItem = [{ To_Account: "minh", ResultCode: 38001 }, item("siti", 0, { ResultInfo: "hello" })];
  assert.deepEqual(readAnswer(friends, { ErrorCode: 0, ResultItem }), {
    ok: { ...said(0), ResultItem: [item("minh", 38001), ResultItem[1]] },
  });
});

test("the refusal of a friend request is kept beside any odd part of the answer or the item", () => {
  const refusal = { ...said(0), ResultItem: [item("minh", 38001)] };
  const cases: [given: Record<string, unknown>, odd: string][] = [
    [{ ResultItem: [item("minh", 38001, { ResultInfo: null })] }, "ResultItem[0].ResultInfo is not a text"],
    [{ ResultItem: [item("minh", 38001, { traceId: "t" })] }, "ResultItem[0].traceId is not allowed here"],
    [{ ResultItem: [item("minh", "38001")] }, "ResultItem[0].ResultCode is a text"],
    [
      { ResultItem: [item("minh", 38001), item("siti", 1)] },
      "ResultItem[1].ResultCode: is neither 0 nor between 38000 and 39000",
    ],
    [{ ResultItem: [null, item("minh", 38001)] }, "ResultItem[0]: expected an object, got null"],
    [{ ResultItem: [item(undefined, 38002), item("minh", 38001)] }, "ResultItem[0].To_Account: is missing"],
    [{ ErrorCode: 1 }, "ErrorCode 1 is not allowed here, but 0, 38000 to 39000"],
    [{ ErrorCode: undefined }, "ErrorCode is missing"],
    [{ ActionStatus: "FAIL" }, ""],
    [{ traceId: "t-1" }, "traceId is not allowed here"],
  ];
  for (const [given, odd] of cases)
    assert.deepEqual(readAnswer(friends, { ErrorCode: 0, ResultItem: refusal.ResultItem, ...given }), {
      ok: refusal,
      ...(odd !== "" && { odd }),
    });
});

test("an account that is a number is answered as a text, and of two verdicts on it the refusal counts", () => {
  const read = readAnswer(friends, {
    ErrorCode: 0,
    ResultItem: [item(7, 0), item("siti", 38001), item("siti", 0), item("minh", 0), item("minh", 38002)],
  });
  assert.ok("ok" in read);
  assert.deepEqual(read.ok.ResultItem, [item("7", 0), item("siti", 38001), item("minh", 38002)]);
});

test("a consent beside an unreadable verdict or code is no verdict", () => {
  const consent = item("minh", 0);
  for (const given of [
    { ErrorCode: 0, ResultItem: [consent, item("siti", 1)] },
    { ErrorCode: 0, ResultItem: [consent, null] },
    { ErrorCode: 1, ResultItem: [consent] },
    { ResultItem: [consent] },
    { ErrorCode: 0, ActionStatus: "FAIL", ResultItem: [consent] },
  ])
    assert.ok("problem" in readAnswer(friends, given), JSON.stringify(given));
});

test("the meaningful fields are the ones that some command allows", () => {
  const names = [...catalogue.values()].flatMap(({ answer }) => Object.keys(answer.fields));
  assert.deepEqual([...meaningful].sort(), [...new Set(names)].sort());
});

test("a refusal with FAIL is passed on as OK with its code", () => {
  assert.deepEqual(
    readAnswer(specOf("C2C.CallbackBeforeSendMsg"), {
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

test("a failed callback's answer holds one sentence", () => {
  assert.deepEqual(JSON.parse(failText("the body is not JSON")), {
    ActionStatus: "FAIL",
    ErrorInfo: "the body is not JSON",
    ErrorCode: 1,
  });
});

test("a rounded number names no account", () => {
  const rounded = 2 ** 57;
  const refused = item("siti", 38001);
  assert.deepEqual(
    readAnswer(friends, { ErrorCode: 0, ResultItem: [item(rounded, 38000), item("siti", 0)] }),
    {
      problem: "ResultItem[0].To_Account is a number beyond 2^53",
    },
  );
  assert.deepEqual(readAnswer(friends, { ErrorCode: 0, ResultItem: [item(rounded, 0), refused] }), {
    ok: { ...said(0), ResultItem: [refused] },
    odd: "ResultItem[0].To_Account is a number beyond 2^53",
  });
});

test("a message nested very deeply can still be replaced", () => {
  const own = JSON.parse(`[${"[".repeat(30_000)}${"]".repeat(30_000)}]`);
  const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text: "removed" } }];
  assert.deepEqual(
    readAnswer(specOf("C2C.CallbackBeforeSendMsg"), { ErrorCode: 0, MsgBody }, { MsgBody: own }),
    {
      ok: { ...said(0), MsgBody },
    },
  );
});
