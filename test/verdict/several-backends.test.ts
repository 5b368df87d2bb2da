/** A rule that asks several backends, of which each does well or badly by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BackendState } from "../../src/callback/relay-events.ts";
import type { AskBreakers } from "../../src/verdict/ask-breaker.ts";
import { decide } from "../../src/verdict/decide.ts";
import { verdictProblems } from "../../src/verdict/problems.ts";
import { httpsAddress } from "../delivery/sample.ts";
import { askRule, type Backend, contextWith, hangs, questionOf, says } from "./sample.ts";

const send = "C2C.CallbackBeforeSendMsg";
const add = "Sns.CallbackPrevFriendAdd";

/** A rule that asks two backends, and a context in which each behaves as it is told. */
function twoBackends(command = send) {
  const [a, b] = ["https://a.example.com/", "https://b.example.com/"] as const;
  const rule = askRule({
    asks: [httpsAddress(a), httpsAddress(b)],
    deadlineMs: 5,
    otherwise: { ErrorCode: 2 },
  });
  const aside: Promise<unknown>[] = [];
  const told: BackendState[] = [];
  const two = {
    rule,
    a: hangs as Backend,
    b: allows as Backend,
    now: 0,
    asked: { a: 0, b: 0 },
    breakers: new Map() as AskBreakers,
    told,
    next: async () => (await decide(questionOf(command), [rule], context)).verdict,
    answer: async () => JSON.parse((await decide(questionOf(command), [rule], context)).text),
    /** Resolves when all that was asked aside has ended. */
    ended: async () => {
      await Promise.all(aside.splice(0));
    },
  };
  const context = contextWith(
    (url, init) => {
      const name = url === a ? "a" : "b";
      two.asked[name]++;
      return two[name](url, init);
    },
    {
      now: () => two.now,
      aside: (work) => aside.push(work),
      breakers: two.breakers,
      news: { told: new Map(), tell: async (news) => void told.push(news) },
    },
  );
  return two;
}

const allows: Backend = () => says({ ErrorCode: 0 });
const refuses: Backend = () => says({ ErrorCode: 120001 });
const fails: Backend = () => says("", 503);

test("a backend that is no longer waited for costs no refusal of another", async () => {
  const two = twoBackends();
  for (let n = 0; n < 10; n++) assert.equal((await two.next()).how, "timeout");
  assert.deepEqual(two.asked, { a: 10, b: 10 });

  two.b = refuses;
  const { how, code } = await two.next();
  assert.deepEqual([how, code], ["answered", 120001]);
  two.b = allows;
  const otherwise = await two.next();
  assert.deepEqual([otherwise.how, otherwise.code, otherwise.reason], ["breaker", 2, undefined]);
  two.b = fails;
  assert.equal((await two.next()).how, "status");
  assert.deepEqual(two.asked, { a: 10, b: 13 });
});

test("friends that one backend refuses stay refused while another is not waited for", async () => {
  const two = twoBackends(add);
  for (let n = 0; n < 10; n++) await two.next();
  two.b = () =>
    says({
      ErrorCode: 0,
      ResultItem: [
        { To_Account: "minh", ResultCode: 0, ResultInfo: "" },
        { To_Account: "siti", ResultCode: 38001, ResultInfo: "" },
      ],
    });
  const { ResultItem } = await two.answer();
  const [siti] = ResultItem.filter(({ To_Account }: Record<string, unknown>) => To_Account === "siti");
  assert.equal(siti.ResultCode, 38001);
});

test("a backend that a refusal has cut off has not failed", async () => {
  const two = twoBackends();
  two.b = refuses;
  for (let n = 0; n < 12; n++) assert.equal((await two.next()).how, "answered");
  await two.ended();
  two.b = allows;
  assert.equal((await two.next()).how, "timeout");
});

test("a backend is probed to the end, also where another one refuses before", async () => {
  const two = twoBackends();
  for (let n = 0; n < 10; n++) await two.next();
  two.a = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return says({ ErrorCode: 0 });
  };
  two.b = refuses;
  two.now = 5_000;
  assert.equal((await two.next()).how, "answered");
  await two.ended();
  two.b = allows;
  assert.deepEqual([(await two.next()).how, two.asked.a], ["answered", 12]);
});

test("requests stop waiting for the backend whose breaker opens, and go on waiting for another", async () => {
  const two = twoBackends();
  two.rule.deadlineMs = 1_600;
  const answer = Promise.withResolvers<Response>();
  two.a = (url, init) => (two.asked.a === 1 ? hangs(url, init) : says("", 503));
  two.b = () => (two.asked.b === 1 ? answer.promise : says({ ErrorCode: 0 }));
  const waiting = two.next();
  for (let n = 0; n < 10; n++) assert.equal((await two.next()).how, "status");
  answer.resolve(says({ ErrorCode: 120001 }));
  assert.deepEqual([(await waiting).how, (await waiting).code], ["answered", 120001]);
});

test("unreadable answers are counted for the backend that gives them", async () => {
  const two = twoBackends();
  two.b = () => says("<html>");
  for (let n = 0; n < 10; n++) assert.equal((await two.next()).how, "timeout");
  assert.deepEqual(verdictProblems([two.rule], two.breakers), [
    "moderation: its backend ask[0] does not answer and is not waited for",
    "moderation: its last 10 answers from ask[1] could not be read as verdicts, the last one because: " +
      "the answer is not JSON: the mistake is at position 0 (line 1, column 1)",
  ]);
  assert.deepEqual(
    two.told.map(({ down, invalid }) => [down?.failures, invalid?.count]),
    [
      [undefined, 10],
      [10, undefined],
    ],
  );
});

test("backends of a rule are down with the first of them, and have recovered with the last", async () => {
  const two = twoBackends();
  const down = () => two.told.map((news) => news.down);
  two.a = allows;
  await two.next();
  assert.deepEqual(down(), [null]);
  two.a = fails;
  two.b = fails;
  for (let n = 0; n < 10; n++) await two.next();
  assert.deepEqual(down(), [null, { failures: 10, lastError: "answered 503" }]);
  const probed = async () => {
    two.now += 5_000;
    await two.next();
    await two.ended();
  };
  two.a = allows;
  await probed();
  assert.equal(two.told.length, 2);
  two.b = refuses;
  await probed();
  assert.deepEqual(two.told.slice(2), [{ rule: "moderation", down: null }]);
});
