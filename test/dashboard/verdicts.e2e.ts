/** The Verdicts view in a real browser, on a real gateway with a backend that decides. */
import assert from "node:assert/strict";
import { barriersOn, inBrowser, misprintsOn, openPage } from "../support/browser.ts";
import { startGateway } from "../support/gateway.ts";
import { type Answer, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const before = "Group.CallbackBeforeSendMsg";

const message = (Text: string) => ({
  GroupId: "@TGS#1",
  Type: "Public",
  From_Account: "lan",
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text } }],
});

/** Refuses messages that hold a word. */
const refusing =
  (word: string): Answer =>
  (response, request) => {
    const ErrorCode = request.body.includes(word) ? 10_101 : 0;
    const verdict = { ActionStatus: "OK", ErrorInfo: "", ErrorCode };
    reply(200, { "content-type": "application/json" }, JSON.stringify(verdict))(response, request);
  };

async function moderated() {
  const backend = await startReceiver();
  const other = await startReceiver();
  backend.answer = refusing("spam");
  other.answer = refusing("late");
  const gateway = await startGateway({
    READ_TOKEN: "test-read-token",
    FORWARD_RULES: [
      { name: "moderation", on: before, ask: backend.url },
      { name: "stricter", on: before, ask: other.url, shadow: true },
    ],
  });
  for (const text of ["hello", "spam", "late", "spam and late"]) await gateway.send(before, message(text));
  await until("verdicts and shadows are kept", async () => {
    const events = await gateway.allEvents({ command: before });
    const { agreed, differed } = (await gateway.api("/api/verdicts/diff?rule=stricter")).body;
    return events.length === 4 && agreed + differed === 4;
  });
  return gateway;
}

inBrowser("verdicts are shown by rule, with those refused and where a shadow disagrees", async () => {
  const gateway = await moderated();
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/verdicts`);
  const byRule = page.getByRole("region", { name: "By rule" }).getByRole("listitem");
  const moderation = byRule.filter({ hasText: "moderation" });
  await moderation.getByText("answered by the backend: 4").waitFor();
  await moderation.getByText(/p99 .*\/ 2 s/).waitFor();

  const shadows = page.getByRole("region", { name: "Shadows" });
  await shadows.getByText("2 agreed, 2 differed, 0 came to no verdict").waitFor();
  await shadows.getByText("50% agreed").waitFor();
  assert.equal(await shadows.getByRole("row").count(), 1 + 2);
  assert.deepEqual(await barriersOn(page), []);

  const refused = page.getByRole("region", { name: "Refused, last 24 hours" });
  await refused.getByText("2 callbacks were refused.").waitFor();
  await refused.getByRole("link", { name: "Show them as events" }).click();
  await page.getByRole("option").nth(1).waitFor();
  assert.equal(await page.getByRole("option").count(), 2);
  assert.equal(await page.getByLabel("Filter").inputValue(), "verdict:refuse since:24h");
});

inBrowser("a rule, as it runs or changed, is tried on the last callbacks", async () => {
  const gateway = await moderated();
  const page = await openPage(gateway, { expected: [/400/] });
  await page.goto(`${gateway.url}/#/verdicts`);
  const trial = page.getByRole("region", { name: "Trial" });
  await trial.getByRole("combobox", { name: "Rule" }).selectOption("stricter");
  await trial.getByRole("button", { name: "Try it" }).click();
  await trial.getByText("2 of 4 verdicts would be others.").waitFor();
  await trial.getByRole("row", { name: /allowed.*refused \(10101\)/ }).waitFor();

  await trial.getByRole("button", { name: "Change the rule first" }).click();
  const editor = trial.getByRole("textbox", { name: "Rule as JSON" });
  const write = async (rule: string) => {
    await editor.click();
    await editor.press("ControlOrMeta+a");
    await page.keyboard.insertText(rule);
  };
  await write(`{ "on": "${before}", "answr": {} }`);
  await trial.getByText(/answr is not known here/).waitFor();
  await trial.getByRole("button", { name: "Try it" }).click();
  await page.getByText(/expected exactly one of/).waitFor();
  await write(`{ "on": "${before}", "answer": { "ErrorCode": 1, "ErrorInfo": "no" } }`);
  await trial.getByRole("button", { name: "Try it" }).click();
  await trial.getByText("4 of 4 verdicts would be others.").waitFor();
  assert.deepEqual(await barriersOn(page), []);
});

inBrowser("without rules that decide, and with a token that may only read, the view says so", async () => {
  const empty = await startGateway();
  const page = await openPage(empty);
  await page.goto(`${empty.url}/#/verdicts`);
  await page.getByText("No rule asks or answers: every before-callback is allowed.").first().waitFor();
  await page.getByText("No rule is on trial.").waitFor();
  await page.getByText("No callback was refused in the last 24 hours.").waitFor();

  const gateway = await moderated();
  const reader = await openPage(gateway, {
    token: "test-read-token",
    locale: "zh-CN",
    colorScheme: "dark",
    viewport: { width: 390, height: 800 },
  });
  await reader.goto(`${gateway.url}/#/verdicts`);
  await reader.getByText("共拒绝 2 个回调。").waitFor();
  await reader.getByText("试运行需要 ADMIN_TOKEN").waitFor();
  assert.equal(await reader.getByRole("button", { name: "试运行" }).count(), 0);
  assert.equal(
    await reader.evaluate(() => document.documentElement.scrollWidth > innerWidth),
    false,
    "the view is wider than a phone",
  );
  assert.deepEqual([await barriersOn(reader), await misprintsOn(reader)], [[], []]);
  await reader.goto(`${gateway.url}/#/events`);
  await reader.getByRole("option").first().click();
  await reader.getByText(/^已\S+ 裁决规则 moderation，后端应答，\d+(\.\d)? 毫秒$/).waitFor();
  assert.deepEqual(await misprintsOn(reader), []);
});
