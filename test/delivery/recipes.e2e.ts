/** The rules of docs/recipes.md, as they stand there, at stand-ins that answer as the real services do. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { type Received, reply, startReceiver } from "../support/receiver.ts";
import { answerAsBots } from "./bots.ts";

const page = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");

interface PageRule {
  name: string;
  on: string | string[];
  url: string;
  [key: string]: unknown;
}

const rules: PageRule[] = [...page.matchAll(/^```json rule\n([\s\S]*?)^```$/gm)].map(([, text]) =>
  JSON.parse(text!),
);

const bots = ["feishu", "dingtalk", "wecom", "slack", "telegram"];

const named = (name: string) => rules.find((rule) => rule.name === name) ?? assert.fail(`no rule ${name}`);

/** A rule of the page whose host is the stand-in's, and which does not wait for long. */
const at = (origin: string, name: string, retry: string[]) => {
  const rule = named(name);
  return { ...rule, url: rule.url.replace(/^https:\/\/[a-z.]+\//, origin), retry };
};

const secretsAt = (origin: string) => ({
  FEISHU_BOT: `${origin}open-apis/bot/v2/hook/feishu-key`,
  DINGTALK_TOKEN: "dingtalk-token",
  WECOM_KEY: "wecom-key",
  SLACK_WEBHOOK: `${origin}services/T0/B0/slack-key`,
  TELEGRAM_TOKEN: "7:telegram-token",
  OPSGENIE_KEY: "opsgenie-key",
});

const created = {
  CallbackCommand: "Group.CallbackAfterCreateGroup",
  GroupId: "@TGS#2EXAMPLEEL",
  Operator_Account: "lan",
  Owner_Account: "阿岚",
  Type: "Public",
  Name: '海港 "散步" 😀\n群',
  MemberList: [],
  EventTime: 1718000001654,
};

describe("the recipes", { concurrency: 3 }, () => {
  test("write Chinese text in five chat rooms, and again when a bot was asked too fast", async () => {
    const receiver = await startReceiver(answerAsBots(() => true));
    const gateway = await startGateway({
      ...secretsAt(receiver.url),
      FORWARD_RULES: bots.map((name) => at(receiver.url, name, ["50ms", "50ms"])),
    });
    await gateway.accept(created.CallbackCommand, created, { query: { OptPlatform: "one" } });
    const deliveries = await Promise.all(bots.map((bot) => gateway.delivery("one", bot, "delivered")));
    const errors = deliveries.map(({ destination, attempts }) => [destination, attempts[0]!.error]);
    assert.deepEqual(Object.fromEntries(errors), {
      feishu: "answered 200, but body.code is 11232, and should be 0",
      dingtalk: "answered 200, but body.errcode is 130101, and should be 0",
      wecom: "answered 200, but body.errcode is 45009, and should be 0",
      slack: "answered 429 and asked to wait 1 s",
      telegram: "answered 429 and asked to wait 1 s",
    });
    assert.ok(deliveries.every(({ attempts }) => attempts.length === 2));
    const sent = (path: string) =>
      JSON.parse(receiver.received.find(({ url }) => url.startsWith(path))!.body);
    assert.equal(sent("/open-apis").content.text, '新群：海港 "散步" 😀\n群（@TGS#2EXAMPLEEL），群主 阿岚');
    assert.equal(
      sent("/robot/send?access_token=dingtalk-token").markdown.text,
      '### 聊天：新群 海港 "散步" 😀\n群\n- 群主：阿岚\n- 类型：Public',
    );
    assert.equal(
      sent("/cgi-bin/webhook/send?key=wecom-key").text.content,
      '新群：海港 "散步" 😀\n群，群主 阿岚',
    );
    assert.equal(sent("/services").text, 'New group: 海港 "散步" 😀\n群');
    assert.equal(sent("/bot7:telegram-token/sendMessage").chat_id, -1001234567890);
  });

  test("make a dead letter of what a bot does not take, with the bot's answer and without its key", async () => {
    const receiver = await startReceiver(answerAsBots(() => false));
    const gateway = await startGateway({
      ...secretsAt(receiver.url),
      FORWARD_RULES: bots.map((name) => ({
        ...at(receiver.url, name, []),
        template: { msgtype: "text", text: { content: "" }, chat_id: 1 },
      })),
    });
    await gateway.accept(created.CallbackCommand, created, { query: { OptPlatform: "one" } });
    const deliveries = await Promise.all(bots.map((bot) => gateway.delivery("one", bot, "dead")));
    const told = deliveries.map(({ destination, attempts: [one] }) => [
      destination,
      one!.error,
      one!.response,
    ]);
    assert.deepEqual(told.sort(), [
      [
        "dingtalk",
        "answered 200, but body.errcode is 310000, and should be 0",
        '{"errcode":310000,"errmsg":"keywords not in content, more: [聊天]"}',
      ],
      [
        "feishu",
        "answered 200, but body.code is 9499, and should be 0",
        '{"code":9499,"msg":"Bad Request","data":{}}',
      ],
      ["slack", "answered 400", "no_text"],
      [
        "telegram",
        "answered 400",
        '{"ok":false,"error_code":400,"description":"Bad Request: message text is empty"}',
      ],
      [
        "wecom",
        "answered 200, but body.errcode is 40008, and should be 0",
        '{"errcode":40008,"errmsg":"invalid message type, hint: [1764230400]"}',
      ],
    ]);
    // A bot that refuses a message is not down.
    const states = (await gateway.destinations()).map(({ state }) => state);
    assert.deepEqual(
      states,
      bots.map(() => "up"),
    );
    const shown = await gateway.get("/api/rules");
    for (const key of ["feishu-key", "dingtalk-token", "wecom-key", "slack-key", "telegram-token"])
      assert.ok(!JSON.stringify([shown, deliveries]).includes(key), key);
  });

  test("open an incident when a destination is down, tell the room, and close it again", async () => {
    const alarms = await startReceiver(answerAsBots(() => false));
    const audit = await startReceiver(reply(500));
    const gateway = await startGateway({
      ...secretsAt(alarms.url),
      FORWARD_RULES: [
        { name: "audit", url: audit.url, retry: ["5m"] },
        ...["oncall-room", "pagerduty-open", "pagerduty-close", "opsgenie"].map((name) =>
          at(alarms.url, name, []),
        ),
      ],
    });
    for (let index = 0; index < 10; index++) await gateway.sendLabelled({ label: `down-${index}` });
    const to = (path: string, action?: string) => (request: Received) =>
      request.url === path && (action === undefined || JSON.parse(request.body).event_action === action);
    const opened = JSON.parse((await alarms.request(to("/v2/enqueue", "trigger"))).body);
    const { summary, custom_details: details } = opened.payload;
    assert.match(summary, /^audit is down: answered 500; \d+ events wait$/);
    assert.deepEqual(
      [opened.dedup_key, details.destination, details.failures],
      ["tim-relay/audit", "audit", 10],
    );
    const alert = JSON.parse((await alarms.request(to("/v2/alerts"))).body);
    assert.equal(alert.message, "tim-relay: Relay.DestinationDown audit");
    assert.match(alert.description, /^\d{4}-.*Z \{"destination":"audit",/);
    const line = await alarms.request(
      ({ body }) => body.includes("Relay.DestinationDown") && body.includes("告警"),
    );
    assert.match(
      JSON.parse(line.body).content.text,
      /^tim-relay 告警 Relay\.DestinationDown \d{4}-.*Z\n\{"destination"/,
    );
    audit.answer = reply(200);
    await gateway.post("/api/destinations/audit/retry");
    const closed = JSON.parse((await alarms.request(to("/v2/enqueue", "resolve"))).body);
    assert.equal(closed.dedup_key, opened.dedup_key);
  });
});
