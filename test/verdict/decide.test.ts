import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { parseBody } from "../../src/callback/json.ts";
import type { Rule } from "../../src/rule/rule.ts";
import { decide, shadowsOf } from "../../src/verdict/decide.ts";
import { httpsAddress, ruleWith } from "../delivery/sample.ts";
import { answerRule, askRule, contextWith, hangs, neverAsked, questionOf, says } from "./sample.ts";

const send = "C2C.CallbackBeforeSendMsg";
const group = "Group.CallbackBeforeSendMsg";
const add = "Sns.CallbackPrevFriendAdd";

async function byRules(command: string, rules: Rule[], context = contextWith(neverAsked)) {
  const { text, verdict } = await decide(questionOf(command), rules, context);
  const { ms, ...rest } = verdict;
  assert.ok(ms >= 0);
  return { answer: JSON.parse(text), verdict: rest };
}

const ok = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };

test("without a matching rule the default answer allows", async () => {
  const none: Rule[] = [
    ruleWith(),
    answerRule({ answer: { ErrorCode: 1 }, enabled: false }),
    answerRule({ answer: { ErrorCode: 1 }, matches: () => false }),
    askRule({ shadow: true }),
  ];
  const verdict = { rule: null, code: 0, how: "default", shadows: [] };
  assert.deepEqual(await byRules(send, none), { answer: ok, verdict });
  const { answer } = await byRules(add, none);
  assert.deepEqual(
    answer.ResultItem,
    ["minh", "siti"].map((To_Account) => ({ To_Account, ResultCode: 0, ResultInfo: "" })),
  );
});

test("the first ask or answer rule that matches decides", async () => {
  const refusal = answerRule({ name: "second", answer: { ErrorCode: 120001, ErrorInfo: "no links" } });
  const { answer, verdict } = await byRules(send, [
    ruleWith(),
    answerRule({ name: "first", matches: () => false }),
    refusal,
    answerRule({ name: "third" }),
  ]);
  assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "no links", ErrorCode: 120001 });
  assert.deepEqual(verdict, { rule: "second", code: 120001, how: "rule", shadows: [] });
});

/** A question about an invalid callback: a body with these changes. */
function misfitOf(command: string, changes: Record<string, unknown>) {
  const question = questionOf(command, { ...catalogue.get(command)!.example, ...changes });
  Object.assign(question.event, { valid: false, quarantined: true });
  return question;
}

test("rules and shadow rules decide on misfits too", async () => {
  const question = misfitOf(send, { CloudCustomData: null, MsgTime: 1.5, From_Account: {} });
  const own = await decide(question, [answerRule({ answer: { ErrorCode: 1 } })], contextWith(neverAsked));
  assert.deepEqual([JSON.parse(own.text).ErrorCode, own.verdict.how], [1, "rule"]);
  const context = contextWith(() => says({ ErrorCode: 120001 }));
  const asked = await decide(question, [askRule()], context);
  assert.deepEqual([asked.verdict.code, asked.verdict.how], [120001, "answered"]);
  const refused = await decide(
    question,
    [askRule({ otherwise: "refuse" })],
    contextWith(() => says("", 500)),
  );
  assert.equal(refused.verdict.code, 1);
  const [{ rule, code } = {}] = await shadowsOf(question, [askRule({ shadow: true })], context);
  assert.deepEqual([rule, code], ["moderation", 120001]);
});

test("words are masked in a message that has drift", async () => {
  const rule = answerRule({ answer: { CloudCustomData: "seen" }, replace: [{ word: "darn", mask: null }] });
  const text = (Text: unknown) => ({ MsgType: "TIMTextElem", MsgContent: { Text } });
  const face = { MsgType: "TIMFaceElem", MsgContent: { Index: "1" } };
  const nameless = { MsgContent: 7 };
  const cases: [MsgBody: unknown, masked: unknown][] = [
    [
      [face, text("darn"), text(5), nameless, null],
      [face, text("****"), text(5), nameless, null],
    ],
    [[face, text("fine")], undefined],
    [text("darn"), undefined],
    ["darn", undefined],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [MsgBody, masked] of cases) {
    const question = misfitOf(send, { MsgBody, Other: [text("darn")] });
    const { text: answer, verdict } = await decide(question, [rule], contextWith(neverAsked));
    assert.deepEqual(JSON.parse(answer), {
      ...ok,
      CloudCustomData: "seen",
      ...(masked !== undefined && { MsgBody: masked }),
    });
    assert.equal(verdict.how, "rule");
  }
});

test("readable targets get their verdict beside unreadable ones", async () => {
  const refusal = answerRule({ answer: { ErrorCode: 1 } });
  const on = async (FriendItem: unknown, rules: Rule[] = [refusal]) => {
    const { text, verdict } = await decide(
      misfitOf(add, { FriendItem }),
      rules,
      contextWith(() => says("", 500)),
    );
    return { items: JSON.parse(text).ResultItem, how: verdict.how };
  };
  const refused = [{ To_Account: "minh", ResultCode: 38000, ResultInfo: "" }];
  assert.deepEqual(await on([{ To_Account: "minh" }, null, {}, "x"]), { items: refused, how: "rule" });
  const asking = [askRule({ otherwise: "refuse" })];
  assert.deepEqual(await on([{ To_Account: "minh" }, null], asking), { items: refused, how: "status" });
  assert.deepEqual(await on("minh"), { items: [], how: "invalid" });
  assert.deepEqual(await on("minh", [answerRule()]), { items: [], how: "rule" });
});

test("a rule's answer may replace the message, or refuse some accounts", async () => {
  const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text: "removed" } }];
  const replaced = await byRules(send, [answerRule({ answer: { MsgBody, CloudCustomData: "x" } })]);
  assert.deepEqual(replaced.answer, { ...ok, MsgBody, CloudCustomData: "x" });
  const invite = [answerRule({ answer: { ErrorCode: 0, RefusedMembers_Account: ["nobody_7"] } })];
  const { answer } = await byRules("Group.CallbackBeforeInviteJoinGroup", invite);
  assert.deepEqual(answer, { ...ok, RefusedMembers_Account: ["nobody_7"] });
  const bot = [answerRule({ answer: { RspData: "hello" } })];
  assert.deepEqual((await byRules("Chatbot.OnC2CSignalMessage", bot)).answer, { ...ok, RspData: "hello" });
});

test("a rule's answer that its command does not allow becomes the default answer, with the reason", async () => {
  const { answer, verdict } = await byRules(send, [answerRule({ answer: { ErrorCode: 10100 } })]);
  assert.deepEqual(answer, ok);
  assert.equal(verdict.how, "invalid");
  assert.equal(verdict.rule, "own");
  assert.match(verdict.reason!, /^ErrorCode 10100 is not allowed here/);
});

test("a rule's code and text become the verdict on every target", async () => {
  const items = (ResultCode: number, ResultInfo: string) =>
    ["minh", "siti"].map((To_Account) => ({ To_Account, ResultCode, ResultInfo }));
  const cases = [
    { fields: { ErrorCode: 0 }, items: items(0, "") },
    { fields: { ErrorCode: 38123, ErrorInfo: "not today" }, items: items(38123, "not today"), code: 38123 },
    { fields: { ErrorCode: 1 }, items: items(38000, ""), code: 38000 },
  ];
  for (const { fields, items, code = 0 } of cases) {
    const { answer, verdict } = await byRules(add, [answerRule({ answer: fields })]);
    assert.equal(answer.ErrorCode, 0);
    assert.deepEqual(answer.ResultItem, items);
    assert.equal(verdict.code, code);
  }
  const wrong = await byRules(add, [answerRule({ answer: { ErrorCode: 7 } })]);
  assert.equal(wrong.verdict.how, "invalid");
  assert.deepEqual(wrong.answer.ResultItem, items(0, ""));
});

test("a target that a rule's own answer leaves out may go on, and has a verdict too", async () => {
  const ResultItem = [{ To_Account: "siti", ResultCode: 38123, ResultInfo: "not today" }];
  const items = [...ResultItem, { To_Account: "minh", ResultCode: 0, ResultInfo: "" }];
  const own = await byRules(add, [answerRule({ answer: { ResultItem } })]);
  assert.deepEqual([own.answer.ResultItem, own.verdict.code], [items, 38123]);
  const silent = contextWith(() => says("", 500));
  const otherwise = await byRules(add, [askRule({ otherwise: { ResultItem } })], silent);
  assert.deepEqual([otherwise.answer.ResultItem, otherwise.verdict.code], [items, 38123]);
});

test("words are masked in the message, and a message without them is not rewritten", async () => {
  const example = catalogue.get(send)!.example;
  const body = (...texts: string[]) => ({
    ...example,
    MsgBody: texts.map((Text) => ({ MsgType: "TIMTextElem", MsgContent: { Text } })),
  });
  const rule = answerRule({
    answer: { CloudCustomData: "seen" },
    replace: [{ word: "darn", mask: null }],
  });
  const on = async (given: Record<string, unknown>) => {
    const { text, verdict } = await decide(questionOf(send, given), [rule], contextWith(neverAsked));
    assert.equal(verdict.how, "rule");
    return JSON.parse(text);
  };
  assert.deepEqual(await on(body("Darn", "fine")), {
    ...ok,
    CloudCustomData: "seen",
    MsgBody: body("****", "fine").MsgBody,
  });
  assert.deepEqual(await on(body("fine")), { ...ok, CloudCustomData: "seen" });
});

test("words are masked in messages with any numbers", async () => {
  const MsgBody = [
    { MsgType: "TIMFaceElem", MsgContent: { Index: 0 } },
    { MsgType: "TIMTextElem", MsgContent: { Text: "darn" } },
  ];
  const question = questionOf(send, { ...catalogue.get(send)!.example, MsgBody });
  question.event.body = question.event.body.replace('"Index":0', '"Index":144115200000000001');
  const rule = answerRule({ replace: [{ word: "darn", mask: null }] });
  const { text } = await decide(question, [rule], contextWith(neverAsked));
  assert.match(text, /"Index":144115200000000001.*"Text":"\*\*\*\*"/);
});

test("words stay in a message that cannot be replaced, and the verdict records it", async () => {
  const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text: "darn" } }];
  const question = questionOf("Nobody.CallbackBeforeKnowsThis", { MsgBody });
  const rule = answerRule({ replace: [{ word: "darn", mask: null }] });
  const { text, verdict } = await decide(question, [rule], contextWith(neverAsked));
  assert.deepEqual(JSON.parse(text), ok);
  assert.equal(verdict.reason, "MsgBody is not allowed here");
});

test("otherwise is allow, the command's own refusal, or an answer", async () => {
  const silent = contextWith(() => says("", 500));
  const otherwise = async (command: string, given: Parameters<typeof askRule>[0]) =>
    (await byRules(command, [askRule(given)], silent)).answer;
  assert.deepEqual(await otherwise(send, { otherwise: "allow" }), ok);
  assert.deepEqual(await otherwise(send, { otherwise: "refuse" }), { ...ok, ErrorCode: 1 });
  const own = { ErrorCode: 10150, ErrorInfo: "later" };
  assert.deepEqual(await otherwise(group, { otherwise: own }), { ...ok, ...own });
  const refused = await otherwise(add, { otherwise: { ErrorCode: 1, ErrorInfo: "later" } });
  assert.deepEqual(refused.ResultItem[0], { To_Account: "minh", ResultCode: 38000, ResultInfo: "later" });
});

test("an otherwise answer that is no verdict becomes the default answer, with both reasons", async () => {
  const rule = askRule({ otherwise: { ErrorCode: 10150 } });
  const { answer, verdict } = await byRules(
    send,
    [rule],
    contextWith(() => says("", 500)),
  );
  assert.deepEqual(answer, ok);
  assert.equal(verdict.how, "status");
  assert.match(verdict.reason!, /^answered 500; otherwise: ErrorCode 10150 is not allowed here/);
});

test("a refusal beside odd parts is kept, and the verdict records the parts", async () => {
  const backend = () => says({ ActionStatus: "OK", ErrorInfo: "", ErrorCode: 1, traceId: "t-1" }, 201);
  const { answer, verdict } = await byRules(group, [askRule()], contextWith(backend));
  assert.deepEqual(answer, { ...ok, ErrorCode: 1 });
  assert.equal(verdict.how, "answered");
  assert.equal(verdict.reason, "answered 201, not 200; traceId is not allowed here");
});

test("an answer with an empty message is replaced by otherwise", async () => {
  const context = contextWith(() => says({ ...ok, MsgBody: [] }));
  const { answer, verdict } = await byRules(group, [askRule({ otherwise: { ErrorCode: 2 } })], context);
  assert.deepEqual(answer, { ...ok, ErrorCode: 2 });
  assert.deepEqual([verdict.how, verdict.reason], ["invalid", "MsgBody: is empty"]);
});

test("an answer rule's refusal is kept beside a field that does not go with it", async () => {
  const rule = answerRule({ answer: { ErrorCode: 1, CloudCustomData: "x" } });
  const { answer, verdict } = await byRules(send, [rule]);
  assert.deepEqual(answer, { ...ok, ErrorCode: 1 });
  assert.deepEqual(
    [verdict.how, verdict.reason],
    ["rule", "CloudCustomData is allowed with ErrorCode 0 only"],
  );
});

test("an account that one backend refuses is refused when another backend fails, beside otherwise", async () => {
  const asks = [httpsAddress("https://a.example.com/"), httpsAddress("https://b.example.com/")];
  const decided = async (command: string, answer: object, otherwise: Parameters<typeof askRule>[0]) =>
    byRules(
      command,
      [askRule({ asks, ...otherwise })],
      contextWith((url) => (url === asks[0]!.url ? says("", 500) : says(answer))),
    );
  const friends = { ErrorCode: 0, ResultItem: [{ To_Account: "siti", ResultCode: 38001, ResultInfo: "" }] };
  const added = await decided(add, friends, { otherwise: "allow" });
  assert.deepEqual(
    added.answer.ResultItem.map((item: Record<string, unknown>) => [item.To_Account, item.ResultCode]),
    [
      ["siti", 38001],
      ["minh", 0],
    ],
  );
  assert.deepEqual([added.verdict.how, added.verdict.code], ["status", 38001]);
  const ResultItem = [
    { To_Account: "minh", ResultCode: 0, ResultInfo: "" },
    { To_Account: "siti", ResultCode: 0, ResultInfo: "" },
  ];
  const coded = await decided(add, friends, { otherwise: { ErrorCode: 38000, ResultItem } });
  assert.deepEqual(coded.answer.ResultItem, [...friends.ResultItem, ResultItem[0]]);

  const members = { ErrorCode: 0, RefusedMembers_Account: ["nobody_7"] };
  const invited = await decided("Group.CallbackBeforeInviteJoinGroup", members, { otherwise: "allow" });
  assert.deepEqual(invited.answer, { ...ok, RefusedMembers_Account: ["nobody_7"] });
  const refused = await decided("Group.CallbackBeforeInviteJoinGroup", members, { otherwise: "refuse" });
  assert.deepEqual(refused.answer, { ...ok, ErrorCode: 1 });
});

test("a clock that was set back gives no negative duration", async () => {
  const times = [9_000, 1_000];
  const { verdict } = await decide(
    questionOf(send),
    [],
    contextWith(neverAsked, { now: () => times.shift() ?? 1_000 }),
  );
  assert.equal(verdict.ms, 0);
});

test("a rule that throws gives the default answer", async () => {
  const broken = askRule({
    matches: () => {
      throw new RangeError("Maximum call stack size exceeded");
    },
  });
  const { answer, verdict } = await byRules(send, [broken]);
  assert.deepEqual(answer, ok);
  assert.equal(verdict.how, "invalid");
});

test("after ten timeouts requests stop waiting until a question asked aside is answered", async () => {
  let now = 0;
  let backend: typeof hangs | (() => Response) = hangs;
  let asked = 0;
  const aside: Promise<unknown>[] = [];
  const context = contextWith(
    (url, init) => {
      asked++;
      return backend(url, init);
    },
    { now: () => now, aside: (work) => aside.push(work) },
  );
  const rules = [askRule({ deadlineMs: 5, otherwise: "refuse" })];
  const next = async () => (await byRules(send, rules, context)).verdict.how;
  for (let i = 0; i < 10; i++) assert.equal(await next(), "timeout");
  assert.equal(await next(), "breaker");
  assert.equal(asked, 10);

  now = 5_000;
  assert.equal(await next(), "breaker");
  assert.equal(await next(), "breaker");
  assert.equal(asked, 11);
  await Promise.all(aside);

  backend = () => says({ ErrorCode: 0 });
  now = 10_000;
  assert.equal(await next(), "breaker");
  await Promise.all(aside);
  assert.equal(await next(), "answered");
  assert.equal(asked, 13);
});

test("waiting requests stop waiting when the breaker opens", async () => {
  let asked = 0;
  const context = contextWith((url, init) => (++asked === 1 ? hangs(url, init) : says("", 503)));
  const rules = [askRule({ deadlineMs: 1_600, otherwise: "refuse" })];
  const waiting = byRules(send, rules, context);
  for (let i = 0; i < 10; i++)
    assert.equal((await byRules(send, rules, context)).verdict.reason, "answered 503");
  const { answer, verdict } = await waiting;
  assert.equal(verdict.how, "breaker");
  assert.equal(answer.ErrorCode, 1);
});

test("unreadable answers do not open the breaker, because the backend is up", async () => {
  const context = contextWith(() => says("<html>"));
  for (let i = 0; i < 12; i++) {
    const { verdict } = await byRules(send, [askRule()], context);
    assert.equal(verdict.how, "invalid");
    assert.equal(verdict.reason, "the answer is not JSON: the mistake is at position 0 (line 1, column 1)");
  }
});

test("a shadow rule's code is recorded beside the verdict, and never used", async () => {
  const question = questionOf(send);
  const rules = [
    askRule({ name: "trial", asks: [httpsAddress("https://trial.example.com/")], shadow: true }),
    answerRule({ answer: { ErrorCode: 2 } }),
    askRule({
      name: "silent",
      asks: [httpsAddress("https://silent.example.com/")],
      shadow: true,
      deadlineMs: 5,
    }),
  ];
  const context = contextWith((url, init) =>
    url.includes("trial") ? says({ ErrorCode: 1 }) : hangs(url, init),
  );
  const { verdict } = await decide(question, rules, context);
  assert.equal(verdict.code, 2);
  const shadows = await shadowsOf(question, rules, context);
  assert.deepEqual(
    shadows.map(({ rule, code, how }) => ({ rule, code, how })),
    [
      { rule: "trial", code: 1, how: "answered" },
      { rule: "silent", code: null, how: "timeout" },
    ],
  );
});

test("at most four shadows are asked", async () => {
  const rules = [1, 2, 3, 4, 5].map((n) => askRule({ name: `trial-${n}`, shadow: true }));
  const context = contextWith(() => says({ ErrorCode: 0 }));
  const shadows = await shadowsOf(questionOf(send), rules, context);
  assert.deepEqual(
    shadows.map(({ rule }) => rule),
    ["trial-1", "trial-2", "trial-3", "trial-4"],
  );
});

/** An account beyond 2^53, which a double would round to the number before it. */
const big = "144115200000000001";

/** The answer to this body if the backend answers this text. */
async function whenSaid(command: string, body: string, said: string) {
  const question = questionOf(command, parseBody(body) as Record<string, unknown>);
  question.event.body = body;
  const { text, verdict } = await decide(
    question,
    [askRule()],
    contextWith(() => says(said)),
  );
  return { answer: JSON.parse(text), how: verdict.how };
}

test("an account beyond 2^53 is refused exactly, as a number and as a text", async () => {
  const body = `{"From_Account":"lan","FriendItem":[{"To_Account":"t1"},{"To_Account":${big}}]}`;
  for (const account of [big, `"${big}"`]) {
    const items = `[{"To_Account":"t1","ResultCode":0},{"To_Account":${account},"ResultCode":38000}]`;
    const { answer, how } = await whenSaid(add, body, `{"ErrorCode":0,"ResultItem":${items}}`);
    assert.equal(how, "answered");
    assert.deepEqual(answer.ResultItem, [
      { To_Account: "t1", ResultCode: 0, ResultInfo: "" },
      { To_Account: big, ResultCode: 38000, ResultInfo: "" },
    ]);
  }
});

test("accounts beyond 2^53 in a list of refused accounts are refused exactly", async () => {
  const lists = {
    "Group.CallbackBeforeInviteJoinGroup": "RefusedMembers_Account",
    "OfficialAccount.CallbackBeforeAddSubscriber": "RefusedSubscribers_Account",
  };
  for (const [command, name] of Object.entries(lists))
    for (const [list, refused] of [
      [`[${big},"m1"]`, [big, "m1"]],
      [`[ ${big}]`, [big]],
    ] as const) {
      const example = JSON.stringify(catalogue.get(command)!.example);
      const { answer, how } = await whenSaid(command, example, `{"ErrorCode":0,"${name}":${list}}`);
      assert.equal(how, "answered");
      assert.deepEqual(answer[name], refused);
    }
});

test("a rounded account makes an answer that is nested too deeply invalid", async () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const said = `{"ErrorCode":0,"x":${deep},"ResultItem":[{"To_Account":${big},"ResultCode":38000}]}`;
  const body = `{"From_Account":"lan","FriendItem":[{"To_Account":${big}}]}`;
  assert.equal((await whenSaid(add, body, said)).how, "invalid");
});

test("words are masked in a body with any nesting beside the message", async () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const message = '[{"MsgType":"TIMTextElem","MsgContent":{"Text":"darn"}}]';
  const rule = answerRule({ replace: [{ word: "darn", mask: null }] });
  for (const body of [
    `{"GroupId":"mask","MsgBody":${message},"z":${deep}}`,
    `{"z":${deep},"GroupId":"mask","MsgBody":${message}}`,
  ]) {
    const question = questionOf(group);
    question.event.body = body;
    const { text, verdict } = await decide(question, [rule], contextWith(neverAsked));
    assert.equal(verdict.how, "rule");
    assert.match(text, /"Text":"\*\*\*\*"/);
  }
});
