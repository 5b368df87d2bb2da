import assert from "node:assert/strict";
import { test } from "node:test";
import { relayEvents } from "../../src/callback/relay-events.ts";
import {
  type RelayTexts,
  relayChinese,
  relayEnglish,
  sentenceOf,
  toneOfRelay,
} from "../../src/dashboard/overview/relay-sentences.ts";

const writing = {
  count: (value: number) => String(value),
  duration: (ms: number) => `${ms / 1_000} s`,
  clock: (at: Date) => at.toISOString(),
  told: (sentence: string) => sentence,
};
const say = (command: string, conversation: string, body: object | null, texts: RelayTexts = relayEnglish) =>
  sentenceOf({ command, conversation, body: body as Record<string, unknown> | null }, texts, writing);

for (const [language, texts] of Object.entries({ relayEnglish, relayChinese }))
  for (const { name, example, conversation } of relayEvents)
    test(`${name} is a sentence in ${language}, with its body and without`, () => {
      const about = conversation(example) ?? "relay:";
      const full = say(name, about, example, texts);
      const brief = say(name, about, null, texts);
      assert.doesNotMatch(full + brief, /[{}]|undefined|NaN|Relay\./);
      assert.match(full, /[.。]$/);
      const { destination, command } = example as Record<string, string>;
      const subject = destination ?? command;
      if (subject !== undefined) for (const said of [full, brief]) assert.ok(said.includes(subject), said);
    });

test("numbers stand with their nouns", () => {
  const body = { destination: "audit", count: 1, lastError: "answered 422", event: "evt_1" };
  assert.equal(
    say("Relay.DeadLetter", "relay:audit", body),
    "1 dead letter of audit within a minute: answered 422.",
  );
  assert.equal(
    say("Relay.DeadLetter", "relay:audit", { ...body, count: 3 }),
    "3 dead letters of audit within a minute: answered 422.",
  );
  assert.equal(
    say("Relay.DestinationRecovered", "relay:audit", { destination: "audit", downMs: 61_000, waiting: 2 }),
    "audit answers again. It was down for 61 s; 2 events waited.",
  );
});

test("an action is told in the words of the language", () => {
  const body = { action: "paused", target: "audit", by: "9f86d081" };
  assert.equal(say("Relay.Action", "relay:", body), "The token 9f86d081 paused audit.");
  assert.equal(say("Relay.Action", "relay:", body, relayChinese), "令牌 9f86d081 暂停了 audit。");
  assert.equal(
    say("Relay.Action", "relay:", { ...body, action: "toString" }),
    "The token 9f86d081 toString audit.",
  );
});

test("a difference and a wrong part are told in the words of the language", () => {
  const drift = { command: "C2C.X", kind: "other type", path: "MsgSeq", found: "string" };
  assert.equal(
    say("Relay.Drift", "relay:C2C.X", drift, relayChinese),
    "C2C.X 与腾讯云文档出现新的差异：MsgSeq 类型不符，实际为 string。",
  );
  const refused = { reason: "signature", count: 240 };
  assert.equal(
    say("Relay.SignatureRefused", "relay:", refused, relayChinese),
    "一分钟内有 240 个回调因签名有误被拒绝。",
  );
});

test("an erased body is told as if it could not be seen", () => {
  assert.equal(
    say("Relay.DestinationDisabled", "relay:audit", {}),
    say("Relay.DestinationDisabled", "relay:audit", null),
  );
});

test("texts of a destination are put in as they are", () => {
  const body = { destination: "audit", count: 2, lastError: "$& {count} <b>", event: "evt_1" };
  assert.equal(
    say("Relay.DeadLetter", "relay:audit", body),
    "2 dead letters of audit within a minute: $& {count} <b>.",
  );
});

test("a relay event of a later version is its name", () => {
  assert.equal(say("Relay.Flood", "relay:audit", {}), "Relay.Flood: audit");
  assert.equal(say("Relay.Flood", "relay:", {}), "Relay.Flood");
  assert.equal(toneOfRelay("Relay.Flood"), "off");
  assert.equal(toneOfRelay("Relay.DestinationDown"), "bad");
});
