import assert from "node:assert/strict";
import { test } from "node:test";
import type { BackendState } from "../../src/callback/relay-events.ts";
import {
  type AskBreaker,
  askBreakerOf,
  noteOutcome,
  noteReadability,
} from "../../src/verdict/ask-breaker.ts";
import { type BackendNews, tellNews } from "../../src/verdict/backend-news.ts";

/** The backends of a rule, and what is told of them. */
function rule(count: number) {
  const all = new Map();
  const breakers = Array.from({ length: count }, (_, index) => askBreakerOf(all, `moderation ask[${index}]`));
  const told: BackendState[] = [];
  const reach = { shard: true };
  const news: BackendNews = {
    told: new Map(),
    tell: async (change) => {
      if (!reach.shard) throw new Error("shard 0 does not answer");
      told.push(change);
    },
  };
  /** The news after an outcome. */
  const after = async (change: () => void) => {
    change();
    const work: Promise<unknown>[] = [];
    tellNews("moderation", breakers, { news, aside: (one) => work.push(one) });
    await Promise.all(work);
    return told.splice(0).map(({ rule, ...rest }) => rest);
  };
  return { breakers: breakers as [AskBreaker, AskBreaker], after, reach };
}

const answers = (breaker: AskBreaker) => () => noteOutcome(breaker, true, 0);
const fails = (breaker: AskBreaker, times: number, error: string) => () => {
  for (let n = 0; n < times; n++) noteOutcome(breaker, false, 0, error);
};
const speaks = (breaker: AskBreaker, times: number, problem: string | null) => () => {
  for (let n = 0; n < times; n++) noteReadability(breaker, problem);
};

test("the first answers of all backends are news, as another isolate may have found one down", async () => {
  const { breakers, after } = rule(2);
  assert.deepEqual(await after(answers(breakers[0])), []);
  assert.deepEqual(await after(answers(breakers[1])), [{ down: null, invalid: null }]);
  assert.deepEqual(await after(answers(breakers[0])), []);
});

test("a backend that was not there keeps no recovery back, and is none by itself", async () => {
  const { breakers, after } = rule(2);
  const isMissed = (breaker: AskBreaker) => () => {
    breaker.last = "missed";
  };
  assert.deepEqual(await after(isMissed(breakers[0])), []);
  await after(fails(breakers[1], 10, "late"));
  assert.deepEqual(await after(answers(breakers[1])), [{ down: null, invalid: null }]);
});

test("a rule is down with the first of its backends, and has recovered with the last", async () => {
  const { breakers, after } = rule(2);
  assert.deepEqual(await after(fails(breakers[0], 10, "late")), [
    { down: { failures: 10, lastError: "late" } },
  ]);
  assert.deepEqual(await after(fails(breakers[1], 10, "answered 503")), []);
  assert.deepEqual(await after(answers(breakers[0])), []);
  assert.deepEqual(await after(answers(breakers[1])), [{ down: null, invalid: null }]);
});

test("the reason is that of the backend which is down", async () => {
  const { breakers, after, reach } = rule(2);
  reach.shard = false;
  await after(fails(breakers[0], 10, "late"));
  reach.shard = true;
  const [change] = await after(fails(breakers[1], 1, "answered 503"));
  assert.deepEqual(change, { down: { failures: 10, lastError: "late" } });
});

test("ten unreadable answers of one backend are news, whatever another one says", async () => {
  const { breakers, after } = rule(2);
  await after(answers(breakers[0]));
  assert.deepEqual(await after(speaks(breakers[0], 10, "no JSON")), [
    { invalid: { count: 10, reason: "no JSON" } },
  ]);
  assert.deepEqual(await after(answers(breakers[1])), [{ down: null }]);
  assert.deepEqual(await after(speaks(breakers[1], 1, null)), []);
  assert.deepEqual(await after(speaks(breakers[0], 1, null)), [{ invalid: null }]);
});

test("news that could not be told are told with the next outcome", async () => {
  const { breakers, after, reach } = rule(1);
  reach.shard = false;
  assert.deepEqual(await after(answers(breakers[0])), []);
  reach.shard = true;
  assert.deepEqual(await after(answers(breakers[0])), [{ down: null, invalid: null }]);
});
