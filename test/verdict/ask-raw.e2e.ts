/** Backends that were written for Tencent, and get Tencent's own request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { app } from "../support/callbacks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Answer, hang, type Received, startReceiver } from "../support/receiver.ts";
import { ok, tencentServer } from "../support/tencent-server.ts";
import { until } from "../support/until.ts";

const command = "C2C.CallbackBeforeSendMsg";
const token = "令牌-of-the-moderation";

/** White space, an escape and a number beyond 2^53: only the same bytes are the same text. */
const bodyOf = (text: string) =>
  `{ "CallbackCommand":"${command}", "To_Account" : "siti","From_Account":"\\u006can",\n "MsgSeq":9007199254740993,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"${text}"}}]}`;

/** Refuses a text that holds "spam", and masks "bad". */
const moderate = tencentServer(token, ({ MsgBody: [{ MsgContent }] }) => {
  const text: string = MsgContent.Text;
  if (text.includes("spam")) return ok({ ErrorCode: 120001, ErrorInfo: "no advertising" });
  if (!text.includes("bad")) return ok();
  return ok({ MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: text.replace("bad", "***") } }] });
});

const rule = { name: "moderation", on: command, format: "raw", callbackToken: "$MODERATION_TOKEN" };

async function startModerated(changes: object, answer: Answer = moderate) {
  const receiver = await startReceiver(answer);
  const gateway = await startGateway({
    MODERATION_TOKEN: token,
    FORWARD_RULES: [{ ...rule, ask: `${receiver.url}im?team=chat`, ...changes }],
  });
  const verdict = async (text: string) => JSON.parse((await gateway.send(command, bodyOf(text))).text);
  return { receiver, gateway, verdict };
}

/** The verdicts on so many events, oldest first. Events are kept after their answers. */
const recorded = (gateway: Gateway, count: number) =>
  until(`${count} verdicts are recorded`, async () => {
    const { events } = await gateway.events();
    return events.length === count && events.map(({ verdict }) => verdict).reverse();
  });

test("a server written for Tencent decides unchanged on Tencent's own request", async () => {
  const { receiver, gateway, verdict } = await startModerated({});
  assert.equal((await verdict("hello")).ErrorCode, 0);
  assert.deepEqual(await verdict("spam"), ok({ ErrorCode: 120001, ErrorInfo: "no advertising" }));
  assert.equal((await verdict("so bad")).MsgBody[0].MsgContent.Text, "so ***");
  const [{ url, body }] = (await receiver.requests(3)) as [Received];
  assert.equal(body, bodyOf("hello"));
  const own = `SdkAppid=${app}&contenttype=json&CallbackCommand=${command}`;
  assert.match(url, new RegExp(`^/im\\?team=chat&${own}&Sign=[0-9a-f]{64}&RequestTime=\\d+$`));
  const verdicts = await recorded(gateway, 3);
  assert.deepEqual(
    verdicts.map((one) => [one?.rule, one?.how, one?.code]),
    [
      ["moderation", "answered", 0],
      ["moderation", "answered", 120001],
      ["moderation", "answered", 0],
    ],
  );
});

test("without callbackToken the query has no signature", async () => {
  const { receiver, verdict } = await startModerated({ callbackToken: undefined });
  assert.equal((await verdict("hello")).ErrorCode, 1);
  const [{ url }] = (await receiver.requests(1)) as [Received];
  assert.doesNotMatch(url, /Sign|RequestTime/);
});

test("the deadline and the breaker hold for Tencent's own request", async () => {
  const { receiver, gateway, verdict } = await startModerated({ deadlineMs: 500, otherwise: "refuse" }, hang);
  for (let n = 0; n < 11; n++) assert.equal((await verdict("hello")).ErrorCode, 1);
  // On a busy machine a question may be given up before the backend has read it.
  assert.ok(receiver.received.length <= 10, `${receiver.received.length} questions`);
  const how = (await recorded(gateway, 11)).map((one) => one?.how);
  assert.deepEqual(how, [...Array.from({ length: 10 }, () => "timeout"), "breaker"]);
});

test("answers of several such servers are combined, and a shadow's is only recorded", async () => {
  const strict = await startReceiver(
    tencentServer(token, () => ok({ ErrorCode: 120002, ErrorInfo: "never" })),
  );
  const lenient = await startReceiver(moderate);
  const gateway = await startGateway({
    MODERATION_TOKEN: token,
    FORWARD_RULES: [
      { ...rule, name: "trial", ask: strict.url, shadow: true },
      { ...rule, match: { body: { From_Account: ["lan"] } }, ask: [lenient.url, lenient.url] },
      { ...rule, name: "both", ask: [lenient.url, strict.url] },
    ],
  });
  const verdict = async (body: string) => JSON.parse((await gateway.send(command, body)).text).ErrorCode;
  assert.equal(await verdict(bodyOf("hello")), 0);
  assert.equal(await verdict(bodyOf("spam")), 120001);
  assert.equal(await verdict(bodyOf("hello").replace("\\u006can", "tommy")), 120002);
  await recorded(gateway, 3);
  const { events } = await gateway.events();
  const { verdict: first } = await gateway.event(events[2]!.id);
  assert.deepEqual(first!.shadows, [{ rule: "trial", code: 120002 }]);
});
