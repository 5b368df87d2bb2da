import assert from "node:assert/strict";
import { test } from "node:test";
import type { Breakers } from "../../src/verdict/breaker.ts";
import { verdictProblems } from "../../src/verdict/problems.ts";
import { ruleWith } from "../delivery/sample.ts";
import { answerRule, askRule } from "./sample.ts";

const problems = (...rules: Parameters<typeof verdictProblems>[0]) => verdictProblems(rules, new Map());

test("an answer that a command named by its rule does not allow is a problem, which says so", () => {
  const answer = { ErrorCode: 10150 };
  assert.deepEqual(problems(answerRule({ on: ["*.CallbackBeforeCreate*"], answer })), [
    "own: its answer is none to OfficialAccount.CallbackBeforeCreateOfficialAccount, which goes on: " +
      "ErrorCode 10150 is not allowed here, but 0, 1, 120001 to 130000",
  ]);
  const [problem] = problems(askRule({ on: ["C2C.CallbackBeforeSendMsg"], otherwise: answer }));
  assert.match(problem!, /^moderation: its answer is none to C2C\.CallbackBeforeSendMsg/);
});

test("a plain refusal, a consent and their words are right for every command", () => {
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

test("a rule for no command in particular, one for commands whose answer nobody reads, and one that is off are none", () => {
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

test("a backend that is not waited for is a problem", () => {
  const breakers: Breakers = new Map([
    ["moderation", { failures: 10, probeAt: 0, waiting: new Set() }],
    ["own", { failures: 10, probeAt: 0, waiting: new Set() }],
  ]);
  assert.deepEqual(verdictProblems([askRule(), answerRule()], breakers), [
    "moderation: its backend does not answer and is not waited for",
  ]);
});
