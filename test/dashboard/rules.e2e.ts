/** The Rules view and its playground in a real browser, on a real gateway. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { barriersOn, inBrowser, misprintsOn, openPage } from "../support/browser.ts";
import { startGateway } from "../support/gateway.ts";

const before = "Group.CallbackBeforeSendMsg";
const recall = "Group.CallbackAfterRecallMsg";

const audit = { name: "audit", url: "https://audit.example.com/", secret: "$AUDIT_SECRET" };
const noLinks = {
  name: "no-links",
  on: before,
  match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }] } } } },
  answer: { ErrorCode: 1, ErrorInfo: "links are not allowed here" },
};
const wrong = { name: "typo", url: "https://a.example.com/", retyr: ["5s"] };

const settings = {
  AUDIT_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  READ_TOKEN: "test-read-token",
  FORWARD_RULES: [audit, noLinks, wrong],
};

const message = (Text: string) => ({
  GroupId: "@TGS#1",
  Type: "Public",
  From_Account: "lan",
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text } }],
});

const rulesEditor = (page: Page) => page.getByRole("textbox", { name: "Rules as JSON" });
const eventEditor = (page: Page) => page.getByRole("textbox", { name: "Event as JSON" });

/** Writes a text instead of an editor's own, as somebody who pastes it. */
async function write(editor: ReturnType<typeof rulesEditor>, text: string): Promise<void> {
  await editor.click();
  await editor.press("ControlOrMeta+a");
  await editor.page().keyboard.insertText(text);
}

async function playgroundOf(gateway: { url: string }, options?: Parameters<typeof openPage>[1]) {
  const page = await openPage(gateway, { expected: [/400/], ...options });
  await page.goto(`${gateway.url}/#/rules?open=playground`);
  await rulesEditor(page).waitFor();
  return page;
}

inBrowser(
  "each rule is a sentence with its figures; one that decides can be paused and resumed",
  async () => {
    const gateway = await startGateway(settings);
    await gateway.send(before, message("see http://spam.example.com"));
    const page = await openPage(gateway);
    await page.goto(`${gateway.url}/#/rules`);
    const entry = (name: string) =>
      page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });
    await entry("audit").getByText("forwards every event to audit.example.com").waitFor();
    await entry("typo").getByText(/retyr/).waitFor();
    await entry("no-links").getByText("by the rule itself: 1").waitFor();
    assert.equal(await entry("audit").getByRole("button", { name: "Pause" }).count(), 0);
    assert.deepEqual(await barriersOn(page), []);

    await entry("no-links").getByRole("button", { name: "Pause" }).click();
    const dialog = page.getByRole("dialog", { name: "Pause no-links?" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    await entry("no-links").getByText("on", { exact: true }).waitFor();
    await entry("no-links").getByRole("button", { name: "Pause" }).click();
    await dialog.getByRole("button", { name: "Pause" }).click();
    await entry("no-links").getByText("paused", { exact: true }).waitFor();
    const answer = await gateway.send(before, message("see http://spam.example.com"));
    assert.equal(JSON.parse(answer.text).ErrorCode, 0);

    await entry("no-links").getByRole("button", { name: "Resume" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await entry("no-links").getByText("on", { exact: true }).waitFor();
  },
);

inBrowser(
  "the playground begins with the running rules, and shows which fit an example, what they send and why others do not",
  async () => {
    const room = { ...audit, name: "room", template: { text: "{{command}}" } };
    const gateway = await startGateway({ ...settings, FORWARD_RULES: [audit, noLinks, room] });
    const page = await playgroundOf(gateway);
    assert.match((await rulesEditor(page).textContent())!, /"\$AUDIT_SECRET"/);
    await page.getByLabel("An event to try them on").selectOption(before);
    const fits = page.getByRole("region", { name: "Which rules fit" }).getByRole("listitem");
    await fits.filter({ hasText: "audit" }).getByText("fits", { exact: true }).waitFor();
    await fits
      .filter({ hasText: "no-links" })
      .getByText(/Text is ".*", and should be a text like "\*http\*"/)
      .waitFor();

    await write(eventEditor(page), JSON.stringify({ command: before, body: message("http://a") }));
    await fits.filter({ hasText: "no-links" }).getByText("decides").waitFor();
    await fits.filter({ hasText: "room" }).getByText(`sends {"text":"${before}"}`).waitFor();
    assert.deepEqual(await barriersOn(page), []);

    await write(eventEditor(page), `{ "command": "${recall}", "bdy": {} }`);
    await page.getByText("is not a key of an event: did you mean body?").waitFor();
  },
);

inBrowser(
  "a mistake is marked at its place, the page's own at once and the gateway's when it answers",
  async () => {
    const gateway = await startGateway(settings);
    const page = await playgroundOf(gateway);
    const mistakes = page.getByRole("status", { name: "Mistakes" }).first();
    const marked = page.locator(".cm-lintRange-error");

    await write(rulesEditor(page), '[\n  { "name": "a", "ask": "https://b.example.com/", "deadlinMs": 5 }]');
    await mistakes.getByText("deadlinMs is not known here: did you mean deadlineMs?").waitFor();
    await mistakes.getByRole("button", { name: "line 2" }).waitFor();
    assert.equal(await marked.first().textContent(), '"deadlinMs"');

    await write(rulesEditor(page), '[{ "name": "a", "ask": "https://b.example.com/", "deadlineMs": 5000 }]');
    await mistakes.getByText(/1600/).waitFor();
    assert.equal(await marked.first().textContent(), "5000");
    await page.getByText("First mend the mistakes that are marked.").first().waitFor();
    assert.ok(await page.getByRole("button", { name: "Copy as FORWARD_RULES" }).isEnabled());

    await write(rulesEditor(page), '[{ "name": "a" ');
    await mistakes
      .getByText(/expected/)
      .first()
      .waitFor();
    assert.ok(await page.getByRole("button", { name: "Copy as FORWARD_RULES" }).isDisabled());

    await write(rulesEditor(page), JSON.stringify([{ name: "a", url: "https://b.example.com/" }]));
    await mistakes.getByRole("listitem").first().waitFor({ state: "detached" });
    assert.equal(await marked.count(), 0);
  },
);

inBrowser(
  "keys are completed from the schema, commands from the catalogue, fields from the event",
  async () => {
    const gateway = await startGateway(settings);
    const page = await playgroundOf(gateway);
    await page.getByLabel("An event to try them on").selectOption(recall);
    // A list that is about to be renewed takes no click.
    const list = page.locator(".cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)");
    const offered = (label: string) => list.getByRole("option", { name: label, exact: true });
    const accept = async (label: string) => {
      await offered(label).click();
      await page.getByRole("option", { name: label, exact: true }).waitFor({ state: "detached" });
    };
    await write(rulesEditor(page), "");
    await page.keyboard.type('[{ "u');
    await accept('"url"');
    await page.keyboard.insertText("https://b.example.com/");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type(', "o');
    await accept('"on"');
    await page.keyboard.type("RecallMsg");
    await accept(`"${recall}"`);
    await page.keyboard.type(', "ma');
    await accept('"match"');
    await page.keyboard.type('"bo');
    await accept('"body"');
    await page.keyboard.type('"Gro');
    await offered('"GroupId"').waitFor();
    const text = (await rulesEditor(page).textContent())!;
    assert.match(text, new RegExp(`"url": "https://b.example.com/", "on": "${recall}", "match": \\{`));
  },
);

inBrowser(
  "it counts how many of the last events would change, with examples, and copies the result",
  async () => {
    const gateway = await startGateway({ FORWARD_RULES: [{ ...audit, secret: undefined, on: recall }] });
    for (let seq = 0; seq < 3; seq++)
      await gateway.accept(recall, { GroupId: `@TGS#${seq}`, MsgSeqList: [{ MsgSeq: seq }], Type: "Public" });
    const page = await playgroundOf(gateway);
    const changes = page.getByRole("region", { name: "What would change" });
    await changes.getByText("None of the last 3 events would change.").waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);

    const rules = [
      { name: "audit", url: "https://audit.example.com/", match: { body: { GroupId: ["@TGS#1"] } } },
      { name: "ids", url: "https://b.example.com/", match: { body: { Id: ["BIG"] } } },
    ];
    const text = JSON.stringify(rules, null, 2).replace('"BIG"', "144115200000000001");
    await write(rulesEditor(page), text);
    await changes.getByText("2 of the last 3 events would fit other rules than now.").waitFor();
    await changes.getByRole("row", { name: /audit/ }).getByText("−2").waitFor();

    const copied = async (name: string) => {
      await page.getByRole("button", { name }).click();
      await page.getByText("Copied.").last().waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    assert.equal(await copied("Copy as FORWARD_RULES"), text.replace(/\s/g, ""));
    assert.match(await copied("Copy as rules of tim-relay.jsonc"), /^"rules": \[\n {2}\{/);

    const href = await changes.getByRole("link").first().getAttribute("href");
    await page.goto(`${gateway.url}/${href}`);
    await page
      .getByRole("complementary", { name: "Event" })
      .getByText("@TGS#", { exact: false })
      .first()
      .waitFor();
    await page.getByRole("link", { name: "Try rules on it" }).click();
    await eventEditor(page).getByText(recall).first().waitFor();
    await write(eventEditor(page), href!.split("/").at(-1)!);
    await eventEditor(page).getByText(recall).first().waitFor();
    assert.match((await rulesEditor(page).textContent())!, /144115200000000001/, "the draft has stayed");
    await page
      .getByRole("option", { name: new RegExp(`${recall} group:`) })
      .first()
      .waitFor({ state: "attached" });
  },
);

inBrowser(
  "quick typing is kept whole, Tab leaves the editor, and the page's own keys do nothing in it",
  async () => {
    const gateway = await startGateway({ FORWARD_RULES: [] });
    const page = await playgroundOf(gateway);
    await write(eventEditor(page), "");
    const typed = "ge? /jk ".repeat(20);
    await page.keyboard.type(typed);
    assert.equal(await eventEditor(page).textContent(), typed);
    assert.match(page.url(), /#\/rules/);
    assert.equal(await page.getByRole("dialog").count(), 0);
    await page.keyboard.press("Tab");
    assert.equal(await eventEditor(page).evaluate((element) => element.matches(":focus")), false);
  },
);

inBrowser("a token that may only read sees the rules, and no switch and no playground", async () => {
  const gateway = await startGateway(settings);
  const page = await openPage(gateway, { token: "test-read-token" });
  await page.goto(`${gateway.url}/#/rules`);
  await page.getByText("forwards every event to audit.example.com").waitFor();
  assert.equal(await page.getByRole("button", { name: "Pause" }).count(), 0);
  assert.equal(await page.getByRole("link", { name: "Try a change" }).count(), 0);
  await page.getByRole("tab", { name: "Playground" }).click();
  await page.getByText("Trying rules takes an ADMIN_TOKEN.").waitFor();
  assert.equal(await rulesEditor(page).count(), 0);
});

inBrowser(
  "in Chinese, dark and on a phone the playground fits, and can be used by a screen reader",
  async () => {
    const gateway = await startGateway({
      FORWARD_RULES: [
        { ...noLinks, name: "a".repeat(40), answer: { ErrorCode: 1, ErrorInfo: "<b>&".repeat(80) } },
      ],
    });
    const page = await openPage(gateway, {
      locale: "zh-CN",
      colorScheme: "dark",
      viewport: { width: 390, height: 800 },
    });
    await page.goto(`${gateway.url}/#/rules`);
    const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    await page.getByText("作出裁决").waitFor();
    assert.equal(await isWide(), false, "the list is wider than a phone");
    assert.deepEqual([await barriersOn(page), await misprintsOn(page)], [[], []]);
    await page.getByRole("tab", { name: "试验场" }).click();
    await page.getByRole("textbox", { name: "规则（JSON）" }).waitFor();
    await page.getByLabel("用于试验的事件").selectOption(before);
    await page.getByText("未命中").waitFor();
    assert.equal(await isWide(), false, "the playground is wider than a phone");
    assert.deepEqual(await barriersOn(page), []);
  },
);
