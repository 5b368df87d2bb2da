import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concurrencyPerShard, perShard, take } from "../../src/delivery/rate.ts";

const start = 1_760_000_000_000;

test("limits are divided among the shards, with at least one for each", () => {
  assert.equal(perShard(10, 4), 2.5);
  assert.equal(perShard(3, 8), 1);
  assert.equal(concurrencyPerShard(5, 1), 5);
  assert.equal(concurrencyPerShard(5, 2), 2);
  assert.equal(concurrencyPerShard(5, 8), 1);
});

test("a slow rate is spaced evenly, and gives the time of the next post", () => {
  const first = take(0, 5, 3, start);
  assert.deepEqual(first, { posts: 1, dueAt: start + 200 });
  assert.deepEqual(take(first.dueAt, 5, 3, start + 199), { posts: 0, dueAt: start + 200 });
  assert.deepEqual(take(first.dueAt, 5, 3, start + 200), { posts: 1, dueAt: start + 400 });
});

test("no more posts are taken than wanted, and unused ones are kept for a moment only", () => {
  assert.deepEqual(take(0, 100, 3, start), { posts: 3, dueAt: start - 60 });
  assert.deepEqual(take(start - 60, 100, 50, start), { posts: 7, dueAt: start + 10 });
  assert.equal(take(start - 3_600_000, 100, 50, start).posts, 10);
  assert.deepEqual(take(start, 100, 0, start), { posts: 0, dueAt: start });
});

test("a clock that was set back, or a raised rate, waits for one post at most", () => {
  assert.deepEqual(take(start + 3_600_000, 5, 1, start), { posts: 0, dueAt: start + 200 });
  assert.deepEqual(take(start + 1000, 50, 1, start), { posts: 0, dueAt: start + 20 });
});

test("property: any second grants at most the rate and a tenth, and constant demand gets the whole rate", () => {
  const rates = fc.integer({ min: 1, max: 500 });
  const pauses = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(rates, pauses, fc.integer({ min: 1, max: 1000 }), (rate, gaps, wanted) => {
      let dueAt = 0;
      let now = start;
      const given: { now: number; posts: number }[] = [];
      for (const gap of gaps) {
        now += gap;
        const taken = take(dueAt, rate, wanted, now);
        assert.ok(taken.posts >= 0 && taken.posts <= wanted);
        if (taken.posts === 0) assert.ok(taken.dueAt > now);
        dueAt = taken.dueAt;
        given.push({ now, posts: taken.posts });
      }
      for (const { now: from } of given) {
        const within = given.filter((each) => each.now >= from && each.now < from + 1000);
        const total = within.reduce((sum, each) => sum + each.posts, 0);
        assert.ok(total <= Math.max(rate, rate * 1.1), `${total} in a second at ${rate}/s`);
      }
    }),
  );
  fc.assert(
    fc.property(rates, (rate) => {
      let dueAt = 0;
      let total = 0;
      for (let now = start; now < start + 10_000; now = Math.max(now + 1, Math.ceil(dueAt))) {
        const taken = take(dueAt, rate, 1000, now);
        total += taken.posts;
        dueAt = taken.dueAt;
      }
      assert.ok(total >= rate * 10 - 1, `${total} in ten seconds at ${rate}/s`);
    }),
  );
});
