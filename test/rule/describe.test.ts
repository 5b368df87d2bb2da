import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, withoutKeys } from "../../src/rule/describe.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

const secrets: Record<string, string> = {
  BOT: "https://hunter2.example.com/hook/hunter2",
  HOST: "hunter2.example.com",
  KEY: "hunter2",
};

/** Rules and their descriptions. */
const readings: [rule: object, reading: string][] = [
  [{ url: "https://audit.example.com/tim", secret }, "forwards every event to audit.example.com"],
  [
    { url: "https://audit.example.com:8443/tim?key=hunter2" },
    "forwards every event to audit.example.com:8443, unsigned",
  ],
  [
    {
      on: "Group.CallbackAfterRecallMsg",
      match: { body: { Type: ["Community"] } },
      url: "https://feed.example.com",
      order: "conversation",
      secret,
    },
    'forwards Group.CallbackAfterRecallMsg whose body.Type is "Community" to feed.example.com, in order per conversation',
  ],
  [
    {
      on: ["C2C.*", "Sns.*", "State.*"],
      url: "https://a.example.com",
      secret,
      format: "cloudevents",
      batch: {},
      ratePerSecond: 5,
      retry: [],
    },
    "forwards C2C.*, Sns.* and State.* to a.example.com, as CloudEvents, up to 100 in one request, at most 5 a second, without a second attempt",
  ],
  [
    { on: "Group.*", url: "https://a.example.com", secret, sample: 0.015, template: "{{body.GroupId}}" },
    "forwards Group.* to a.example.com, 1.5 % of these, filled into a template",
  ],
  [
    { url: "https://a.example.com", secret, succeeds: { status: [200], body: { errcode: [0] } } },
    "forwards every event to a.example.com, taken only if status is 200 and body.errcode is 0",
  ],
  [
    { url: "https://a.example.com", secret, format: "raw", enabled: false },
    "forwards every event to a.example.com, as Tencent sent it (not enabled: events pass by)",
  ],
  [
    { match: { clientIp: [{ cidr: "203.0.113.0/24" }] }, url: "https://a.example.com", secret },
    "forwards every event whose clientIp is an address in 203.0.113.0/24 to a.example.com",
  ],
  [
    { on: "*.CallbackBefore*", ask: "https://mod.example.com/verdict" },
    "asks mod.example.com about *.CallbackBefore*; allows if no answer comes within 1200ms",
  ],
  [
    { ask: ["https://a.example.com", "https://b.example.com"], otherwise: "refuse", deadlineMs: 1000 },
    "asks a.example.com and b.example.com about every event; the first refusal wins; refuses if no answer comes within 1s",
  ],
  [
    { ask: "https://a.example.com", otherwise: { ErrorCode: 2 } },
    'asks a.example.com about every event; answers {"ErrorCode":2} if no answer comes within 1200ms',
  ],
  [
    { ask: "https://a.example.com", shadow: true },
    "asks a.example.com about every event; records the verdict, and never uses it",
  ],
  [
    {
      on: "Group.CallbackBeforeSendMsg",
      match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }] } } } },
      answer: { ErrorCode: 1 },
    },
    'answers Group.CallbackBeforeSendMsg whose body.MsgBody.MsgContent.Text is a text like "*http*" with {"ErrorCode":1}',
  ],
  [{ url: "$BOT", secret }, "forwards every event to $BOT"],
  [{ url: "$BOT/hunter2?key=hunter2", secret }, "forwards every event to $BOT"],
  [{ url: "https://$HOST:8443/x", secret }, "forwards every event to $HOST:8443"],
  [
    { ask: ["https://a.example.com?key=$KEY", "https://b.example.com/$KEY"] },
    "asks a.example.com and b.example.com about every event; the first refusal wins; allows if no answer comes within 1200ms",
  ],
  [
    { answer: { ErrorCode: 1 }, limit: { by: "body.From_Account", count: 20, seconds: 10 } },
    'answers every event beyond 20 of a body.From_Account within 10 s with {"ErrorCode":1}',
  ],
  [{ answer: {}, on: "C2C.*", words: ["a"] }, "answers C2C.* whose text holds its only word with {}"],
  [
    { answer: {}, match: { app: ["1"] }, words: "kv:W/a", replace: "kv:W/b" },
    'answers every event whose app is "1" and whose text holds a word of kv:W/a with {}, masking the words of kv:W/b in texts',
  ],
  [{ answer: {}, replace: ["damn"] }, "answers every event with {}, masking 1 word in texts"],
  [
    { answer: {}, replace: { damn: "d", heck: "h" } },
    "answers every event with {}, masking 2 words in texts",
  ],
];

for (const [rule, reading] of readings) {
  test(reading, () => {
    const book = parseRules([{ name: "FORWARD_RULES", value: [{ name: "rule", ...rule }] }], {
      secret: (name) => secrets[name],
      privateNetworks: false,
      local: false,
      retentionMs: 604_800_000,
      bindingProblem: () => null,
    });
    assert.deepEqual(book.problems, []);
    assert.equal(describe(book.rules[0]!), reading);
    assert.doesNotMatch(reading, /hunter2/);
  });
}

test("an address is shown without the keys that it may hold, and with the names of secrets", () => {
  for (const [written, shown] of [
    ["https://hooks.example.com/tim", "https://hooks.example.com/tim"],
    ["https://hooks.example.com/x?key=hunter2", "https://hooks.example.com/x?key=***"],
    [
      "https://hooks.example.com/x?a=1&key=$KEY&b=x$KEY&",
      "https://hooks.example.com/x?a=***&key=$KEY&b=***&",
    ],
    ["https://hooks.example.com/x?hunter2", "https://hooks.example.com/x?***"],
    ["https://hooks.example.com/x?k=a=b?c/d", "https://hooks.example.com/x?k=***"],
    ["https://hooks.example.com/a@b?empty=#hunter2", "https://hooks.example.com/a@b?empty=#***"],
    ["https://lan:hunter2@hooks.example.com/x", "https://***@hooks.example.com/x"],
    ["$BOT", "$BOT"],
    ["$BOT?key=hunter2", "$BOT?key=***"],
  ] as const)
    assert.equal(withoutKeys(written), shown);
});
