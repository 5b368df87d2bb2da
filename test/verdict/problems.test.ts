import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rule } from "../../src/rule/rule.ts";
import { type AskBreakers, askBreakerOf, noteOutcome } from "../../src/verdict/ask-breaker.ts";
import { decide, shadowsOf } from "../../src/verdict/decide.ts";
import { verdictProblems } from "../../src/verdict/problems.ts";
import { ruleWith } from "../delivery/sample.ts";
import { answerRule, askRule, type Backend, contextWith, neverAsked, questionOf, says } from "./sample.ts";

const problems = (...rules: Parameters<typeof verdictProblems>[0]) => verdictProblems(rules, new Map());

test("an answer that a command in the rule's on does not allow is a problem", () => {
  const answer = { ErrorCode: 10150 };
  assert.deepEqual(problems(answerRule({ on: ["*.CallbackBeforeCreate*"], answer })), [
    "own: its answer is not allowed for OfficialAccount.CallbackBeforeCreateOfficialAccount, whose action goes on: " +
      "ErrorCode 10150 is not allowed here, but 0, 1, 120001 to 130000",
  ]);
  const [problem] = problems(askRule({ on: ["C2C.CallbackBeforeSendMsg"], otherwise: answer }));
  assert.match(problem!, /^moderation: its answer is not allowed for C2C\.CallbackBeforeSendMsg/);
});

test("a plain refusal or consent with a text is valid for every command", () => {
  const on = ["*"];
  assert.deepEqual(
    problems(
      answerRule({ on, answer: { ErrorCode: 1, ErrorInfo: "no" } }),
      answerRule({ on }),
      askRule({ on, otherwise: "refuse" }),
      askRule({ on, otherwise: "allow" }),
      ruleWith(),
    ),
    [],
  );
});

test("rules without on, rules for ignored answers and disabled rules have no problem", () => {
  const answer = { ErrorCode: 10150 };
  assert.deepEqual(
    problems(
      answerRule({ answer }),
      answerRule({ on: ["Group.CallbackAfterSendMsg"], answer }),
      answerRule({ on: ["*"], answer, enabled: false }),
    ),
    [],
  );
});

test("the part that is left out of an answer is a problem", () => {
  const answer = { ErrorCode: 1, CloudCustomData: "seen" };
  assert.deepEqual(problems(answerRule({ on: ["C2C.CallbackBeforeSendMsg"], answer })), [
    "own: a part of its answer to C2C.CallbackBeforeSendMsg is left out: " +
      "CloudCustomData is allowed with ErrorCode 0 only",
  ]);
});

test("an open breaker is a problem", () => {
  const breakers: AskBreakers = new Map();
  for (const name of ["moderation", "own"])
    for (let i = 0; i < 10; i++) noteOutcome(askBreakerOf(breakers, name), false, 0);
  assert.deepEqual(verdictProblems([askRule(), answerRule()], breakers), [
    "moderation: its backend does not answer and is not waited for",
  ]);
});

const send = "C2C.CallbackBeforeSendMsg";

/** The problems after one question for each of these backends. */
async function afterAnswers(rules: Rule[], answers: Backend[], command = send): Promise<string[]> {
  const breakers: AskBreakers = new Map();
  for (const backend of answers) {
    const context = contextWith(backend, { breakers });
    await decide(questionOf(command), rules, context);
    await shadowsOf(questionOf(command), rules, context);
  }
  return verdictProblems(rules, breakers);
}

const times = (count: number, backend: Backend) => Array.from({ length: count }, () => backend);
const wrong: Backend = () => says({ ErrorCode: 3 });
const right: Backend = () => says({ ErrorCode: 0 });
const because = "could not be read as verdicts, the last one because:";
const code3 = "ErrorCode 3 is not allowed here, but 0, 1, 2, 120001 to 130000";

test("ten unreadable answers in a row are a problem, with their number and the last reason", async () => {
  assert.deepEqual(await afterAnswers([askRule()], times(9, wrong)), []);
  assert.deepEqual(await afterAnswers([askRule()], times(10, wrong)), [
    `moderation: its last 10 answers ${because} ${code3}`,
  ]);
  assert.deepEqual(await afterAnswers([askRule()], [...times(11, wrong), () => says("<html>")]), [
    `moderation: its last 12 answers ${because} the answer is not JSON: the mistake is at position 0 (line 1, column 1)`,
  ]);
});

test("a readable answer ends the problem; a timeout does not", async () => {
  assert.deepEqual(await afterAnswers([askRule()], [...times(15, wrong), right]), []);
  assert.deepEqual(await afterAnswers([askRule()], [...times(9, wrong), right, wrong]), []);
  const silent: Backend = () => says("", 503);
  assert.deepEqual(await afterAnswers([askRule()], [...times(9, wrong), silent, wrong]), [
    `moderation: its last 10 answers ${because} ${code3}`,
  ]);
});

test("a shadow rule's unreadable answers are a problem too", async () => {
  const trial = askRule({ name: "trial", shadow: true });
  assert.deepEqual(await afterAnswers([trial], times(10, wrong)), [
    `trial: its last 10 answers ${because} ${code3}`,
  ]);
});

test("so is an answer rule without on whose answer the callbacks do not allow", async () => {
  const own = answerRule({ answer: { ErrorCode: 10150 } });
  const [problem] = await afterAnswers([own], times(10, neverAsked));
  assert.match(
    problem!,
    /^own: its last 10 answers could not be read .* ErrorCode 10150 is not allowed here/,
  );
  assert.deepEqual(await afterAnswers([own], times(10, neverAsked), "Group.CallbackBeforeSendMsg"), []);
});

test("a reason is cut short without splitting a character", async () => {
  const answer = () => says({ ErrorCode: 0, RspData: "x", [`\ud800${"名".repeat(50)}`]: 1 });
  const [problem] = await afterAnswers([askRule()], times(10, answer));
  assert.ok(problem!.length < 400 && problem!.isWellFormed());
});
