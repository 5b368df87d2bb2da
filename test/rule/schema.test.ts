import assert from "node:assert/strict";
import { test } from "node:test";
import { keys } from "../../src/rule/keys.ts";
import { operators } from "../../src/rule/match/operators.ts";
import { compilePattern } from "../../src/rule/match/pattern.ts";
import { meanings } from "../../src/rule/meanings.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { rulesSchema } from "../../src/rule/schema.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { isValid } from "./json-schema.ts";

const schema = rulesSchema();
const secret = `whsec_${Buffer.alloc(64, 7).toString("base64")}`;

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;

const isRight = (rule: unknown) =>
  parseRules([{ name: "FORWARD_RULES", value: [rule] }], {
    secret: (name) => (name === "WHOLE_URL" ? "https://a.example.com/key" : secret),
    privateNetworks: false,
    local: false,
    retentionMs: 604_800_000,
    bindingProblem: () => null,
  }).mistakes.length === 0;

const forward = { name: "audit", url: "https://audit.example.com/tim" };
const ask = { name: "moderation", ask: "https://mod.example.com/verdict" };
const answer = { name: "no-links", answer: { ErrorCode: 1 } };
const matching = (...conditions: unknown[]) => ({ ...forward, match: { body: { a: conditions } } });

const right: unknown[] = [
  forward,
  ask,
  answer,
  {
    ...forward,
    on: ["Group.*", "C2C.CallbackAfterSendMsg"],
    enabled: false,
    secret: ["$SIGNING", secret],
    headers: { authorization: "Bearer $TOKEN" },
    timeoutMs: 1,
    retry: ["200ms", "5s"],
    order: "conversation",
    concurrency: 1000,
    ratePerSecond: 0.1,
    format: "raw",
    callbackToken: "$TOKEN",
  },
  { ...forward, url: " HTTPS://audit.example.com/tim\n", format: "raw", callbackToken: " a$TOKEN" },
  { ...ask, ask: ["Https://mod.example.com", "\t$WHOLE_URL"] },
  { ...ask, limit: { by: 'body.MsgBody[0].MsgContent["a b"]', count: 1, seconds: 3600 } },
  { ...answer, limit: { by: "clientIp", count: 10_000, seconds: 1 } },
  { ...forward, on: "*", batch: { size: 5 }, format: "cloudevents", retry: [] },
  { ...forward, template: { text: "{{body.From_Account}}", list: [1, null] }, format: "event", batch: {} },
  ...[null, 1, "text", []].map((template) => ({ ...forward, template })),
  { ...forward, sample: 1 },
  { ...forward, succeeds: { status: [200], $or: [{ body: { code: [0] } }, { "body.ok": [true] }] } },
  { ...forward, sample: 1e-9 },
  ...Array.from({ length: 41 }, (_, more) => ({ ...forward, secret: secretOf(24 + more) })),
  { ...forward, url: "$WHOLE_URL", headers: { "x-key": "\t$KEY ~", tea: "yes", "x-host": "" } },
  {
    ...ask,
    ask: ["https://a.example.com"],
    secret,
    deadlineMs: 1600,
    otherwise: { ErrorCode: 2 },
    shadow: true,
    combine: "first-refusal",
  },
  { ...answer, answer: { MsgBody: [{}], RefusedMembers_Account: ["x"] }, replace: { damn: "***" } },
  { ...answer, replace: ["damn"] },
  { ...answer, replace: "kv:WORDS/rude", words: "kv:WORDS/a key/of 笨蛋" },
  { ...answer, words: ["damn"] },
  {
    ...forward,
    match: {
      command: ["x"],
      "body.Type": ["Community"],
      $or: [{ phase: ["after"] }, { body: { $or: [{ a: [1] }, { b: [null] }] } }],
    },
  },
  matching("x", 5, true, null, { prefix: "" }, { prefix: { "equals-ignore-case": "x" } }, { suffix: ".png" }),
  matching(
    { "equals-ignore-case": "" },
    { wildcard: "a*\\*\\\\b" },
    { wildcard: "" },
    { exists: true },
    { cidr: "2001:db8::/32" },
  ),
  matching(
    { "anything-but": "" },
    { "anything-but": [1, 2] },
    { "anything-but": { prefix: ["x"] } },
    { "anything-but": { wildcard: "*" } },
  ),
  matching({ numeric: ["=", 5] }, { numeric: [">=", -5e9, "<", 5e9] }),
];

const wrong: unknown[] = [
  ...["raw", "cloudevents"].map((format) => ({ ...forward, template: {}, format })),
  { ...forward, template: {}, callbackToken: "t" },
  { ...ask, template: {} },
  ...[{}, { code: [0] }, { body: 0 }, { $or: [{ phase: [0] }, { body: [0] }] }, []].map((succeeds) => ({
    ...forward,
    succeeds,
  })),
  { ...forward, sample: 0 },
  { ...forward, sample: 1.5 },
  "text",
  {},
  { name: "a" },
  { url: forward.url },
  { ...forward, ask: ask.ask },
  { ...forward, name: "A" },
  { ...forward, ulr: 1 },
  { ...forward, deadlineMs: 5 },
  { ...ask, timeoutMs: 5 },
  { ...answer, secret },
  { ...forward, limit: { by: "app", count: 1, seconds: 1 } },
  { ...answer, limit: { by: "app", count: 1 } },
  { ...answer, limit: { by: "From_Account", count: 1, seconds: 1 } },
  { ...forward, on: [] },
  { ...forward, on: "a b" },
  { ...forward, enabled: 1 },
  { ...forward, secret: "hunter2" },
  ...[16, 23, 65, 66, 67].map((bytes) => ({ ...forward, secret: secretOf(bytes) })),
  { ...forward, secret: secret.replace("BwcH", "Bw=H") },
  { ...forward, url: "ftp://audit.example.com" },
  { ...forward, url: "audit.example.com" },
  { ...ask, ask: ["https://a.example.com", "/verdict"] },
  { ...forward, format: "raw", batch: { size: 5 } },
  { ...forward, callbackToken: "$TOKEN" },
  { ...forward, format: "raw", callbackToken: " " },
  { ...forward, format: "raw", callbackToken: ["$TOKEN"] },
  { ...forward, format: "event", callbackToken: "$TOKEN" },
  { ...forward, headers: { a: 1 } },
  { ...forward, headers: { "Content-Type": "text/plain" } },
  { ...forward, headers: { "WEBHOOK-id": "7" } },
  { ...forward, headers: { "Tim-Relay-Loop": "7" } },
  { ...forward, headers: { "cf-ray": "7" } },
  { ...forward, headers: { "a b": "x" } },
  { ...forward, headers: { a: "caf\u00e9" } },
  { ...forward, headers: { a: "\u0007" } },
  { ...forward, on: "a".repeat(129) },
  { ...forward, match: { body: { $or: [{ a: [1] }, { b: { prefix: ["x"] } }] } } },
  { ...forward, match: { $or: [{ body: { a: [1] } }, { body: { ">": [1] } }] } },
  { ...forward, timeoutMs: 0 },
  { ...forward, timeoutMs: 1.5 },
  { ...forward, retry: ["5d"] },
  { ...forward, retry: "5s" },
  { ...forward, order: "fifo" },
  { ...forward, ratePerSecond: 0 },
  { ...forward, batch: { size: 0 } },
  { ...forward, batch: { count: 1 } },
  { ...ask, deadlineMs: 1601 },
  { ...ask, otherwise: "deny" },
  { ...answer, answer: { ErorCode: 1 } },
  { ...answer, replace: [] },
  { ...answer, words: "kv:WORDS/" },
  { ...answer, words: [""] },
  { ...forward, match: {} },
  { ...forward, match: { Type: ["x"] } },
  { ...forward, match: { body: "x" } },
  { ...forward, match: { body: {} } },
  { ...forward, match: { $or: [{ body: { a: [1] } }] } },
  matching(),
  matching([]),
  matching({}),
  matching({ prefx: "x" }),
  matching({ prefix: "x", suffix: "y" }),
  matching({ prefix: 1 }),
  matching({ suffix: { wildcard: "x" } }),
  matching({ wildcard: "a**b" }),
  matching({ wildcard: "a\\b" }),
  matching({ numeric: ["=="] }),
  matching({ numeric: ["=", 5e10] }),
  matching({ numeric: ["<", 1, ">", 0] }),
  matching({ exists: "true" }),
  matching({ cidr: "203.0.113.7" }),
  matching({ "anything-but": null }),
  matching({ "anything-but": [] }),
  matching({ "anything-but": ["x", 1] }),
  matching({ "anything-but": { prefix: "" } }),
  matching({ "anything-but": { exists: true } }),
];

for (const rule of right) {
  test(`the schema accepts a rule that the gateway accepts: ${JSON.stringify(rule)}`, () => {
    assert.equal(isRight(rule), true);
    assert.equal(isValid([rule], schema), true);
  });
}

for (const rule of wrong) {
  test(`the schema refuses a rule that the gateway refuses: ${JSON.stringify(rule)}`, () => {
    assert.equal(isRight(rule), false);
    assert.equal(isValid([rule], schema), false);
  });
}

for (const [name, { example, schema: argument }] of Object.entries(operators)) {
  test(`the example of ${name} is valid`, () => {
    assert.ok(compilePattern({ a: [{ [name]: example }] }, pathAt("", assert.fail)));
    assert.equal(isValid(example, argument), true);
  });
}

test("every key is in the schema, with its meaning and its default", () => {
  const kinds = (schema as { $defs: Record<string, { properties: Record<string, Record<string, unknown>> }> })
    .$defs;
  for (const [name, key] of Object.entries(keys)) {
    for (const kind of ["forward", "ask", "answer"] as const) {
      const has = (key.kinds as readonly string[]).includes(kind);
      assert.equal(
        kinds[kind]!.properties[name]?.description,
        has ? meanings[name as keyof typeof meanings] : undefined,
        `${kind} ${name}`,
      );
      if (has && "default" in key) assert.deepEqual(kinds[kind]!.properties[name]!.default, key.default);
    }
  }
});
