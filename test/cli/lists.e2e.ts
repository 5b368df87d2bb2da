/** Commands that list how rules decide, and what Tencent's documents do not say. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { run } from "../support/program.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-lists-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "no-links", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1, ErrorInfo: "no links" } },
  ],
});

async function relay(...args: readonly string[]) {
  const environment = { TIM_RELAY_URL: gateway.url, TIM_RELAY_TOKEN: adminToken };
  const program = run("tim-relay.js", { cwd, args, environment });
  return { code: await program.ended, log: program.log() };
}

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
