/** Asks and answers every code of every command whose answer matters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import type { AnswerFields } from "../../src/rule/rule.ts";
import { decide } from "../../src/verdict/decide.ts";
import { askRule, contextWith, questionOf, says } from "./sample.ts";

/** The allowed codes and ranges of codes, copied once more from Tencent's pages. */
const group = [0, 1, [10100, 10200]];
const own = [0, 1, [120001, 130000]];
const drops = [2];
const codes: Record<string, (number | number[])[]> = {
  "C2C.CallbackBeforeSendMsg": [...own, ...drops],
  "Group.CallbackBeforeSendMsg": [...group, ...drops],
  "Group.CallbackBeforeCreateGroup": group,
  "Group.CallbackBeforeCreateTopic": group,
  "Group.CallbackBeforeApplyJoinGroup": group,
  "Group.CallbackBeforeInviteJoinGroup": group,
  "OfficialAccount.CallbackBeforeSendMsg": [...own, ...drops],
  "OfficialAccount.CallbackBeforeCreateOfficialAccount": own,
  "OfficialAccount.CallbackBeforeAddSubscriber": [0, 1],
  // Any code but 0 refuses a gift.
  "Live.CallbackBeforeSendGift": [0, 1, 102100, 102200, [-(2 ** 31), 2 ** 31 - 1]],
  "Live.CallbackBeforeCallBackNotBlock": [0, 1],
  "Chatbot.OnC2CSignalMessage": [0, 1],
  "Nobody.CallbackBeforeKnowsThis": [0, 1],
};

const extras: Record<string, Record<string, unknown>> = {
  "C2C.CallbackBeforeSendMsg": {
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "***" } }],
    CloudCustomData: "masked",
  },
  "Group.CallbackBeforeSendMsg": { MsgBody: [{ MsgType: "TIMFaceElem", MsgContent: { Index: 1 } }] },
  "OfficialAccount.CallbackBeforeSendMsg": {
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "" } }],
  },
  "Group.CallbackBeforeInviteJoinGroup": { RefusedMembers_Account: ["nobody_7"] },
  "OfficialAccount.CallbackBeforeAddSubscriber": { RefusedSubscribers_Account: ["nobody_7"] },
  "Chatbot.OnC2CSignalMessage": { RspData: '{"seats":2}' },
};

async function verdictOn(
  command: string,
  said: Record<string, unknown>,
  otherwise: "allow" | "refuse" | AnswerFields,
) {
  const question = questionOf(command, catalogue.get(command)?.example ?? {});
  const { text, verdict } = await decide(
    question,
    [askRule({ otherwise })],
    contextWith(() => says(said)),
  );
  return { answer: JSON.parse(text), how: verdict.how, code: verdict.code, reason: verdict.reason };
}

for (const [command, list] of Object.entries(codes)) {
  const allowed = list.flat();
  const ranges = list.filter((item) => Array.isArray(item)) as [number, number][];
  const fits = (code: number) =>
    allowed.includes(code) || ranges.some(([from, to]) => from <= code && code <= to);

  test(`${command}: its codes are passed through with their text`, async () => {
    for (const ErrorCode of [...allowed, ...ranges.map(([from, to]) => Math.floor((from + to) / 2))]) {
      const said = { ActionStatus: "OK", ErrorInfo: `said ${ErrorCode}`, ErrorCode };
      assert.deepEqual(await verdictOn(command, said, "allow"), {
        answer: said,
        how: "answered",
        code: ErrorCode,
        reason: undefined,
      });
    }
  });

  test(`${command}: any other code is replaced`, async () => {
    const neighbours = new Set(allowed.flatMap((code) => [code - 1, code + 1, -code]));
    for (const code of [...neighbours, 38000, 10016, 20006, 2 ** 31, 0.5].filter((code) => !fits(code))) {
      const { answer, how, reason } = await verdictOn(command, { ErrorCode: code }, "refuse");
      assert.equal(how, "invalid", `${code}`);
      assert.match(reason!, /^ErrorCode/);
      assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 1 });
    }
  });

  test(`${command}: its own fields are passed through with code 0, answers with other fields are replaced`, async () => {
    const mine = extras[command] ?? {};
    const said = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0, ...mine };
    assert.deepEqual((await verdictOn(command, said, "refuse")).answer, said);
    for (const other of Object.values(extras).flatMap((fields) => Object.entries(fields))) {
      if (
        other[0] in mine ||
        (command.endsWith("BeforeSendMsg") && other[0] in extras["C2C.CallbackBeforeSendMsg"]!)
      )
        continue;
      const { answer, how } = await verdictOn(command, { ErrorCode: 0, [other[0]]: other[1] }, "refuse");
      assert.equal(how, "invalid", other[0]);
      assert.equal(answer.ErrorCode, 1);
    }
  });
}

test("the table above has every command with one verdict", () => {
  const matter = [...catalogue.values()].filter(({ answer }) => answer.refusal !== null);
  assert.deepEqual(
    matter.map(({ name }) => name).sort(),
    [...Object.keys(codes).filter((name) => catalogue.has(name)), ...perTarget].sort(),
  );
});

const perTarget = ["Sns.CallbackPrevFriendAdd", "Sns.CallbackPrevFriendResponse"];

for (const command of perTarget) {
  const { FriendItem, ResponseFriendItem } = catalogue.get(command)!.example as Record<string, unknown>;
  const targets = ((FriendItem ?? ResponseFriendItem) as { To_Account: string }[]).map(
    (item) => item.To_Account,
  );
  const items = (...codes: number[]) =>
    targets.map((To_Account, index) => ({
      To_Account,
      ResultCode: codes[index % codes.length]!,
      ResultInfo: "",
    }));

  test(`${command}: the codes of its targets are passed through`, async () => {
    for (const code of [0, 38000, 38500, 39000]) {
      const said = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0, ResultItem: items(0, code) };
      const { answer, how, code: recorded } = await verdictOn(command, said, "allow");
      assert.deepEqual(answer, said);
      assert.equal(how, "answered");
      assert.equal(recorded, code);
    }
  });

  test(`${command}: any other code, or none, is replaced by a verdict on each target`, async () => {
    const wrong = [1, 37999, 39001, -1, 0.5].map((code) => ({ ErrorCode: 0, ResultItem: items(0, code) }));
    for (const said of [...wrong, { ErrorCode: 0 }, { ErrorCode: 0, ResultItem: [] }, { ErrorCode: 1 }])
      for (const [otherwise, code] of [
        ["allow", 0],
        ["refuse", 38000],
      ] as const) {
        const { answer, how } = await verdictOn(command, said, otherwise);
        assert.equal(how, "invalid", JSON.stringify(said));
        assert.deepEqual(answer, {
          ActionStatus: "OK",
          ErrorInfo: "",
          ErrorCode: 0,
          ResultItem: items(code),
        });
      }
  });

  test(`${command}: a target that the backend leaves out gets the verdict of otherwise`, async () => {
    const said = { ErrorCode: 0, ResultItem: items(0).slice(1) };
    const { answer, how, code } = await verdictOn(command, said, "refuse");
    assert.equal(how, "answered");
    assert.deepEqual(answer.ResultItem, [...items(0).slice(1), ...items(38000).slice(0, 1)]);
    assert.equal(code, 38000);
  });

  test(`${command}: a target that the backend leaves out may go on if otherwise does not fit the command`, async () => {
    const said = { ErrorCode: 0, ResultItem: items(38001).slice(1) };
    const { answer } = await verdictOn(command, said, { ErrorCode: 10150 });
    assert.deepEqual(answer.ResultItem, [...items(38001).slice(1), ...items(0).slice(0, 1)]);
  });
}
