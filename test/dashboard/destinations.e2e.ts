/** The destinations of a gateway, seen and steered on the page. */
import assert from "node:assert/strict";
import { barriersOn, inBrowser, misprintsOn, openPage } from "../support/browser.ts";
import { numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, replyAfter, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const refused = reply(422, {}, "unknown <b>group</b>");

inBrowser("a destination is paused and resumed, and nothing is lost", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "audit", url: receiver.url },
      { name: "erp", url: "poll:" },
      { name: "dev", url: "listener:" },
    ],
  });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations`);
  await page.getByRole("row", { name: /audit/ }).getByText("up", { exact: true }).waitFor();
  await page.getByRole("row", { name: /erp/ }).getByText("awaits a poller").waitFor();
  await page.getByRole("row", { name: /dev/ }).getByText("awaits a listener").waitFor();
  await page.getByRole("link", { name: "audit" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  const question = page.getByRole("dialog");
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "detached" });
  assert.equal((await gateway.destination("audit")).state, "up");

  await page.getByRole("button", { name: "Pause" }).click();
  await question.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  assert.equal((await gateway.destination("audit")).state, "paused");
  await gateway.sendAll(numbered("n", 3));
  await page.getByText(/^3 events · /).waitFor();
  assert.deepEqual(receiver.received, []);

  await page.getByRole("button", { name: "Resume" }).click();
  await receiver.delivered(3);
  await page.getByText("nothing waits").waitFor();
  assert.deepEqual(await barriersOn(page), []);
});

inBrowser(
  "a destination that fails is not green, and its page says what the gateway says of it",
  async () => {
    const receiver = await startReceiver(reply(422));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: ["2h"] }],
    });
    await gateway.sendAll(numbered("n", 1));
    await gateway.destinationIs("audit", { retrying: 1 });
    const page = await openPage(gateway);
    await page.goto(`${gateway.url}/#/destinations`);
    const row = page.getByRole("row", { name: /audit/ });
    await row.getByText("failing", { exact: true }).waitFor();
    await row.locator('.lamp[data-tone="warn"]').waitFor();
    assert.equal(await page.getByRole("columnheader", { name: "Expired" }).count(), 0, "nothing has expired");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await row.getByRole("link", { name: "audit" }).click();
    await page.getByText("1 event waits for another attempt (answered 422)").waitFor();
    assert.deepEqual(await barriersOn(page), []);
  },
);

inBrowser("a destination whose rule is switched off cannot be resumed, and says so", async () => {
  const receiver = await startReceiver(reply(500));
  const rule = { name: "audit", url: receiver.url, retry: ["2h"] };
  const gateway = await startGateway({ FORWARD_RULES: [rule] });
  await gateway.sendAll(numbered("n", 1));
  await gateway.destinationIs("audit", { retrying: 1 });
  await gateway.restart({ FORWARD_RULES: [{ ...rule, enabled: false }] });
  await gateway.destinationIs("audit", { state: "paused" });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations/audit`);
  await page.getByText("its rule is switched off").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("audit waits on: its rule keeps it from sending.").waitFor();
});

inBrowser("a test shows the status and the words of the destination", async () => {
  const receiver = await startReceiver(refused);
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations/audit`);
  await page.getByRole("button", { name: "Send a test" }).click();
  const outcome = page.getByRole("status", { name: "Test" });
  await outcome.getByText(/^422 within /).waitFor();
  await outcome.getByText("unknown <b>group</b>").waitFor();

  receiver.answer = reply(200);
  await page.getByRole("button", { name: "Send a test" }).click();
  await outcome.getByText("The destination took the test event.").waitFor();
  assert.equal(receiver.received.length, 2);
  assert.match(receiver.received[1]!.body, /Relay\.Test/);
});

inBrowser("deliveries that wait for a retry are made at once", async () => {
  const receiver = await startReceiver(reply(500));
  const gateway = await startGateway({
    FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: ["2h"] }],
  });
  await gateway.sendAll(numbered("n", 2));
  await gateway.destinationIs("audit", { retrying: 2 });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations/audit`);
  await page.getByText("answered 500", { exact: true }).waitFor();
  receiver.answer = reply(200);
  await page.getByRole("button", { name: "Retry now" }).click();
  await page.getByText("Due now: 2.").waitFor();
  await receiver.delivered(2);
  await page.getByRole("button", { name: "Retry now" }).waitFor({ state: "detached" });
});

inBrowser("dead letters are read page by page, and sent again one by one or all", async () => {
  const receiver = await startReceiver(refused);
  const gateway = await startGateway({
    FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: [] }],
  });
  await gateway.sendAll(numbered("n", 23));
  await gateway.destinationIs("audit", { dead: 23 });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations/audit`);
  const letters = page.getByRole("region", { name: "Dead letters" });
  await letters.getByRole("link").nth(19).waitFor();
  assert.equal(await letters.getByRole("link").count(), 20);
  await letters.getByRole("button", { name: "Older" }).click();
  await until("the older ones are shown", async () => (await letters.getByRole("link").count()) === 3);
  assert.deepEqual(await barriersOn(page), []);

  receiver.answer = reply(200);
  const oldest = await letters.getByRole("link").last().textContent();
  await letters.getByRole("checkbox", { name: `Choose ${oldest}` }).check();
  await letters.getByRole("button", { name: "Send 1 again" }).click();
  await page.getByText("Queued: 1.").waitFor();
  const again = await receiver.request(({ headers }) => headers["tim-relay-replay"] === "dead-letters");
  assert.equal(again.id, oldest);

  await gateway.destinationIs("audit", { dead: 22 });
  await letters.getByRole("button", { name: "Send all again" }).click();
  await page.getByRole("dialog").getByText("22 dead letters are sent again").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Send all again" }).click();
  await page.getByText("Queued: 22.").waitFor();
  await receiver.delivered(23);
  await letters.getByText("No dead letters.").waitFor();
});

inBrowser("a period is counted, then sent again, and followed to its end", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.sendAll(numbered("n", 12));
  await receiver.delivered(12);
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations/audit`);
  await page.getByRole("button", { name: "Replay a period" }).click();
  const dialog = page.getByRole("dialog", { name: "Send events to audit again" });
  const start = dialog.getByRole("button", { name: "Send 12 events again" });
  const count = dialog.getByRole("button", { name: "Count them" });

  await dialog.getByLabel("From").fill("soon");
  await dialog.getByLabel("At most a second").fill("0");
  await count.click();
  await dialog.getByText("Not a point in time.").waitFor();
  await dialog.getByText("A whole number from 1 to 1,000.").waitFor();
  await dialog.getByLabel("From").fill("2h");
  await dialog.getByLabel("At most a second").fill("4");
  await dialog.getByLabel("Commands").fill("C2C.*");
  await dialog.getByLabel("Commands").press("Enter");
  await dialog.getByText("No event fits: nothing would be sent.").waitFor();
  await dialog.getByLabel("Commands").fill("Group.*");
  await dialog.getByText("Count the events first").waitFor();
  await count.click();
  await dialog.getByText("12 events fit.").waitFor();
  assert.deepEqual(await barriersOn(page), []);
  assert.equal(receiver.received.length, 12);

  await start.click();
  await dialog.getByRole("progressbar").waitFor();
  await dialog.getByText(/^[1-9]\d* of 12 sent/).waitFor();
  await dialog.getByText("done").waitFor();
  await dialog.getByText("12 of 12 sent").waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("region", { name: "Replays" }).getByText("12 of 12 sent").waitFor();
  const ids = receiver.received.map(({ headers }) => headers["tim-relay-replay"]);
  assert.equal(ids.filter((id) => String(id).startsWith("rpl_")).length, 12);
});

inBrowser("a replay that runs is cancelled, and the rest is not sent", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  // More than are sent again until the page is asked to cancel, on a machine of any speed.
  const events = 200;
  await gateway.sendAll(numbered("n", events));
  await receiver.delivered(events);
  await gateway.post("/api/replay", { destination: "audit", since: "1h", until: "0s", perSecond: 1 }, 202);
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations`);
  const jobs = page.getByRole("region", { name: "Replays and erasures" });
  await jobs.getByRole("progressbar", { name: "Progress of the replay to audit" }).waitFor();
  assert.deepEqual(await barriersOn(page), []);
  await gateway.pause("audit");
  await jobs.getByText("It waits: the destination is paused.").waitFor();
  assert.equal(await jobs.getByText(/ left$/).count(), 0);
  await jobs.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the replay" }).click();
  await page.getByText("The replay is cancelled.").waitFor();
  await jobs.getByText("cancelled", { exact: true }).waitFor();
  assert.ok(receiver.received.length < 2 * events, `${receiver.received.length} requests`);
});

inBrowser("an erasure is listed without the account's name", async () => {
  const gateway = await startGateway();
  await gateway.sendAll(numbered("n", 2));
  await gateway.post("/api/erase", { account: "lan" }, 202);
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations`);
  const jobs = page.getByRole("region", { name: "Replays and erasures" });
  await jobs.getByText(/^Erasure of the account with the hash [0-9a-f]{8}$/).waitFor();
  await jobs.getByText("2 of 2 erased").waitFor();
});

inBrowser("a name without a rule is forgotten after a question", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.pause("audit");
  await gateway.sendAll(numbered("n", 4));
  await gateway.destinationIs("audit", { waiting: 4 });
  await gateway.restart({ FORWARD_RULES: [] });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations`);
  await page.getByRole("link", { name: "audit" }).click();
  await page.getByText("no rule has this name", { exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Send a test" }).count(), 0);
  await page.getByRole("button", { name: "Forget" }).click();
  const question = page.getByRole("dialog", { name: "Forget audit?" });
  await question.getByText("given up for good: 4 events").waitFor();
  await question.getByRole("button", { name: "Forget" }).click();
  await page.getByText("audit is forgotten, and with it: 4 events.").waitFor();
  await page.getByText("No rule forwards events.").waitFor();
  assert.deepEqual(await gateway.destinations(), []);
});

inBrowser("a token that may only read sees destinations without any button", async () => {
  const receiver = await startReceiver(refused);
  const gateway = await startGateway({
    READ_TOKEN: "test-read-token",
    FORWARD_RULES: [{ name: "audit", url: `${receiver.url}?key=hunter2`, retry: [] }],
  });
  await gateway.sendAll(numbered("n", 1));
  await gateway.destinationIs("audit", { dead: 1 });
  const page = await openPage(gateway, { token: "test-read-token" });
  await page.goto(`${gateway.url}/#/destinations/audit`);
  const main = page.getByRole("main");
  await main.getByRole("region", { name: "Dead letters" }).getByRole("link").waitFor();
  await main.getByRole("heading", { name: "Replays" }).waitFor();
  const buttons = await main.getByRole("button").allTextContents();
  assert.deepEqual(buttons, ["1 h", "6 h", "24 h"]);
  assert.equal(await main.getByRole("checkbox").count(), 0);
  assert.ok(!(await page.content()).includes("hunter2"));
});

inBrowser("a chart shows a minute between two quiet ones, and the numbers beside it are whole", async () => {
  const receiver = await startReceiver(replyAfter(1_100));
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.sendAll(numbered("n", 1));
  await until("it is delivered", async () => (await gateway.destination("audit")).delivered === 1);
  const page = await openPage(gateway, { locale: "zh-CN" });
  await page.goto(`${gateway.url}/#/destinations/audit`);
  const chart = page.getByRole("region", { name: "首次尝试的延迟" }).getByRole("img");
  await chart.locator("canvas").waitFor();
  const { room, needed, drawn } = await chart.evaluate((element) => {
    const canvas = element.querySelector("canvas")!;
    const context = canvas.getContext("2d")!;
    context.font = "12px system-ui, sans-serif";
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const marker = element.querySelectorAll<HTMLElement>(".u-marker")[1]!;
    const [red, green, blue] = getComputedStyle(marker).borderTopColor.match(/\d+/g)!.map(Number);
    let drawn = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) drawn++;
    const room = element.querySelector<HTMLElement>(".u-over")!.offsetLeft;
    return { room, needed: context.measureText("500 毫秒").width, drawn };
  });
  assert.ok(room >= needed + 5, `${room} of ${needed} pixels`);
  assert.ok(drawn >= 4, `${drawn} pixels`);
});

inBrowser("destinations are read in Chinese, in the dark, on a phone", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "a-name-of-forty-characters-0123456789abc", url: `${receiver.url}${"long/".repeat(60)}` },
      { name: "audit", url: receiver.url },
    ],
  });
  await gateway.sendAll(numbered("n", 2));
  const page = await openPage(gateway, {
    locale: "zh-CN",
    colorScheme: "dark",
    viewport: { width: 390, height: 800 },
  });
  await page.goto(`${gateway.url}/#/destinations`);
  await page.getByRole("heading", { name: "目标" }).waitFor();
  await page.getByRole("link", { name: "audit" }).waitFor();
  assert.deepEqual(await misprintsOn(page), []);
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits());
  assert.deepEqual(await barriersOn(page), []);
  // The keyboard goes from one to the next, and back.
  await page.keyboard.press("j");
  await page.getByRole("heading", { name: /^a-name/ }).waitFor();
  await page.keyboard.press("j");
  await page.getByRole("heading", { name: /^audit/ }).waitFor();
  await page.getByRole("button", { name: "暂停" }).waitFor();
  assert.ok(await fits());
  assert.deepEqual(await barriersOn(page), []);
  await page.getByRole("button", { name: "重放一段时间" }).click();
  await page.getByRole("button", { name: "统计数量" }).click();
  await page.getByText("共 2 个事件符合条件。").waitFor();
  assert.ok(await fits());
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "目标" }).waitFor();
});

inBrowser("an address that names no destination says so", async () => {
  const gateway = await startGateway();
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/destinations/${encodeURIComponent("<b>nobody</b>")}`);
  await page.getByText("There is no destination <b>nobody</b>.").waitFor();
  await page.getByRole("link", { name: "All destinations" }).click();
  await page.getByText("No rule forwards events.").waitFor();
});
