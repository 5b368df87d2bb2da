/** The Events view in a real browser, on a real gateway. */
import assert from "node:assert/strict";
import { barriersOn, inBrowser, misprintsOn, openPage } from "../support/browser.ts";
import { frontDoorOf } from "../support/front-door.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const group = "@TGS#2EXAMPLEEL";
const says = (Text: string) => [{ MsgType: "TIMTextElem", MsgContent: { Text } }];
let seq = 100;

/** A message of the group. */
const message = (text: string, more: object = {}) => ({
  CallbackCommand: "Group.CallbackAfterSendMsg",
  GroupId: group,
  Type: "Public",
  From_Account: "minh",
  Operator_Account: "minh",
  Random: seq,
  MsgSeq: ++seq,
  MsgTime: 1_718_000_007,
  MsgBody: says(text),
  EventTime: 1_718_000_007_000,
  ...more,
});

const noLinks = {
  name: "no-links",
  on: "Group.CallbackBeforeSendMsg",
  match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }] } } } },
  answer: { ErrorCode: 1, ErrorInfo: "links are not allowed here" },
};

inBrowser(
  "a person signs in by the token; a wrong one is named, and none is left in the address",
  async () => {
    const gateway = await startGateway();
    const page = await openPage(gateway, { token: null, expected: [/401/] });
    await page.getByLabel("Token").fill("wrong-token");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The gateway does not know this token.").waitFor();
    await page.getByLabel("Token").fill("test-admin-token");
    await page.keyboard.press("Enter");
    await page.getByRole("navigation").waitFor();

    const linked = await openPage(gateway);
    await linked.getByRole("navigation").waitFor();
    assert.ok(!linked.url().includes("token"), linked.url());
    assert.equal(
      await linked.evaluate(() => JSON.stringify(localStorage).includes("test-admin-token")),
      false,
    );
    await linked.reload();
    await linked.getByRole("navigation").waitFor();
    await linked.getByRole("button", { name: "Sign out" }).click();
    await linked.getByLabel("Token").waitFor();
    await linked.reload();
    await linked.getByLabel("Token").waitFor();
    // In the page's own tab a link changes the fragment alone.
    await linked.goto(`${gateway.url}/#token=test-admin-token`);
    await linked.getByRole("navigation").waitFor();
    assert.ok(!linked.url().includes("token"), linked.url());
  },
);

inBrowser("an event is shown as it arrives, and opens with its body as it was sent", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/events`);
  await page.getByText("live", { exact: true }).waitFor();
  await gateway.accept(
    "Group.CallbackAfterSendMsg",
    JSON.stringify(message("hello")).replace('"MsgSeq"', '"Ticket":9007199254740993,"MsgSeq"'),
  );
  await page.getByRole("option", { name: /Group\.CallbackAfterSendMsg/ }).click();
  const pane = page.getByRole("complementary", { name: "Event" });
  await pane.getByText("9007199254740993").waitFor();
  await pane.getByText('"hello"').waitFor();
  await pane.getByRole("link", { name: "audit" }).waitFor();
  await pane.getByText("delivered").first().waitFor();

  await pane.getByRole("button", { name: "Send again" }).click();
  await page.getByText("1 sent again.").waitFor();
  const [first, again] = await receiver.requests(2);
  assert.equal(first!.id, again!.id);

  await page.keyboard.press("Escape");
  await pane.waitFor({ state: "detached" });
  assert.deepEqual(await barriersOn(page), []);
});

inBrowser(
  "a dead letter is sent to its destination alone, and deliveries are given up only when asked",
  async () => {
    const taken = await startReceiver();
    const refusing = await startReceiver(reply(422));
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "audit", url: taken.url },
        { name: "feed", url: refusing.url, retry: [] },
        { name: "archive", url: refusing.url, retry: ["2h"] },
      ],
    });
    await gateway.accept("Group.CallbackAfterSendMsg", message("hello"));
    await gateway.destinationIs("feed", { dead: 1 });
    await gateway.destinationIs("archive", { retrying: 1 });
    const page = await openPage(gateway);
    await page.goto(`${gateway.url}/#/events`);
    await page.getByRole("option").click();
    const pane = page.getByRole("complementary", { name: "Event" });
    await pane.getByRole("button", { name: "Send again to all" }).waitFor();
    await pane.getByRole("button", { name: "Send again", exact: true }).click();
    await page.getByText("1 sent again.").waitFor();
    await refusing.requests(3);
    assert.equal(taken.received.length, 1);

    await pane.getByRole("button", { name: "Give up waiting deliveries" }).click();
    const question = page.getByRole("dialog");
    await question.getByText("archive").waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await gateway.destination("archive")).retrying, 1);
    await pane.getByRole("button", { name: "Give up waiting deliveries" }).click();
    await question.getByRole("button", { name: "Give up waiting deliveries" }).click();
    await page.getByText("1 given up.").waitFor();
    assert.deepEqual(await barriersOn(page), []);
  },
);

inBrowser("the mistakes of a quarantined event are marked at their place", async () => {
  const gateway = await startGateway();
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/events?filter=state:quarantined`);
  await page.getByText("live", { exact: true }).waitFor();
  const { status } = await gateway.send(
    "Group.CallbackAfterSendMsg",
    message("x", { MsgSeq: "no number", GroupId: undefined }),
  );
  assert.equal(status, 400);
  await page.getByRole("option", { name: /quarantined/ }).click();
  const pane = page.getByRole("complementary", { name: "Event" });
  await pane.locator(".noted", { hasText: "MsgSeq" }).waitFor();
  await pane.locator(".missing", { hasText: "GroupId" }).waitFor();
  assert.deepEqual(await barriersOn(page), []);
});

inBrowser("the filter suggests, narrows the list, and stays in the address", async () => {
  const gateway = await startGateway();
  await gateway.accept("Group.CallbackAfterSendMsg", message("first"));
  await gateway.accept("C2C.CallbackAfterMsgReport", {
    CallbackCommand: "C2C.CallbackAfterMsgReport",
    Report_Account: "minh",
    Peer_Account: "lan",
    LastReadTime: 1_763_700_060,
    EventTime: 1_763_700_060_702,
  });
  const page = await openPage(gateway, { expected: [/400/] });
  await page.goto(`${gateway.url}/#/events`);
  await page.getByRole("option").nth(1).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("comm");
  await page.getByRole("option", { name: "command:" }).click();
  await page.keyboard.type("C2C.");
  await page.getByRole("option", { name: "C2C.*" }).click();
  await page.getByRole("option", { name: /Group/ }).waitFor({ state: "detached" });
  await page.getByRole("option", { name: /C2C\.CallbackAfterMsgReport/ }).waitFor();
  await page.reload();
  await page.getByRole("option", { name: /C2C\.CallbackAfterMsgReport/ }).waitFor();
  assert.equal(await page.getByLabel("Filter").inputValue(), "command:C2C.*");

  await page.getByLabel("Filter").fill("state:nonsense");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("expected one of quarantined").waitFor();
  await page.getByLabel("Filter").fill("text:nothing-like-that");
  await page.keyboard.press("Enter");
  await page.getByText("No event fits this filter.").waitFor();
});

inBrowser("support sees why a message was blocked, in the conversation around it", async () => {
  const gateway = await startGateway({ FORWARD_RULES: [noLinks] });
  const before = (text: string, Random: number) => ({
    ...message(text, { Random }),
    CallbackCommand: "Group.CallbackBeforeSendMsg",
    MsgSeq: undefined,
  });
  await gateway.accept("Group.CallbackBeforeSendMsg", before("good evening", 1));
  await gateway.accept("Group.CallbackAfterSendMsg", message("good evening", { Random: 1, MsgSeq: 1 }));
  await gateway.accept("Group.CallbackAfterModifyMsg", {
    ...message("good night", { MsgSeq: 1 }),
    CallbackCommand: "Group.CallbackAfterModifyMsg",
  });
  await gateway.send("Group.CallbackBeforeSendMsg", before("see http://spam.example.com", 2));
  const page = await openPage(gateway);
  await page.goto(`${gateway.url}/#/events?filter=verdict:refuse`);
  await page.getByRole("option", { name: /refused/ }).click();
  await page.getByRole("tab", { name: "Conversation" }).click();
  const blocked = page.getByRole("article").filter({ hasText: "see http://spam.example.com" });
  await blocked.getByText("Refused by the rule no-links, code 1").waitFor();
  const edited = page.getByRole("article").filter({ hasText: "good night" });
  await edited.getByText("Edited by minh").waitFor();
  assert.equal(await page.getByRole("article").count(), 2);
  assert.deepEqual(await barriersOn(page), []);
});

inBrowser("hostile texts are shown as the texts that they are", async () => {
  const gateway = await startGateway();
  const hostile = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{7*7}}<b>7</b>",
    "\u202Eevil\u0000",
  ];
  for (const text of hostile)
    await gateway.accept("Group.CallbackAfterSendMsg", message(text, { From_Account: text.slice(0, 30) }));
  const page = await openPage(gateway);
  let dialogs = 0;
  page.on("dialog", (dialog) => {
    dialogs++;
    dialog.dismiss();
  });
  await page.goto(`${gateway.url}/#/events`);
  await page
    .getByRole("option")
    .nth(hostile.length - 1)
    .waitFor();
  await page.keyboard.press("j");
  await page.getByRole("tab", { name: "Conversation" }).click();
  for (const text of hostile.slice(0, 3))
    await page.getByRole("article").getByText(text, { exact: true }).first().waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.equal(dialogs, 0);
});

inBrowser("a page that stays open over a restart connects again, and misses nothing", async () => {
  const gateway = await startGateway();
  const door = await frontDoorOf(gateway);
  const page = await openPage(door, { expected: [/WebSocket|Failed to load|ERR_/] });
  await page.goto(`${door.url}/#/events`);
  await page.getByText("live", { exact: true }).waitFor();
  await gateway.accept("Group.CallbackAfterSendMsg", message("one"));
  await page.getByRole("option").first().waitFor();
  await gateway.kill();
  door.breakOff();
  await page.getByText("reconnecting…").waitFor();
  await gateway.start();
  await gateway.accept("Group.CallbackAfterSendMsg", message("two"));
  await gateway.accept("Group.CallbackAfterSendMsg", message("three"));
  await page.getByText("live", { exact: true }).waitFor();
  await page.getByRole("option").nth(2).waitFor();
  await gateway.accept("Group.CallbackAfterSendMsg", message("four"));
  await page.getByRole("option").nth(3).waitFor();
  assert.equal(await page.getByRole("option").count(), 4);
});

inBrowser("a token that may only read sees a page without actions, and no bodies", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({
    READ_TOKEN: "test-read-token",
    FORWARD_RULES: [{ name: "audit", url: receiver.url }],
  });
  await gateway.accept("Group.CallbackAfterSendMsg", message("a secret"));
  const page = await openPage(gateway, { token: "test-read-token" });
  await page.goto(`${gateway.url}/#/events`);
  await page.getByRole("option").click();
  await page.getByText("This token may not see bodies.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Send again" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Copy as curl" }).count(), 0);
  assert.ok(!(await page.content()).includes("a secret"));
});

inBrowser(
  "the page speaks Chinese to a Chinese browser, is dark in a dark one, and fits a phone",
  async () => {
    const gateway = await startGateway();
    await gateway.accept("Group.CallbackAfterSendMsg", message("晚上好"));
    const page = await openPage(gateway, {
      locale: "zh-CN",
      colorScheme: "dark",
      viewport: { width: 390, height: 800 },
    });
    await page.goto(`${gateway.url}/#/events`);
    await page.getByRole("heading", { name: "事件" }).waitFor();
    await page.getByRole("option").click();
    await page.getByText('"晚上好"').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    assert.equal(ground, "rgb(14, 17, 22)");
    assert.deepEqual([await barriersOn(page), await misprintsOn(page)], [[], []]);
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("navigation").getByText("Events").waitFor();
    await page.reload();
    await page.getByRole("navigation").getByText("Events").waitFor();
  },
);
