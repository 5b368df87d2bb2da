import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { driftOf } from "../../src/callback/drift.ts";
import type { Event } from "../../src/callback/event.ts";
import { masksOf } from "../../src/callback/mask.ts";
import { hiddenTexts, redacted, redactedDrift } from "../../src/callback/redact.ts";

const command = catalogue.get("C2C.CallbackAfterSendMsg")!;

function eventOf(body: object): Event {
  const text = JSON.stringify(body);
  const conversation = command.conversation(body as Record<string, unknown>);
  return { command: command.name, body: text, size: text.length, conversation } as Event;
}

const message = {
  From_Account: "lan",
  To_Account: "minh",
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "é" } }],
};

test("the copy has the masked body and its size, and all else of the event", async () => {
  const event = eventOf(message);
  const copy = await redacted(event, masksOf(["MsgBody.MsgContent.Text"]), command);
  const body = event.body.replace('"é"', '"***"');
  assert.deepEqual(copy, { ...event, body, size: body.length });
});

test("an event without any of the values is kept as it is", async () => {
  const event = eventOf(message);
  assert.equal(await redacted(event, masksOf(["CloudCustomData"]), command), event);
});

test("a conversation that a masked value names is a digest, the same for the same conversation", async () => {
  const masks = masksOf(["From_Account", "To_Account"]);
  const conversationOf = async (from: string, to: string) =>
    (await redacted(eventOf({ ...message, From_Account: from, To_Account: to }), masks, command))
      .conversation;
  const digest = await conversationOf("lan", "minh");
  assert.match(digest!, /^c2c:\*\*\*[0-9a-f]{16}$/);
  assert.equal(await conversationOf("minh", "lan"), digest);
  assert.notEqual(await conversationOf("lan", "hoa"), digest);
});

test("drift shows no masked value, and no name of a field within one", () => {
  const body = {
    ...message,
    SendMsgResult: "secret",
    OnlineOnlyFlag: 4711,
    Extra: { secret: 1 },
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: 5, secret: "secret" } }],
  };
  const drift = driftOf(command, body);
  assert.ok(drift.some(({ seen }) => seen === "4711"));
  assert.ok(drift.some(({ path }) => path.endsWith("secret")));
  const shown = redactedDrift(drift, masksOf(["MsgBody.MsgContent", "OnlineOnlyFlag", "Extra"]));
  assert.doesNotMatch(JSON.stringify(shown), /4711|secret/);
  assert.ok(shown.some(({ path, seen }) => path === "OnlineOnlyFlag" && seen === "***"));
  assert.ok(shown.some(({ path }) => path === "SendMsgResult"));
  assert.deepEqual(redactedDrift(drift, masksOf(["CloudCustomData"])), drift);
});

test("the texts that a backend may repeat are whole, and their beginnings", () => {
  const long = "x".repeat(100);
  const event = eventOf({ ...message, MsgBody: [{ MsgContent: { Text: long } }] });
  assert.deepEqual(hiddenTexts(event, masksOf(["MsgBody.MsgContent.Text"])), [long, long.slice(0, 64)]);
});
