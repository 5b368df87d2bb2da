/** The state of a gateway on one page. */
import assert from "node:assert/strict";
import { barriersOn, inBrowser, misprintsOn, openPage } from "../support/browser.ts";
import { numbered } from "../support/callbacks.ts";
import { frontDoorOf } from "../support/front-door.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

inBrowser("a gateway to which nothing has come leads to the first steps, until the first event", async () => {
  const gateway = await startGateway();
  const page = await openPage(gateway);
  await page.getByRole("heading", { name: "No callback has arrived yet" }).waitFor();
  await page.getByText("No rule forwards events.").waitFor();
  assert.deepEqual(await barriersOn(page), []);
  assert.match((await page.getByRole("link", { name: "First steps" }).last().getAttribute("href"))!, /start/);
  await gateway.sendAll(numbered("n", 1));
  await page.getByRole("heading", { name: "No callback has arrived yet" }).waitFor({ state: "detached" });
});

inBrowser("traffic, speed, lamps and cost of a gateway stand on one page", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "audit", url: receiver.url },
      { name: "no-spam", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 0 } },
    ],
  });
  await gateway.sendAll(numbered("n", 7));
  await gateway.sendAll([{ label: "v", command: "Group.CallbackBeforeSendMsg", body: before }]);
  await receiver.delivered(8);
  const page = await openPage(gateway);
  const figure = (name: string) => page.locator(".figure", { has: page.getByText(name, { exact: true }) });
  await figure("Received").getByText("8", { exact: true }).waitFor();
  await figure("Verdicts").getByText("1", { exact: true }).waitFor();
  await page.getByRole("img", { name: /8 received, 8 delivered, 0 failed attempts/ }).waitFor();
  const lamps = page.getByRole("region", { name: "Destinations" });
  await lamps.getByRole("link", { name: /audit\s*up\s*nothing waits/ }).waitFor();
  const speed = page.getByRole("region", { name: "Against Tencent’s two seconds" });
  assert.equal(await speed.locator(".measure").count(), 4);
  await page.getByRole("region", { name: "Cost of the last day" }).getByText("Rows written").waitFor();
  await page.getByText("All is well: the gateway reports no problem.").waitFor();
  await page.locator('nav .lamp[data-tone="ok"]').waitFor();
  assert.deepEqual(await barriersOn(page), []);

  await page.getByRole("button", { name: "24 h" }).click();
  assert.match(page.url(), /period=24h/);
  await page.getByRole("img", { name: /8 received/ }).waitFor();
  let looks = 0;
  page.on("request", (request) => {
    // The page that is left may look once more.
    if (request.isNavigationRequest()) looks = 0;
    if (request.url().endsWith("/health")) looks++;
  });
  await page.reload();
  await page.getByRole("button", { name: "24 h", pressed: true }).waitFor();
  await page.getByText("All is well: the gateway reports no problem.").waitFor();
  assert.equal(looks, 1, "the frame and the overview share an answer");
});

inBrowser("a problem leads to the part of the page that helps, and news are sentences", async () => {
  const receiver = await startReceiver(reply(500));
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.sendAll(numbered("n", 12));
  await gateway.destinationIs("audit", { state: "open" });
  const page = await openPage(gateway);
  const health = page.getByRole("region", { name: "Health" });
  await health.getByText(/does not answer well/).waitFor();
  const lamps = page.getByRole("region", { name: "Destinations" });
  await lamps.getByText("down", { exact: true }).waitFor();
  const news = page.getByRole("region", { name: "What happened" });
  await news
    .getByText(/^audit is down after \d+ failures in a row: answered 500\. Waiting: \d+ events?\.$/)
    .waitFor();
  await gateway.pause("audit");
  await news.getByText(/^The token [0-9a-f]{8} paused audit\.$/).waitFor();
  assert.deepEqual(await barriersOn(page), []);
  await health.getByRole("link", { name: "audit" }).first().click();
  await page.getByRole("heading", { level: 1, name: /^audit/ }).waitFor();
});

inBrowser("a token that sees no bodies reads news in brief", async () => {
  const gateway = await startGateway({
    READ_TOKEN: "test-read-token",
    FORWARD_RULES: [{ name: "audit", url: "http://127.0.0.1:9/" }],
  });
  await gateway.pause("audit");
  const page = await openPage(gateway, { token: "test-read-token" });
  const news = page.getByRole("region", { name: "What happened" });
  await news.getByText("An administrator has changed something.").waitFor();
  await page.getByRole("region", { name: "Destinations" }).getByText("paused", { exact: true }).waitFor();
});

inBrowser("the overview is read in Chinese, in the dark, on a phone", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.sendAll(numbered("n", 3));
  await gateway.pause("audit");
  const page = await openPage(gateway, {
    locale: "zh-CN",
    colorScheme: "dark",
    viewport: { width: 390, height: 800 },
  });
  await page.getByRole("heading", { name: "概览" }).waitFor();
  await page.getByText(/暂停了 audit。$/).waitFor();
  await page.getByRole("heading", { name: "最近一天的费用" }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual([await barriersOn(page), await misprintsOn(page)], [[], []]);
});

inBrowser("in trouble the page speaks Chinese all the way", async () => {
  const failing = await startReceiver(reply(500));
  const gone = await startReceiver(reply(410));
  const gateway = await startGateway({
    READ_TOKEN: "two words",
    FORWARD_RULES: [
      { name: "search", url: failing.url, order: "conversation", match: { body: { Type: ["Public"] } } },
      { name: "gone", url: gone.url, retry: [] },
      { name: "held", url: failing.url },
      { name: "laptop", url: "listener:" },
      { name: "wrong", url: failing.url, retry: ["5 minutes"], secret: "$UNSET" },
      { name: "odd", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 77 } },
    ],
  });
  await gateway.pause("held");
  await gateway.sendAll(numbered("n", 12));
  await gateway.destinationIs("gone", { state: "disabled" });
  const page = await openPage(gateway, { locale: "zh-CN" });
  // Names, code and quoted texts are as they are; three words in a row are English.
  const isEnglish = /(?<![\w.:/"*-])[A-Za-z]?[a-z]+(?: [a-z]+){2,}/;
  for (const [view, said] of [
    ["overview", "gone：返回 410，已停用，需手动恢复"],
    ["destinations", "返回 410：不再接收事件"],
    ["destinations/held", "已暂停，需手动恢复"],
    ["rules", "应为等待时间，例如"],
  ]) {
    await page.goto(`${gateway.url}/#/${view}`);
    await page.getByText(said!).first().waitFor();
    const text = await page.evaluate<string>('document.querySelector("main").innerText');
    assert.doesNotMatch(text, isEnglish, view);
    assert.deepEqual([await barriersOn(page), await misprintsOn(page)], [[], []], view);
  }
});

inBrowser("while the gateway does not answer, the last figures stay, and say so", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  const door = await frontDoorOf(gateway);
  const page = await openPage(door, { expected: [/Failed to load|ERR_/] });
  const lamps = page.getByRole("region", { name: "Destinations" });
  await lamps.getByText("audit").waitFor();
  await gateway.kill();
  door.breakOff();
  for (const name of ["Destinations", "Health", "Events per minute"])
    await page.getByRole("region", { name }).getByText("This is the last answer.").waitFor();
  const alert = page.getByRole("alert").filter({ hasText: "The page shows the last answers." });
  await alert.waitFor();
  await lamps.getByText("audit").waitFor();
  assert.deepEqual(await barriersOn(page), []);
  await gateway.start();
  await alert.getByRole("button", { name: "Try again" }).click();
  await alert.waitFor({ state: "detached" });
  await page.getByText("This is the last answer.").first().waitFor({ state: "detached" });
});

const before = JSON.stringify({
  CallbackCommand: "Group.CallbackBeforeSendMsg",
  GroupId: "@TGS#1",
  Type: "Public",
  From_Account: "lan",
  Operator_Account: "lan",
  Random: 1,
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "good evening" } }],
});
