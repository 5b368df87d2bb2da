import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { readFieldPath } from "../../src/rule/field-path.ts";
import { type CountResult, type Limit, textAt } from "../../src/rule/limit.ts";
import type { Rule } from "../../src/rule/rule.ts";
import { decide, shadowsOf } from "../../src/verdict/decide.ts";
import type { EventCounter } from "../../src/verdict/event-counter.ts";
import { verdictProblems } from "../../src/verdict/problems.ts";
import { answerRule, askRule, contextWith, neverAsked, questionOf, says } from "./sample.ts";

const send = "Group.CallbackBeforeSendMsg";

const limit: Limit = limitBy("body.From_Account");

function limitBy(by: string): Limit {
  const path = readFieldPath(by);
  assert.ok(typeof path !== "string");
  return { by, textOf: textAt(path), count: 2, seconds: 10 };
}

const refusal = { ErrorCode: 1, ErrorInfo: "too fast" };

/**
 * Counts by its own answers: by the rule's name, whether the event is beyond, or a promise that may hang or fail. The
 * object is that of the sender, 0 if it is not among these.
 */
function counterOf(answers: Record<string, (object: number) => boolean | Promise<boolean>>, senders = [""]) {
  const asked: [rule: string, value: string][] = [];
  const values: string[] = [];
  const results: [rule: string, result: CountResult][] = [];
  const counter: EventCounter = {
    async placeOf(value) {
      values.push(value);
      return { object: Math.max(0, senders.indexOf(JSON.parse(value))), key: values.length - 1 };
    },
    async count(rule, _limit, { object, key }) {
      asked.push([rule, values[key]!]);
      return answers[rule]!(object);
    },
    counted: (rule, result) => results.push([rule, result]),
  };
  return { counter, asked, results };
}

const hangs = () => new Promise<boolean>(() => {});
const fails = () => Promise.reject(new Error("the object is overloaded"));

async function ruleFor(rules: Rule[], counted: ReturnType<typeof counterOf>, breakers = new Map()) {
  const context = contextWith(neverAsked, { counter: counted.counter, breakers });
  return (await decide(questionOf(send), rules, context)).verdict.rule;
}

test("a rule with a limit fits beyond it only, and the next rule decides within it", async () => {
  const rules = [answerRule({ name: "fast", answer: refusal, limit }), answerRule({ name: "rest" })];
  for (const [isBeyond, decider] of [
    [true, "fast"],
    [false, "rest"],
  ] as const) {
    const counted = counterOf({ fast: () => isBeyond });
    assert.equal(await ruleFor(rules, counted), decider);
    assert.deepEqual(counted.asked, [["fast", '"minh"']]);
    assert.deepEqual(counted.results, [["fast", isBeyond ? "beyond" : "within"]]);
  }
});

test("an event is counted only where all else fits, and no rule before decides", async () => {
  const counted = counterOf({ tried: () => true, behind: () => true });
  const rules = [
    answerRule({ name: "off", limit, enabled: false }),
    answerRule({ name: "other", limit, matches: () => false }),
    askRule({ name: "shadow", limit, shadow: true }),
    answerRule({ name: "tried", limit }),
    answerRule({ name: "behind", limit }),
  ];
  assert.equal(await ruleFor(rules, counted), "tried");
  assert.deepEqual(
    counted.asked.map(([rule]) => rule),
    ["tried"],
  );
});

test("a count that hangs or fails leaves the rule out, and all counts together wait 100 ms", async (t) => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const pass = async (ms: number) => {
    await settled();
    t.mock.timers.tick(ms);
    await settled();
  };
  const counted = counterOf({ hangs, alike: hangs, fails, quick: () => true });
  const rules = ["hangs", "alike", "fails"].map((name) => answerRule({ name, limit }));
  let decider: string | null | undefined;
  ruleFor([...rules, answerRule({ name: "rest" })], counted).then((rule) => {
    decider = rule;
  });
  await pass(99);
  assert.deepEqual([decider, counted.asked.length], [undefined, 1]);
  // No time is left for the other counts.
  for (let count = 0; count < 3; count++) await pass(1);
  assert.equal(decider, "rest");
  assert.deepEqual(
    counted.asked.map(([rule]) => rule),
    ["hangs", "alike", "fails"],
  );
  assert.deepEqual(counted.results.slice(0, 2), [
    ["hangs", "late"],
    ["alike", "late"],
  ]);
});

test("counts that fail ten times in a row are a problem, and are not waited for until one succeeds", async () => {
  const breakers = new Map();
  const rules = [answerRule({ name: "fast", answer: refusal, limit })];
  const failing = counterOf({ fast: fails });
  for (let n = 0; n < 12; n++) assert.equal(await ruleFor(rules, failing, breakers), null);
  assert.equal(failing.asked.length, 10);
  assert.deepEqual(failing.results[0], ["fast", "failed"]);
  assert.deepEqual(failing.results.slice(10), [
    ["fast", "skipped"],
    ["fast", "skipped"],
  ]);
  assert.deepEqual(verdictProblems(rules, breakers), [
    "fast: its limit counts too slowly or not at all, and the rule does not fit meanwhile",
  ]);
  breakers.get("limit:fast 0").probeAt = 0;
  const working = counterOf({ fast: () => true });
  assert.equal(await ruleFor(rules, working, breakers), null);
  assert.equal(working.asked.length, 1);
  assert.deepEqual(verdictProblems(rules, breakers), []);
  assert.equal(await ruleFor(rules, working, breakers), "fast");
});

test("an object whose counts fail switches the limit off for its own values only", async () => {
  const breakers = new Map();
  const rules = [answerRule({ name: "fast", answer: refusal, limit })];
  const counted = counterOf({ fast: (object) => (object === 0 ? fails() : true) }, ["flooder", "lan"]);
  const context = contextWith(neverAsked, { counter: counted.counter, breakers });
  const ruleOf = async (From_Account: string) =>
    (await decide(questionOf(send, { From_Account, GroupId: "g" }), rules, context)).verdict.rule;
  for (let n = 0; n < 11; n++) assert.equal(await ruleOf("flooder"), null);
  assert.deepEqual(counted.results.at(-1), ["fast", "skipped"]);
  assert.equal(await ruleOf("lan"), "fast");
  assert.equal(await ruleOf("flooder"), null);
  assert.deepEqual(verdictProblems(rules, breakers), [
    "fast: its limit counts too slowly or not at all, and the rule does not fit meanwhile",
  ]);
});

test("a shadow rule is asked beyond its limit only", async () => {
  const rules = [
    askRule({ name: "calm", shadow: true, limit }),
    askRule({ name: "fast", shadow: true, limit }),
  ];
  const { counter } = counterOf({ calm: () => false, fast: () => true });
  const context = contextWith(() => says({ ErrorCode: 1 }), { counter });
  const decisions = await shadowsOf(questionOf(send), rules, context);
  assert.deepEqual(
    decisions.map(({ rule, code }) => [rule, code]),
    [["fast", 1]],
  );
});
