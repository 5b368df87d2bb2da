/** Commands that list how rules decide, and what Tencent's documents do not say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandsAt } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";

const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "no-links", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1, ErrorInfo: "no links" } },
  ],
});

const { relay } = commandsAt(gateway);

test("verdicts tells how often each rule fitted, and how its verdicts came about", async () => {
  const command = "Group.CallbackBeforeSendMsg";
  const text = [{ MsgType: "TIMTextElem", MsgContent: { Text: "http://example.com" } }];
  await gateway.send(command, {
    CallbackCommand: command,
    GroupId: "@TGS#1",
    Type: "Public",
    From_Account: "minh",
    Operator_Account: "minh",
    Random: 1,
    MsgBody: text,
  });
  const { code, log } = await relay("verdicts");
  assert.equal(code, 0);
  assert.match(log, /^RULE +KIND +STATE +FITTED +VERDICTS[^\n]*\nno-links +answer +on +1 +rule 1 /);
});

test("drift lists a field that no document of Tencent has", async () => {
  assert.match((await relay("drift")).log, /^no callback differs/);
  await gateway.accept("Group.CallbackAfterRecallMsg", {
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    GroupId: "@TGS#1",
    Type: "Public",
    Operator_Account: "lan",
    MsgSeqList: [{ MsgSeq: 1 }],
    NewField: 1,
  });
  assert.match((await relay("drift")).log, /\nGroup\.CallbackAfterRecallMsg +NewField +unknown field +1 /);
});
