import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AskBreakers,
  askBreakerOf,
  isAskBreakerOpen,
  noteOutcome,
  takeProbe,
} from "../../src/verdict/ask-breaker.ts";

const fail = (breakers: AskBreakers, times: number, now = 0) => {
  for (let i = 0; i < times; i++) noteOutcome(askBreakerOf(breakers, "mod"), false, now);
};

test("the breaker opens at the tenth failure in a row", () => {
  const breakers: AskBreakers = new Map();
  fail(breakers, 9);
  assert.ok(!isAskBreakerOpen(askBreakerOf(breakers, "mod")));
  noteOutcome(askBreakerOf(breakers, "mod"), true, 0);
  fail(breakers, 9);
  assert.ok(!isAskBreakerOpen(askBreakerOf(breakers, "mod")));
  fail(breakers, 1);
  assert.ok(isAskBreakerOpen(askBreakerOf(breakers, "mod")));
});

test("every rule has its own breaker", () => {
  const breakers: AskBreakers = new Map();
  fail(breakers, 10);
  assert.ok(!isAskBreakerOpen(askBreakerOf(breakers, "other")));
});

test("while open, one question every five seconds is asked aside", () => {
  const breakers: AskBreakers = new Map();
  fail(breakers, 10, 1_000);
  const breaker = askBreakerOf(breakers, "mod");
  const taken = [1_000, 5_999, 6_000, 6_001, 10_999, 11_000].filter((now) => takeProbe(breaker, now));
  assert.deepEqual(taken, [6_000, 11_000]);
});

test("a clock that was set back does not delay the next question", () => {
  const breakers: AskBreakers = new Map();
  fail(breakers, 10, 3_600_000);
  const breaker = askBreakerOf(breakers, "mod");
  const taken = [3_601_000, 1_000, 1_001, 5_999, 6_000].filter((now) => takeProbe(breaker, now));
  assert.deepEqual(taken, [1_000, 6_000]);
});

test("late failures of earlier questions change nothing", () => {
  const breakers: AskBreakers = new Map();
  fail(breakers, 10, 1_000);
  fail(breakers, 190, 2_000);
  assert.ok(takeProbe(askBreakerOf(breakers, "mod"), 6_000));
});

test("one answer closes the breaker", () => {
  const breakers: AskBreakers = new Map();
  fail(breakers, 25);
  noteOutcome(askBreakerOf(breakers, "mod"), true, 0);
  assert.ok(!isAskBreakerOpen(askBreakerOf(breakers, "mod")));
});

test("waiting requests are woken once, when the breaker opens", () => {
  const breakers: AskBreakers = new Map();
  let told = 0;
  askBreakerOf(breakers, "mod").waiting.add(() => told++);
  fail(breakers, 9);
  assert.equal(told, 0);
  fail(breakers, 11);
  assert.equal(told, 1);
});
