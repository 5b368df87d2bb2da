import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { chinese, outermost, together } from "../../src/dashboard/told/chinese.ts";
import { summaries } from "../../src/dashboard/told/summaries.ts";
import { translator } from "../../src/dashboard/told/translate.ts";
import { templatesIn, templatesOf } from "../../src/generate/sentences.ts";
import { describe } from "../../src/rule/describe.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { mistakesOfSetting } from "../docs/chinese.ts";

const tell = translator({ ...together, ...chinese, ...summaries }, outermost);

const root = join(import.meta.dirname, "../..");

/** Words of English: names, units and code have other characters, or none in lower case beside a blank. */
const english = /(?<![\w.:/"*-])[a-z]{2,}(?: [a-z]{2,})+/;

test("each sentence of the gateway is told in Chinese, with all its parts in their places", () => {
  const faults = templatesIn(root).flatMap((template) => {
    const said = tell(template.replace(/\{(\d)\}/g, (_, number) => `@P${number}`));
    const lost = [...template.matchAll(/\{(\d)\}/g)].filter(([, number]) => !said.includes(`@P${number}`));
    const isData = !/\p{Script=Han}/u.test(chinese[template as keyof typeof chinese]);
    const wrong = [
      ...mistakesOfSetting(said),
      ...(isData ? [] : (english.exec(said.replace("npm run serve", "")) ?? [])),
    ];
    return lost.length + wrong.length > 0 ? [`${template}: ${said}: ${lost}${wrong}`] : [];
  });
  assert.deepEqual(faults, []);
});

test("problems are told in Chinese", () => {
  const said = {
    "audit: is paused until it is resumed; 5 events wait": "audit：已暂停，需手动恢复；5 个事件在等待",
    "audit: does not answer well (answered 500); about 1200 events wait":
      "audit：响应异常（返回 500）；约 1200 个事件在等待",
    "audit: 1 event waits until its rule is mended and it is resumed":
      "audit：1 个事件在等待，直到它的规则改正并且恢复发送",
    "search: 3 events wait for another attempt (answered 503, but body.errcode is 9499, and should be 0)":
      "search：3 个事件在等待下一次尝试（返回 503，但 body.errcode 为 9499，应为 0）",
    "FORWARD_RULES[1].timeoutMs: expected a whole number from 1 to 60000, got a text":
      "FORWARD_RULES[1].timeoutMs：应为 1 到 60000 之间的整数，实际为文本",
    "Group.CallbackAfterSendMsg: 1 event is quarantined because of the body":
      "Group.CallbackAfterSendMsg：1 个事件因包体被隔离",
    "no-links: its answer is not allowed for Group.CallbackBeforeSendMsg, whose action goes on: ErrorCode is missing":
      "no-links：Group.CallbackBeforeSendMsg 不允许它的应答，操作照常进行：缺少 ErrorCode",
  };
  for (const [sentence, expected] of Object.entries(said)) assert.equal(tell(sentence), expected);
});

/** What the page says of a rule. */
function toldOf(rule: object): string {
  const { rules, problems } = parseRules([{ name: "rules", value: [{ name: "one", ...rule }] }], {
    secret: () => undefined,
    local: true,
    privateNetworks: true,
    retentionMs: Number.POSITIVE_INFINITY,
    bindingProblem: () => null,
  });
  assert.deepEqual(problems, []);
  return tell(describe(rules[0]!));
}

test("rules are told in Chinese, and quoted texts stay as they are", () => {
  const url = "https://feed.example.com/tim";
  assert.equal(toldOf({ url }), "将所有事件转发到 feed.example.com，不签名");
  assert.equal(
    toldOf({
      url,
      on: ["Group.*", "C2C.*", "Sns.*"],
      match: { body: { Type: ["whose, and to", { prefix: "x" }] } },
    }),
    '将 Group.*、C2C.* 和 Sns.*（body.Type 为 "whose, and to" 或以 "x" 开头的文本）转发到 feed.example.com，不签名',
  );
  assert.equal(
    toldOf({
      answer: { ErrorCode: 1, ErrorInfo: "no, and never" },
      on: "*.CallbackBeforeSendMsg",
      words: ["a", "b"],
    }),
    '对 *.CallbackBeforeSendMsg（文本含有其 2 个词语之一）应答 {"ErrorCode":1,"ErrorInfo":"no, and never"}',
  );
  assert.equal(
    toldOf({
      ask: [url, "https://b.example.com"],
      limit: { by: "body.From_Account", count: 20, seconds: 10 },
    }),
    "就所有事件（同一 body.From_Account 在 10 秒内超过 20 次）询问 feed.example.com 和 b.example.com；任一后端拒绝即拒绝；1200ms 内没有应答则放行",
  );
});

test("a long rule is told whole", () => {
  const body = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`Field${index}`, ["a", "b", { prefix: "x" }]]),
  );
  const said = toldOf({ url: "https://feed.example.com/tim", match: { body } });
  assert.match(said, /^将所有事件（body\.Field0 为/);
  assert.match(said, /且 body\.Field49 为 "a" 或 "b" 或以 "x" 开头的文本）转发到/);
  assert.doesNotMatch(said, english);
  const on = Array.from({ length: 80 }, (_, index) => `Group.CallbackAfterAction${index}`);
  const many = toldOf({ url: "https://feed.example.com/tim", on, match: { body: { Type: ["x"] } } });
  assert.match(many, /^将 Group\.\w+、.*（body\.Type 为 "x"）转发到 feed\.example\.com，不签名$/);
});

test("a long text of others stays as it is, however much it reads like sentences", () => {
  for (const text of [
    "a: b; c, d and e or f ".repeat(90),
    `audit: ${"waits, the oldest since (x); ".repeat(300)}`,
  ])
    assert.equal(tell(text), text);
});

test("each command is told in Chinese", () => {
  const told = [...catalogue.values()].map(({ summary }) => summaries[summary]);
  assert.deepEqual(
    [...catalogue.values()].filter((_, index) => told[index] === undefined).map(({ name }) => name),
    [],
  );
  assert.deepEqual(
    told.flatMap((one) => mistakesOfSetting(one!)),
    [],
  );
  const known = new Set([...catalogue.values()].map(({ summary }) => summary));
  assert.deepEqual(
    Object.keys(summaries).filter((one) => !known.has(one)),
    [],
  );
});

test("a sentence that the page does not know stays as it is", () => {
  for (const sentence of [
    "audit: is throttled until 2027",
    "a sentence of a newer gateway, which the page does not know",
    "connection reset by peer, code 104",
    "",
  ])
    assert.equal(tell(sentence), sentence);
});

test("a sentence whose parts nothing tells apart is refused", () => {
  const templates = (said: string) => templatesOf("a.ts", said.replaceAll("{", "${"));
  assert.deepEqual(templates("say`{a} waits, {say`as {b} asked`}`"), ["{1} waits, {2}", "as {1} asked"]);
  for (const vague of ["{a} {b}", "{a}{b}: no", "is {a}{b}"])
    assert.throws(() => templates(`say\`${vague}\``), /nothing tells/);
});
