import assert from "node:assert/strict";
import { test } from "node:test";
import { keys } from "../../src/rule/keys.ts";
import { parseRules, type RuleBook } from "../../src/rule/parse-rules.ts";
import type { RuleContext } from "../../src/rule/readers/reader.ts";
import type { AnswerRule, AskRule, ForwardRule } from "../../src/rule/rule.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { eventWith, httpsAddress } from "../delivery/sample.ts";

const signing = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const rotated = `whsec_${Buffer.alloc(64, 9).toString("base64")}`;

const sample = "whsec_bG9jYWwtc2FtcGxlLXNlY3JldC1mb3ItbnBtLXN0YXJ0";

const secrets: Record<string, unknown> = {
  SIGNING: signing,
  TOKEN: "hunter2-token",
  SPACED: "\n hunter2-token\r\n",
  ROTATING: ` ${signing} ,${rotated},\n`,
  ROTATING_LIST: [signing, rotated],
  SIGNING_AND_OTHER: `${signing},hunter2`,
  SEVERAL: "hunter2-old, hunter2-new",
  BLANK: " \u00a0\n",
  ACCENTED: "hunter2-caf\u00e9",
  BOT: "https://bots.example.com/hook/hunter2?key=1,5\n".replace(",", "%2C"),
  LOCAL_HOST: "127.0.0.1",
  NUMBER: 123456,
  A_BINDING: { get: () => "hunter2" },
  SAMPLE: sample,
  TWO_LINES: "hunter2\nsecond",
  SHORT: `whsec_${Buffer.alloc(23).toString("base64")}`,
};

const week = 168 * 3_600_000;

const context: RuleContext = {
  secret: (name) => secrets[name],
  privateNetworks: false,
  local: false,
  retentionMs: week,
  bindingProblem: () => null,
};

const parse = (value: unknown, changes: Partial<RuleContext> = {}): RuleBook =>
  parseRules([{ name: "FORWARD_RULES", value }], { ...context, ...changes });

const forward = { name: "audit", url: "https://audit.example.com/tim" };
const ask = { name: "moderation", ask: "https://mod.example.com/verdict" };
const answer = { name: "no-links", answer: { ErrorCode: 1 } };

const event = eventWith({
  receivedAt: 1557481126123,
  platform: null,
  body: '{"Type":"Community","Random":144115200000000001}',
});

function only<Rule>(book: RuleBook): Rule {
  assert.deepEqual(book.problems, []);
  assert.deepEqual(book.mistakes, []);
  assert.deepEqual(book.heldNames, []);
  assert.equal(book.rules.length, 1);
  return book.rules[0] as Rule;
}

test("four rules of all kinds are read", () => {
  const text = `[
    { "name": "audit", "url": "https://audit.example.com/tim", "secret": "$SIGNING" },
    { "name": "recalls", "on": ["Group.CallbackAfterRecallMsg", "*.CallbackAfterMsgWithDraw"],
      "match": { "body": { "Type": ["Community"] } }, "url": "https://feed.example.com/recalls", "order": "conversation" },
    { "name": "no-links", "on": "Group.CallbackBeforeSendMsg",
      "match": { "body": { "MsgBody": { "MsgContent": { "Text": [{ "wildcard": "*http*" }] } } } },
      "answer": { "ErrorCode": 1, "ErrorInfo": "links are not allowed here" } },
    { "name": "moderation", "on": "*.CallbackBefore*", "ask": "https://mod.example.com/verdict", "deadlineMs": 1200, "otherwise": "allow" }
  ]`;
  const book = parse(text);
  assert.deepEqual(book.problems, []);
  assert.deepEqual(
    book.rules.map(({ name, kind }) => [name, kind]),
    [
      ["audit", "forward"],
      ["recalls", "forward"],
      ["no-links", "answer"],
      ["moderation", "ask"],
    ],
  );
  assert.deepEqual(
    parse(JSON.parse(text)).rules.map(({ name }) => name),
    book.rules.map(({ name }) => name),
  );
});

test("a forward rule has its defaults", () => {
  const { matches, mayMatch, explain, wordIn, ...rule } = only<ForwardRule>(parse([forward]));
  assert.deepEqual(rule, {
    kind: "forward",
    name: "audit",
    enabled: true,
    on: null,
    match: null,
    sample: 1,
    words: null,
    kvLists: [],
    address: httpsAddress("https://audit.example.com/tim"),
    secrets: [],
    headers: {},
    timeoutMs: 10_000,
    retryMs: [5e3, 3e5, 18e5, 72e5, 18e6, 36e6, 504e5, 72e6, 864e5],
    order: "none",
    concurrency: 50,
    ratePerSecond: null,
    format: "event",
    callbackToken: null,
    template: null,
    succeeds: null,
    batch: null,
  });
  assert.equal(matches(event), true);
  assert.equal(explain(event), null);
  assert.deepEqual([mayMatch(event), wordIn(event)], [true, null]);
});

test("a forward rule has the given values", () => {
  const rule = only<ForwardRule>(
    parse([
      {
        ...forward,
        enabled: false,
        secret: ["$SIGNING", rotated],
        headers: { Authorization: "Bearer $TOKEN", "x-price": "5$$", "x-both": "$TOKEN/$TOKEN" },
        timeoutMs: 60_000,
        retry: ["0s", "200ms", "5m", "2h"],
        order: "conversation",
        concurrency: 1,
        ratePerSecond: 0.5,
        format: "raw",
        callbackToken: "$TOKEN",
      },
    ]),
  );
  assert.equal(rule.enabled, false);
  assert.deepEqual(rule.secrets, [signing, rotated]);
  assert.deepEqual(rule.headers, {
    Authorization: "Bearer hunter2-token",
    "x-price": "5$",
    "x-both": "hunter2-token/hunter2-token",
  });
  assert.deepEqual(rule.retryMs, [0, 200, 300_000, 7_200_000]);
  assert.deepEqual(
    [rule.timeoutMs, rule.order, rule.concurrency, rule.ratePerSecond, rule.format, rule.callbackToken],
    [60_000, "conversation", 1, 0.5, "raw", "hunter2-token"],
  );
});

test("an empty retry list is one attempt, and batches have their own defaults", () => {
  assert.deepEqual(only<ForwardRule>(parse([{ ...forward, retry: [] }])).retryMs, []);
  const batch = (given: object) => only<ForwardRule>(parse([{ ...forward, batch: given }])).batch;
  assert.deepEqual(batch({}), { size: 100, ms: 1000 });
  assert.deepEqual(batch({ size: 1 }), { size: 1, ms: 1000 });
  assert.deepEqual(batch({ size: 1000, ms: 0 }), { size: 1000, ms: 0 });
});

test("an ask rule has its defaults and the given values", () => {
  const plain = only<AskRule>(parse([ask]));
  assert.deepEqual(
    [
      plain.kind,
      plain.asks,
      plain.secrets,
      plain.headers,
      plain.format,
      plain.callbackToken,
      plain.deadlineMs,
      plain.otherwise,
      plain.shadow,
      plain.combine,
    ],
    [
      "ask",
      [httpsAddress("https://mod.example.com/verdict")],
      [],
      {},
      "event",
      null,
      1200,
      "allow",
      false,
      "first-refusal",
    ],
  );
  const full = only<AskRule>(
    parse([
      {
        ...ask,
        ask: ["https://a.example.com", "https://b.example.com"],
        secret: "$SIGNING",
        headers: { "x-key": "$TOKEN" },
        deadlineMs: 300,
        otherwise: { ErrorCode: 120001, ErrorInfo: "later" },
        shadow: true,
        combine: "first-refusal",
      },
    ]),
  );
  assert.deepEqual(full.asks, [httpsAddress("https://a.example.com"), httpsAddress("https://b.example.com")]);
  assert.deepEqual(full.secrets, [signing]);
  assert.deepEqual(full.otherwise, { ErrorCode: 120001, ErrorInfo: "later" });
  assert.deepEqual([full.deadlineMs, full.shadow], [300, true]);
  assert.equal(only<AskRule>(parse([{ ...ask, otherwise: "refuse" }])).otherwise, "refuse");
});

test("an answer rule has its answer and the words it masks", () => {
  const fields = {
    ActionStatus: "OK",
    ErrorCode: 0,
    ErrorInfo: "",
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "removed" } }],
    CloudCustomData: "x",
    RefusedMembers_Account: ["tommy"],
    ResultItem: [{ To_Account: "tommy", ResultCode: 38000, ResultInfo: "" }],
  };
  assert.deepEqual(only<AnswerRule>(parse([{ ...answer, answer: fields }])).answer, fields);
  assert.deepEqual(only<AnswerRule>(parse([answer])).replace, []);
  const replaced = (replace: unknown) =>
    only<AnswerRule>(parse([{ ...answer, answer: {}, replace }])).replace;
  assert.deepEqual(replaced(["damn", "💩"]), [
    { word: "damn", mask: null },
    { word: "💩", mask: null },
  ]);
  assert.deepEqual(replaced({ damn: "d**n", heck: "" }), [
    { word: "damn", mask: "d**n" },
    { word: "heck", mask: "" },
  ]);
});

test("words: a text element holds one of them, in a merged forward too, and explain says why none was found", () => {
  const text = (Text: unknown) => ({ MsgType: "TIMTextElem", MsgContent: { Text } });
  const fits = (words: unknown, MsgBody: unknown) => {
    const rule = only<AnswerRule>(parse([{ ...answer, words }]));
    const given = { ...event, body: JSON.stringify({ MsgBody }) };
    assert.equal(rule.explain(given) === null, rule.matches(given));
    return rule.matches(given) && rule.wordIn(given);
  };
  assert.equal(fits(["x", "DARN"], [text("oh"), text("oh Darned")]), "Darn");
  assert.equal(
    fits(["笨蛋"], [{ MsgType: "TIMRelayElem", MsgContent: { MsgList: [[text("笨蛋")]] } }]),
    "笨蛋",
  );
  assert.equal(fits(["a"], text("a")), "a", "a message that is no list");
  for (const odd of [undefined, null, "a", 5, [], [null], [text(5)], [{ MsgType: "TIMTextElem" }]])
    assert.equal(fits(["a"], odd), false);
  const rule = only<AnswerRule>(parse([{ ...answer, words: ["a", "b"] }]));
  assert.deepEqual(rule.explain({ ...event, body: JSON.stringify({ MsgBody: [text("x")] }) }), {
    field: "body.MsgBody",
    found: '"x"',
    expected: "a message with one of its 2 words",
  });
  const body = JSON.stringify({ MsgBody: [text("a")] });
  assert.deepEqual(only<AnswerRule>(parse([{ ...answer, words: "kv:W/a" }])).explain({ ...event, body }), {
    field: "kv:W/a",
    found: "missing, or not read",
    expected: "a list of words",
  });
  assert.equal(only<AnswerRule>(parse([{ ...answer, replace: "kv:W/a" }])).matches(event), false);
});

/** One rule with one mistake: the path below the rule, and the sentence. */
const mistakes: [rule: unknown, path: string, because: RegExp][] = [
  ["text", "", /object/],
  [null, "", /object/],
  [[], "", /object/],
  [{ name: "a" }, "", /exactly one of url .*ask and answer/],
  [{ ...forward, ask: "https://a.example.com" }, "", /exactly one/],
  [{ ...ask, answer: {} }, "", /exactly one/],
  [{ url: "https://a.example.com" }, ".name", /missing/],
  [{ ...forward, limit: { by: "app", count: 1, seconds: 1 } }, ".limit", /key of rules with ask or answer/],
  [{ ...answer, limit: 20 }, ".limit", /expected an object/],
  [{ ...answer, limit: { by: "app", seconds: 1 } }, ".limit.count", /is missing/],
  [{ ...answer, limit: { by: "app", count: 0, seconds: 1 } }, ".limit.count", /from 1 to 10000/],
  [{ ...answer, limit: { by: "app", count: 1, seconds: 3601 } }, ".limit.seconds", /from 1 to 3600/],
  [{ ...answer, limit: { by: "app", count: 1, seconds: 1, per: 1 } }, ".limit.per", /not a field of a limit/],
  [{ ...answer, limit: { by: 1, count: 1, seconds: 1 } }, ".limit.by", /expected the path of a field/],
  [{ ...answer, limit: { by: "body.", count: 1, seconds: 1 } }, ".limit.by", /is a path that names no field/],
  [{ ...answer, limit: { by: "app.x", count: 1, seconds: 1 } }, ".limit.by", /within app, which has none/],
  [
    { ...answer, limit: { by: "From_Account", count: 1, seconds: 1 } },
    ".limit.by",
    /for From_Account: expected command/,
  ],
  [{ ...forward, name: "" }, ".name", /1 to 40/],
  [{ ...forward, name: "Audit" }, ".name", /a-z/],
  [{ ...forward, name: "a_b" }, ".name", /a-z/],
  [{ ...forward, name: "a".repeat(41) }, ".name", /40/],
  [{ ...forward, name: "a\n" }, ".name", /a-z/],
  [{ ...forward, name: 5 }, ".name", /a-z/],
  [{ ...forward, ulr: "x" }, ".ulr", /not a key/],
  [{ ...forward, Match: {} }, ".Match", /not a key/],
  [{ ...forward, constructor: 1 }, ".constructor", /not a key/],
  [{ ...forward, deadlineMs: 100 }, ".deadlineMs", /rules with ask; this one has url/],
  [{ ...forward, otherwise: "allow" }, ".otherwise", /ask/],
  [{ ...forward, shadow: false }, ".shadow", /ask/],
  [{ ...forward, combine: "first-refusal" }, ".combine", /ask/],
  [{ ...forward, replace: ["x"] }, ".replace", /rules with answer/],
  [{ ...ask, timeoutMs: 5 }, ".timeoutMs", /rules with url; this one has ask/],
  [{ ...ask, retry: [] }, ".retry", /url/],
  [{ ...ask, order: "none" }, ".order", /url/],
  [{ ...ask, batch: {} }, ".batch", /url/],
  [{ ...answer, secret: "$SIGNING" }, ".secret", /rules with url or ask; this one has answer/],
  [{ ...answer, headers: {} }, ".headers", /url or ask/],
  [{ ...answer, deadlineMs: 100 }, ".deadlineMs", /ask/],
  [{ ...forward, enabled: "false" }, ".enabled", /true or false/],
  [{ ...forward, enabled: null }, ".enabled", /true or false/],
  [{ ...forward, on: [] }, ".on", /empty/],
  [{ ...forward, on: "" }, ".on", /command/],
  [{ ...forward, on: 5 }, ".on", /command/],
  [{ ...forward, on: ["*", "a b"] }, ".on[1]", /command/],
  [{ ...forward, match: [] }, ".match", /object/],
  [{ ...forward, match: {} }, ".match", /empty/],
  [{ ...forward, match: { body: { Type: [{ prefx: "C" }] } } }, ".match.body.Type[0]", /prefx/],
  [{ ...forward, match: { body: { Type: "Community" } } }, ".match.body.Type", /\["…"\]/],
  [{ ...forward, match: { Type: ["Community"] } }, ".match.Type", /sees: expected command, .*body/],
  [{ ...forward, match: { $or: [{ command: ["x"] }, { boddy: [1] }] } }, ".match.$or[1].boddy", /sees/],
  [{ ...forward, url: "audit.example.com" }, ".url", /absolute/],
  [{ ...forward, url: 5 }, ".url", /URL/],
  [{ ...forward, url: ["https://a.example.com"] }, ".url", /URL/],
  [{ ...forward, url: "http://a.example.com" }, ".url", /https/],
  [{ ...forward, url: "https://127.0.0.1" }, ".url", /loopback/],
  [{ ...ask, ask: [] }, ".ask", /empty/],
  [{ ...ask, ask: ["https://a.example.com", "https://localhost"] }, ".ask[1]", /private network/],
  [{ ...forward, secret: "$NO_SUCH" }, ".secret", /\$NO_SUCH is not set/],
  [{ ...forward, secret: ["$SIGNING", "$NO_SUCH"] }, ".secret[1]", /\$NO_SUCH is not set/],
  [{ ...forward, secret: [] }, ".secret", /empty/],
  [{ ...forward, secret: "" }, ".secret", /text/],
  [{ ...forward, secret: 5 }, ".secret", /text/],
  [{ ...forward, secret: "$TOKEN" }, ".secret", /expected whsec_.* in \$TOKEN$/],
  [{ ...forward, secret: "$SHORT" }, ".secret", /24 to 64/],
  [{ ...forward, secret: `whsec_${Buffer.alloc(65).toString("base64")}` }, ".secret", /24 to 64/],
  [{ ...forward, secret: signing.replace("whsec_", "") }, ".secret", /whsec_/],
  [{ ...forward, secret: `${signing.slice(0, -1)}-` }, ".secret", /base64/],
  [{ ...forward, secret: "$" }, ".secret", /whsec_/],
  [{ ...forward, secret: "$SIGNING " }, ".secret", /whsec_/],
  [{ ...forward, headers: [] }, ".headers", /object/],
  [{ ...forward, headers: { a: 5 } }, ".headers.a", /text/],
  [{ ...forward, headers: { a: "Bearer $NO_SUCH" } }, ".headers.a", /\$NO_SUCH is not set/],
  [
    { ...forward, headers: { a: "$NO_SUCH$NOR_THIS" } },
    ".headers.a",
    /\$NO_SUCH is not set; \$NOR_THIS is not set/,
  ],
  [{ ...forward, headers: { a: "x\r\nb: y" } }, ".headers.a", /line ends/],
  [{ ...forward, headers: { a: "x\0" } }, ".headers.a", /control/],
  [{ ...forward, headers: { a: "$TWO_LINES" } }, ".headers.a", /line ends/],
  [{ ...forward, headers: { a: "群" } }, ".headers.a", /ASCII/],
  [{ ...forward, headers: { a: "caf\u00e9" } }, ".headers.a", /ASCII/],
  [{ ...forward, headers: { a: "\x1b[2J" } }, ".headers.a", /control/],
  [{ ...forward, headers: { a: "x\x7f" } }, ".headers.a", /control/],
  [{ ...forward, headers: { a: "Bearer $ACCENTED" } }, ".headers.a", /ASCII/],
  [{ ...forward, headers: { a: "Bearer $SEVERAL" } }, ".headers.a", /\$SEVERAL holds several values/],
  [{ ...forward, headers: { a: "$BLANK" } }, ".headers.a", /\$BLANK is not set/],
  [{ ...forward, url: "https://audit.example.com/$NO_SUCH" }, ".url", /\$NO_SUCH is not set/],
  [{ ...forward, url: "$SEVERAL" }, ".url", /\$SEVERAL holds several values/],
  [{ ...forward, url: "$TOKEN" }, ".url", /absolute/],
  [{ ...forward, url: "https://$LOCAL_HOST/tim" }, ".url", /loopback/],
  [{ ...ask, ask: ["https://a.example.com/?key=$NO_SUCH"] }, ".ask[0]", /\$NO_SUCH is not set/],
  [{ ...forward, secret: "$SIGNING_AND_OTHER" }, ".secret", /expected whsec_.* in \$SIGNING_AND_OTHER$/],
  [{ ...forward, secret: "$A_BINDING" }, ".secret", /\$A_BINDING is not set/],
  [{ ...forward, format: "raw", callbackToken: "$SEVERAL" }, ".callbackToken", /several values/],
  [{ ...forward, secret: sample }, ".secret", /is the sample/],
  [{ ...forward, secret: "$SAMPLE" }, ".secret", /\$SAMPLE: is the sample/],
  [{ ...forward, format: "raw", callbackToken: "local-callback-token" }, ".callbackToken", /sample/],
  [{ ...forward, headers: { a: "Bearer $SAMPLE" } }, ".headers.a", /\$SAMPLE: is the sample/],
  [{ ...forward, on: "a".repeat(129) }, ".on", /128 characters/],
  [{ ...forward, headers: { "Tim-Relay-Loop": "x" } }, ".headers.Tim-Relay-Loop", /sets/],
  [{ ...forward, headers: { "a b": "x" } }, '.headers["a b"]', /name of a header/],
  [{ ...forward, headers: { "": "x" } }, '.headers[""]', /name of a header/],
  [{ ...forward, headers: { "x:y": "x" } }, ".headers.x:y", /name of a header/],
  [{ ...forward, headers: { "X-A": "1", "x-a": "2" } }, ".headers.x-a", /same header as X-A/],
  ...[
    "Content-Type",
    "content-length",
    "Host",
    "Connection",
    "Transfer-Encoding",
    "User-Agent",
    "webhook-id",
    "Tim-Relay-Loop",
    "Webhook-Foo",
  ].map((name): [unknown, string, RegExp] => [
    { ...forward, headers: { [name]: "x" } },
    `.headers.${name}`,
    /sets/,
  ]),
  [{ ...forward, timeoutMs: 0 }, ".timeoutMs", /1 to 60000/],
  [{ ...forward, timeoutMs: 60_001 }, ".timeoutMs", /1 to 60000/],
  [{ ...forward, timeoutMs: 1.5 }, ".timeoutMs", /whole number/],
  [{ ...forward, timeoutMs: "10000" }, ".timeoutMs", /whole number/],
  [{ ...forward, retry: "5s" }, ".retry", /list/],
  [{ ...forward, retry: ["5s", "5d"] }, ".retry[1]", /"2h"/],
  [{ ...forward, retry: [5000] }, ".retry[0]", /wait/],
  [{ ...forward, retry: Array(51).fill("5s") }, ".retry", /at most 50/],
  [{ ...forward, order: "fifo" }, ".order", /"none" or "conversation", got another text$/],
  [{ ...forward, concurrency: 0 }, ".concurrency", /1 to 1000/],
  [{ ...forward, concurrency: null }, ".concurrency", /1 to 1000/],
  [{ ...forward, ratePerSecond: 0 }, ".ratePerSecond", /above 0/],
  [{ ...forward, ratePerSecond: -1 }, ".ratePerSecond", /above 0/],
  [{ ...forward, ratePerSecond: "5" }, ".ratePerSecond", /above 0/],
  [{ ...forward, format: "xml" }, ".format", /"event" or "raw" or "cloudevents"/],
  [{ ...forward, callbackToken: "t" }, ".callbackToken", /raw/],
  [{ ...forward, sample: 0 }, ".sample", /above 0 and up to 1, got 0$/],
  [{ ...forward, sample: 1.01 }, ".sample", /above 0 and up to 1/],
  [{ ...forward, sample: "0.5" }, ".sample", /above 0 and up to 1/],
  [{ ...ask, sample: 0.5 }, ".sample", /is a key of rules with url; this one has ask/],
  [{ ...answer, template: {} }, ".template", /is a key of rules with url; this one has answer/],
  [{ ...forward, template: { text: ["{{bdy.Text}}"] } }, ".template.text[0]", /a placeholder for bdy/],
  [{ ...forward, template: "{{body.Text" }, ".template", /without an end/],
  [{ ...forward, template: {}, format: "raw" }, ".template", /does not go with "format": "raw"$/],
  [{ ...forward, url: " poll:", batch: {} }, ".batch", /does not go with "url": "poll:"/],
  [{ ...forward, template: {}, format: "cloudevents" }, ".template", /with "format": "cloudevents"$/],
  [{ ...forward, template: {}, callbackToken: "t" }, ".callbackToken", /raw/],
  [{ ...forward, succeeds: { code: [0] } }, ".succeeds.code", /succeeds sees: expected status, body$/],
  [{ ...forward, succeeds: { $or: [{ body: [1] }, { phase: [1] }] } }, ".succeeds.$or[1].phase", /sees/],
  [{ ...forward, succeeds: { body: { code: 0 } } }, ".succeeds.body.code", /expected a list/],
  [{ ...forward, succeeds: {} }, ".succeeds", /is empty/],
  [
    { name: "a", url: "poll:", secret: "$SIGNING", succeeds: { status: [200] } },
    ".succeeds",
    /does not go with poll:, which gives no answer$/,
  ],
  [{ ...ask, succeeds: { status: [200] } }, ".succeeds", /is a key of rules with url/],
  [{ ...forward, format: "cloudevents", callbackToken: "t" }, ".callbackToken", /raw/],
  [{ ...forward, format: "raw", callbackToken: "$NO_SUCH" }, ".callbackToken", /\$NO_SUCH is not set/],
  [{ ...forward, format: "raw", callbackToken: "" }, ".callbackToken", /text/],
  [{ ...forward, format: "raw", callbackToken: " " }, ".callbackToken", /text/],
  [{ ...forward, format: "raw", callbackToken: ["$TOKEN"] }, ".callbackToken", /got a list/],
  [{ ...forward, format: "raw", callbackToken: "x$NO_SUCH" }, ".callbackToken", /\$NO_SUCH is not set/],
  [{ ...forward, format: "raw", batch: {} }, ".batch", /raw/],
  [{ ...forward, batch: true }, ".batch", /object/],
  [{ ...forward, batch: { size: 0 } }, ".batch.size", /1 to 1000/],
  [{ ...forward, batch: { ms: 60_001 } }, ".batch.ms", /0 to 60000/],
  [{ ...forward, batch: { count: 5 } }, ".batch.count", /size, ms/],
  [{ ...ask, deadlineMs: 1601 }, ".deadlineMs", /1 to 1600/],
  [{ ...ask, otherwise: "deny" }, ".otherwise", /"allow" or "refuse"/],
  [{ ...ask, otherwise: { ErorCode: 1 } }, ".otherwise.ErorCode", /field of an answer.*ErrorCode/],
  [{ ...ask, shadow: 1 }, ".shadow", /true or false/],
  [{ ...ask, combine: "majority" }, ".combine", /first-refusal/],
  [{ ...answer, answer: "no" }, ".answer", /object/],
  [{ ...answer, answer: { ErrorCode: "1" } }, ".answer.ErrorCode", /whole number/],
  [{ ...answer, answer: { ErrorInfo: 1 } }, ".answer.ErrorInfo", /text/],
  [{ ...answer, answer: { ActionStatus: "ok" } }, ".answer.ActionStatus", /"OK"/],
  [{ ...answer, answer: { MsgBody: {} } }, ".answer.MsgBody", /list/],
  [{ ...answer, answer: { MsgBody: ["x"] } }, ".answer.MsgBody[0]", /object/],
  [{ ...answer, answer: { RefusedMembers_Account: [1] } }, ".answer.RefusedMembers_Account[0]", /text/],
  [{ ...forward, words: [] }, ".words", /list of words/],
  [{ ...forward, words: { a: "b" } }, ".words", /list of words/],
  [{ ...ask, words: ["a", ""] }, ".words[1]", /word/],
  [{ ...answer, words: "kv:WORDS" }, ".words", /kv:BINDING\/key/],
  [{ ...answer, words: "banned" }, ".words", /kv:BINDING\/key/],
  [{ ...answer, replace: "kv:1/a" }, ".replace", /kv:BINDING\/key/],
  [{ ...answer, replace: [] }, ".replace", /words/],
  [{ ...answer, replace: {} }, ".replace", /words/],
  [{ ...answer, replace: [""] }, ".replace[0]", /word/],
  [{ ...answer, replace: { damn: 5 } }, ".replace.damn", /text/],
];

for (const [rule, path, because] of mistakes) {
  test(`${JSON.stringify(rule)} is wrong at ${path || "its top"}`, () => {
    const other = { name: "other", url: "https://other.example.com" };
    const book = parse([other, rule]);
    assert.deepEqual(
      book.mistakes.map((mistake) => mistake.path),
      [`FORWARD_RULES[1]${path}`],
    );
    assert.match(book.mistakes[0]!.message, because);
    assert.deepEqual(book.problems, [`FORWARD_RULES[1]${path}: ${book.mistakes[0]!.message}`]);
    assert.doesNotMatch(book.problems[0]!, /hunter2/);
    assert.deepEqual(
      book.rules.map(({ name }) => name),
      ["other"],
    );
    const { name, ask: asks, answer: answers, url } = (rule ?? {}) as Record<string, unknown>;
    const nameable = typeof name === "string" && /^[a-z0-9-]{1,40}$/.test(name);
    const forwards = url !== undefined || (asks === undefined && answers === undefined);
    assert.deepEqual(book.heldNames, nameable && forwards ? [name] : []);
  });
}

test("all mistakes of a rule are named", () => {
  const book = parse([
    {
      name: "Bad",
      url: "http://localhost",
      on: [],
      match: { body: { a: [] } },
      secret: "$X",
      retry: ["1y"],
      x: 1,
      batch: 5,
    },
  ]);
  assert.deepEqual(
    book.mistakes.map(({ path }) => path.replace("FORWARD_RULES[0].", "")),
    ["name", "url", "on", "match.body.a", "secret", "retry[0]", "x", "batch"],
  );
  assert.deepEqual(book.heldNames, []);
});

test("a mistake in the middle of three leaves the other two, and the events of the middle one wait", () => {
  const three = [
    { name: "first", url: "https://a.example.com" },
    { name: "second", url: "https://b.example.com", match: { body: { Type: [{ prefix: 1 }] } } },
    { name: "third", url: "https://c.example.com" },
  ];
  const book = parse(JSON.stringify(three));
  assert.deepEqual(
    book.rules.map(({ name }) => name),
    ["first", "third"],
  );
  assert.deepEqual(book.heldNames, ["second"]);
  assert.equal(book.problems.length, 1);
  assert.match(book.problems[0]!, /^FORWARD_RULES\[1\]\.match\.body\.Type\[0\]: /);
});

test("rules that share a name, across variables and kinds, are all wrong, and their name is held once", () => {
  const book = parseRules(
    [
      { name: "FORWARD_RULES", value: [forward, { ...forward, name: "fine" }] },
      { name: "FORWARD_RULES_2", value: JSON.stringify([forward, { ...ask, name: "audit" }]) },
    ],
    context,
  );
  assert.deepEqual(
    book.rules.map(({ name }) => name),
    ["fine"],
  );
  assert.deepEqual(book.heldNames, ["audit"]);
  assert.deepEqual(book.problems, [
    'FORWARD_RULES_2[0].name: "audit" is also the name of FORWARD_RULES[0]; both wait',
    'FORWARD_RULES_2[1].name: "audit" is also the name of FORWARD_RULES[0]; both wait',
  ]);
});

test("wrong ask and answer rules are not held: they deliver nothing", () => {
  assert.deepEqual(parse([ask, { ...ask }]).heldNames, []);
  assert.deepEqual(parse([{ ...answer, x: 1 }]).heldNames, []);
});

test("variables are joined in their order, without the unset ones", () => {
  const book = parseRules(
    [
      { name: "FORWARD_RULES", value: undefined },
      { name: "FORWARD_RULES_2", value: "" },
      { name: "FORWARD_RULES_3", value: [{ ...forward, name: "three" }] },
      { name: "FORWARD_RULES_4", value: "[]" },
      { name: "FORWARD_RULES_9", value: JSON.stringify([{ ...forward, name: "nine" }]) },
    ],
    context,
  );
  assert.deepEqual(
    book.rules.map(({ name }) => name),
    ["three", "nine"],
  );
  assert.deepEqual(book.problems, []);
});

test("a key given twice makes only its own rule wrong, and is named by its path", () => {
  const book = parse(`[
    {"name": "first", "url": "https://a.example.com", "match": {"body": {"Type": ["A"], "x": {"Type": ["B"]}}}},
    {"name": "second", "url": "https://b.example.com",
     "match": {"body": {"Type": ["Community"]}, "body": {"From_Account": ["lan"], "From_Account": ["minh"]}}},
    {"name": "third", "url": "https://c.example.com", "headers": {"a": "1", "\\u0061": "2"}, "url": "https://c.example.com"},
    {"name": "fourth", "name": "fourth", "ask": "https://d.example.com"},
    {"name": "fifth", "answer": {"ErrorCode": 1}, "replace": ["{\\"a\\":1,\\"a\\":2}"]}
  ]`);
  assert.deepEqual(
    book.rules.map(({ name }) => name),
    ["first", "fifth"],
  );
  assert.deepEqual(book.heldNames, ["second", "third"]);
  assert.deepEqual(book.problems, [
    "FORWARD_RULES[1].match.body: is given twice",
    "FORWARD_RULES[1].match.body.From_Account: is given twice",
    "FORWARD_RULES[2].headers.a: is given twice",
    "FORWARD_RULES[2].url: is given twice",
    "FORWARD_RULES[3].name: is given twice",
  ]);
});

test("a value nested too deeply makes only its own rule wrong, and is named by its path", () => {
  const deep = (open: string, close: string) => `${open.repeat(3_000)}${close.repeat(3_000)}`;
  for (const [key, value, path] of [
    ["match", `{"body": ${deep('{"a":', "}").replace("}", "[1]}")}}`, "match"],
    ["match", `{"body": {"${"a.".repeat(2_000)}a": [1]}}`, `match.body["${"a.".repeat(2_000)}a"]`],
    ["match", `{"$or": [${deep('{"$or":[', "]}").replace("[]", "[1]")}, {"app": ["1"]}]}`, "match"],
    ["headers", deep("[", "]"), "headers"],
    ["secret", deep("[", "]"), "secret"],
    ["otherwise", `{"MsgBody": [${deep('{"a":', "}").replace("}", "1}")}]}`, "otherwise"],
    ["unknown", deep("[", "]"), "unknown"],
  ] as const) {
    const big = "144115200000000001";
    const book = parse(`[
      {"name": "good", "url": "https://a.example.com", "match": {"body": {"n": [${big}]}}},
      {"name": "deep", "url": "https://b.example.com", "${key}": ${value}}
    ]`);
    assert.deepEqual(
      book.rules.map(({ name }) => name),
      ["good"],
    );
    assert.deepEqual(book.heldNames, ["deep"]);
    assert.equal(book.mistakes[0]!.path, `FORWARD_RULES[1].${path}`);
    assert.match(book.mistakes[0]!.message, /100 levels/);
    assert.equal(book.mistakes.length, 1);
    assert.equal(book.rules[0]!.match!.explain({ body: { n: 1 } })!.expected, big);
  }
  assert.match(parse(deep("[", "]")).problems.join(), /^FORWARD_RULES\[0\]: expected an object/);
});

test("a named secret is read alike everywhere: trimmed, and several values only in secret", () => {
  const rule = only<ForwardRule>(
    parse([
      {
        ...forward,
        url: "$BOT",
        secret: ["$ROTATING", rotated, "$ROTATING_LIST"],
        headers: { a: "Bearer $SPACED", b: "$NUMBER/$$NUMBER", c: "$1 $" },
        format: "raw",
        callbackToken: "$SPACED",
      },
    ]),
  );
  assert.deepEqual(rule.secrets, [signing, rotated, rotated, signing, rotated]);
  assert.deepEqual(rule.headers, { a: "Bearer hunter2-token", b: "123456/$NUMBER", c: "$1 $" });
  assert.equal(rule.callbackToken, "hunter2-token");
  assert.deepEqual(rule.address, httpsAddress("https://bots.example.com/hook/hunter2?key=1%2C5", "$BOT"));

  const asking = only<AskRule>(
    parse([{ ...ask, ask: ["https://a.example.com/?key=$TOKEN&price=5$$", "https://b.example.com"] }]),
  );
  assert.deepEqual(asking.asks, [
    httpsAddress(
      "https://a.example.com/?key=hunter2-token&price=5$",
      "https://a.example.com/?key=$TOKEN&price=5$$",
    ),
    httpsAddress("https://b.example.com"),
  ]);
});

test("white space around a token or an address is removed, and $NAME may be a part of a token", () => {
  for (const [written, token] of [
    ["$TOKEN ", "hunter2-token"],
    ["a$TOKEN", "ahunter2-token"],
    ["$$x", "$x"],
    [" lit ", "lit"],
  ] as const) {
    const rule = only<ForwardRule>(parse([{ ...forward, format: "raw", callbackToken: written }]));
    assert.equal(rule.callbackToken, token);
  }
  const rule = only<ForwardRule>(parse([{ ...forward, url: " $BOT\n" }]));
  assert.deepEqual(rule.address, httpsAddress("https://bots.example.com/hook/hunter2?key=1%2C5", "$BOT"));
  const asking = only<AskRule>(parse([{ ...ask, ask: ["\thttps://b.example.com "] }]));
  assert.deepEqual(asking.asks, [httpsAddress("https://b.example.com")]);
});

test("in a local run, samples are accepted as secrets", () => {
  const rule = only<ForwardRule>(parse([{ ...forward, secret: ["$SAMPLE", sample] }], { local: true }));
  assert.deepEqual(rule.secrets, [sample, sample]);
});

test("no problem quotes a value that may be a secret, at any path", () => {
  const misplaced = "hunter2";
  const values: unknown[] = [misplaced, [misplaced], { a: misplaced }, `https://${misplaced}.localhost/`];
  for (const key of Object.keys(keys)) {
    for (const value of values) {
      const { problems } = parse([{ url: "https://x.localhost", name: "UP", [key]: value }]);
      assert.ok(problems.length > 0);
      assert.doesNotMatch(problems.join("\n"), /hunter2/, `${key}: ${JSON.stringify(value)}`);
    }
  }
  for (const name of Object.keys(secrets)) {
    const rule = { ...forward, secret: `$${name}`, url: `$${name}`, headers: { a: `$${name}\n` } };
    assert.doesNotMatch(parse([rule]).problems.join("\n"), /hunter2|whsec_\w/, name);
  }
  for (const match of [
    misplaced,
    { body: misplaced },
    { body: { a: [{ cidr: misplaced }] } },
    { body: { a: [[misplaced]] } },
  ])
    assert.doesNotMatch(parse([{ ...forward, match }]).problems.join("\n"), /hunter2/);
});

test("a variable of white space counts as unset, and white space around rules is ignored", () => {
  assert.deepEqual(parse(" \n").problems, []);
  assert.equal(parse(`\ufeff \n${JSON.stringify([forward])}\n`).rules.length, 1);
  assert.match(
    parse(`\n\n[{"name": "a", "url": "https://a.example.com" "b"}]`).problems[0]!,
    /\(see character 49\)/,
  );
});

test("a variable that is not JSON is named without its text, and other variables are read", () => {
  const book = parseRules(
    [
      { name: "FORWARD_RULES", value: '[{"name": "a", "secret": "whsec_hunter2" "url"}]' },
      { name: "FORWARD_RULES_2", value: [forward] },
    ],
    context,
  );
  assert.equal(book.rules.length, 1);
  assert.deepEqual(book.heldNames, []);
  assert.match(book.problems[0]!, /^FORWARD_RULES: is not JSON \(see character \d+\)/);
  for (const [text, position] of [
    [' [{"name":"hunter2",}]', "see character 21"],
    ["\n[{},]", "see character 6"],
    ["hunter2", "see character 1"],
    ['[{"name":"hunter2"', "it ends too early"],
  ] as const)
    assert.ok(parse(text).problems[0]!.startsWith(`FORWARD_RULES: is not JSON (${position}): none`), text);
  assert.doesNotMatch(book.problems.join(), /hunter2|whsec/);
  for (const text of ["hunter2", "{", "[hunter2]", "'hunter2'"])
    assert.doesNotMatch(parse(text).problems.join(), /hunter2/);
});

test("a variable that is JSON but no list is named", () => {
  for (const [value, what] of [
    ["{}", "an object"],
    [{}, "an object"],
    ["5", "5"],
    [true, "true"],
    ["null", "null"],
    ['"hunter2"', "a text"],
  ]) {
    assert.deepEqual(parse(value).problems, [`FORWARD_RULES: expected a list of rules, got ${what}`]);
  }
});

test("waits longer than the retention give a warning, and the rule stays valid", () => {
  const named = (rule: object, retentionMs: number) => {
    const book = parse([{ ...forward, ...rule }], { retentionMs });
    assert.equal(book.rules.length, 1);
    assert.deepEqual(book.mistakes, []);
    assert.deepEqual(book.heldNames, []);
    return book.problems;
  };
  assert.deepEqual(named({}, week), []);
  assert.deepEqual(named({ retry: ["168h"] }, week), []);
  assert.deepEqual(named({ retry: ["5s", "169h"] }, week), [
    "FORWARD_RULES[0].retry: waits 169h, longer than events are kept (168h)",
  ]);
  assert.deepEqual(named({ retry: ["100h", "100h"] }, week), [
    "FORWARD_RULES[0].retry: waits 200h in all, longer than events are kept (168h): the last attempts never come",
  ]);
  assert.match(named({}, 3_600_000)[0]!, /^FORWARD_RULES\[0\]\.retry: waits 24h/);
});

test("the private networks policy allows http and private addresses", () => {
  const book = parse([{ ...forward, url: "http://localhost:8788/tim" }], { privateNetworks: true });
  assert.equal(only<ForwardRule>(book).address.url, "http://localhost:8788/tim");
});

test("matches: on names commands, with * as wildcard", () => {
  const matchesOn = (on: unknown, command: string) =>
    only<ForwardRule>(parse([{ ...forward, on }])).matches({ ...event, command });
  for (const [on, command, expected] of [
    ["Group.CallbackAfterSendMsg", "Group.CallbackAfterSendMsg", true],
    ["Group.CallbackAfterSendMsg", "Group.CallbackAfterSendMsgX", false],
    ["Group.CallbackAfterSendMsg", "group.CallbackAfterSendMsg", false],
    ["Group.*", "Group.CallbackAfterSendMsg", true],
    ["Group.*", "C2C.CallbackAfterSendMsg", false],
    ["*.CallbackAfter*", "C2C.CallbackAfterSendMsg", true],
    ["*.CallbackAfter*", "C2C.CallbackBeforeSendMsg", false],
    ["*", "State.StateChange", true],
    ["**", "State.StateChange", true],
    ["*Change", "State.StateChange", true],
    [["C2C.*", "State.*"], "State.StateChange", true],
    [["C2C.*", "State.*"], "Group.CallbackAfterSendMsg", false],
    ["State", "State.StateChange", false],
  ] as const) {
    assert.equal(matchesOn(on, command), expected, `${on} on ${command}`);
  }
});

test("matches: match sees the event's fields and its body, and both on and match must match", () => {
  const rule = (fields: object) => only<ForwardRule>(parse([{ ...forward, ...fields }]));
  assert.equal(rule({ match: { body: { Type: ["Community"] } } }).matches(event), true);
  assert.equal(rule({ match: { body: { Type: ["Private"] } } }).matches(event), false);
  assert.equal(rule({ match: { app: ["1400000000"], phase: ["after"] } }).matches(event), true);
  assert.equal(rule({ match: { app: [1400000000] } }).matches(event), false);
  assert.equal(
    rule({ match: { clientIp: [{ cidr: "203.0.113.0/24" }], platform: [null] } }).matches(event),
    true,
  );
  assert.equal(rule({ match: { receivedAt: [{ prefix: "2019-05-10T" }] } }).matches(event), true);
  assert.equal(rule({ match: { command: [{ suffix: "SendMsg" }] } }).matches(event), true);
  assert.equal(rule({ on: "C2C.*", match: { app: ["1400000000"] } }).matches(event), false);
  const text = `[{"name":"a","url":"https://a.example.com","match":{"body":{"Random":[144115200000000000]}}}]`;
  assert.equal(only<ForwardRule>(parse(text)).matches(event), false);
  assert.equal(only<ForwardRule>(parse(text.replace("00]", "01]"))).matches(event), true);
});

test("explain names the command or the field that does not match", () => {
  const rule = only<ForwardRule>(parse([{ ...forward, on: ["C2C.*", "Sns.*"] }]));
  assert.deepEqual(rule.explain(event), {
    field: "command",
    found: '"Group.CallbackAfterSendMsg"',
    expected: "C2C.* or Sns.*",
  });
  const other = only<ForwardRule>(parse([{ ...forward, match: { body: { Type: ["Private"] } } }]));
  assert.deepEqual(other.explain(event), { field: "body.Type", found: '"Community"', expected: '"Private"' });
});

test("every default is a valid value of its key", () => {
  for (const [name, key] of Object.entries(keys)) {
    if (!("default" in key)) continue;
    const value = key.read(key.default as never, pathAt(name, assert.fail), context);
    assert.notEqual(value, undefined, name);
  }
});
