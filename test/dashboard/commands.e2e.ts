/** The Commands view and the first steps in a real browser. */
import assert from "node:assert/strict";
import { barriersOn, inBrowser, misprintsOn, openPage } from "../support/browser.ts";
import { startGateway } from "../support/gateway.ts";

inBrowser(
  "a command is found by its words, and shown with its fields, its example and Tencent's page",
  async () => {
    const gateway = await startGateway();
    const page = await openPage(gateway);
    await page.goto(`${gateway.url}/#/commands`);
    await page.getByLabel("Search commands").fill("group recall");
    await page.getByRole("link", { name: /CallbackAfterRecallMsg/ }).click();
    const article = page.getByRole("article", { name: "Group.CallbackAfterRecallMsg" });
    await article.getByRole("cell", { name: "MsgSeqList[].MsgSeq" }).waitFor();
    await article.getByText('"@TGS#_@TGS#cEXAMPLE62CJ"').waitFor();
    const link = article.getByRole("link", { name: "Tencent’s page (English)" });
    assert.match(
      (await link.getAttribute("href"))!,
      /^https:\/\/www\.tencentcloud\.com\/document\/product\/1047\//,
    );
    assert.deepEqual(await barriersOn(page), []);
    await page.getByLabel("Search commands").fill("nothing like that");
    await page.getByText("No command fits.").waitFor();
  },
);

inBrowser("differences from the documentation are shown with their command", async () => {
  const gateway = await startGateway();
  const { commands } = await gateway.get("/api/commands");
  const { example } = commands.find(
    ({ command }: { command: string }) => command === "Group.CallbackAfterRecallMsg",
  );
  await gateway.accept("Group.CallbackAfterRecallMsg", { ...example, Surprise: 7 });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/commands/Group.CallbackAfterRecallMsg`);
  await page.getByRole("cell", { name: "Surprise" }).waitFor();
  await page.getByRole("cell", { name: "field without documentation" }).waitFor();
});

inBrowser("an example is sent with one click in a local run, and leads to its event", async () => {
  const gateway = await startGateway();
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/commands/Group.CallbackAfterRecallMsg`);
  await page.getByRole("button", { name: "Send this example" }).click();
  await page.getByRole("link", { name: "Open the event" }).click();
  await page
    .getByRole("complementary", { name: "Event" })
    .getByText("Group.CallbackAfterRecallMsg")
    .first()
    .waitFor();
});

inBrowser("a gateway elsewhere, and a token that may only read, send no examples", async () => {
  const deployed = await startGateway({ ALLOW_PRIVATE_DESTINATIONS: "false" });
  const local = await startGateway({ READ_TOKEN: "test-read-token" });
  for (const page of [await openPage(deployed), await openPage(local, { token: "test-read-token" })]) {
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/#/start`);
    await page.getByText(/Send a message in your app/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Send a test event" }).count(), 0);
    await page.goto(`${origin}/#/commands/Group.CallbackAfterRecallMsg`);
    await page.getByRole("heading", { name: "Fields" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Send this example" }).count(), 0);
  }
});

inBrowser("the first steps say what the console needs, and show the first event as it comes", async () => {
  const gateway = await startGateway({ CALLBACK_PATH: "/tim-callbacks-7f3a", CALLBACK_TOKEN: "" });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/start`);
  await page.getByText(`${gateway.url}/tim-callbacks-7f3a`).waitFor();
  await page.getByText("1400000000").waitFor();
  await page.getByText(/CALLBACK_TOKEN is not set/).waitFor();
  await page.getByText("No event has arrived yet.", { exact: false }).waitFor();
  assert.deepEqual(await barriersOn(page), []);
  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.getByText("An event has arrived:", { exact: false }).waitFor();
  await page.getByRole("link", { name: "Open it" }).click();
  await page.getByRole("complementary", { name: "Event" }).waitFor();
});

inBrowser("the catalogue and the first steps fit a phone, in Chinese and in the dark", async () => {
  const gateway = await startGateway();
  await gateway.accept("State.StateChange", { Info: { Action: "Login", To_Account: "lan" } });
  const page = await openPage(gateway, {
    locale: "zh-CN",
    colorScheme: "dark",
    viewport: { width: 390, height: 800 },
  });
  for (const [view, heading] of [
    ["commands", "命令"],
    ["commands/C2C.CallbackAfterSendMsg", "字段"],
    ["start", "开始使用"],
  ]) {
    await page.goto(`${gateway.url}/#/${view}`);
    await page.getByRole("heading", { name: heading! }).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, view);
    assert.deepEqual([await barriersOn(page), await misprintsOn(page)], [[], []]);
  }
  await page.getByText(/已收到事件：State\.StateChange，\d+ 秒前。打开$/).waitFor();
});
