import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { afterPost, type Concurrency, firstConcurrency, firstPosts } from "../../src/delivery/concurrency.ts";
import { type DestinationOfTest, deliver } from "./queueing.ts";

const bound = 50;

const answered = { cuts: 0, underway: firstPosts, ms: 100, delivered: true, alive: true };

/** A destination that serves any number at once. */
const wide = (serviceMs: () => number): DestinationOfTest => ({
  servers: Number.POSITIVE_INFINITY,
  serviceMs,
});

test("each good answer adds a post, at first", () => {
  let concurrency = firstConcurrency(firstPosts);
  for (let answers = 0; answers < 3; answers++) concurrency = afterPost(concurrency, answered, bound);
  assert.equal(concurrency.limit, 8);
});

test("the number grows to twice what was under way at most, and not beyond its bound", () => {
  let concurrency = firstConcurrency(firstPosts);
  for (let answers = 0; answers < 9; answers++)
    concurrency = afterPost(concurrency, { ...answered, underway: 3 }, bound);
  assert.equal(concurrency.limit, 6);
  for (let answers = 0; answers < 9; answers++)
    concurrency = afterPost(concurrency, { ...answered, underway: 6 }, 7);
  assert.equal(concurrency.limit, 7);
});

test("attempts that show no life halve the number, once for all posts that were under way", () => {
  const dead = { ...answered, delivered: false, alive: false };
  const next = (concurrency: Concurrency, count: number) =>
    Array.from({ length: count }).reduce<Concurrency>((one) => afterPost(one, dead, bound), concurrency);
  const once = next(firstConcurrency(8), 8);
  assert.equal(once.limit, 4);
  const { cuts } = once;
  const twice = afterPost(afterPost(once, { ...dead, cuts }, bound), { ...dead, cuts }, bound);
  assert.equal(twice.limit, 2);
  assert.equal(next(firstConcurrency(1), 2).limit, 1);
});

test("one event of ten that is refused halves nothing; most of them do", () => {
  const refused = { ...answered, delivered: false };
  const next = (concurrency: Concurrency, count: number) =>
    Array.from({ length: count }).reduce<Concurrency>((one) => afterPost(one, refused, bound), concurrency);
  assert.equal(next(firstConcurrency(8), 5).limit, 8);
  assert.equal(next(firstConcurrency(8), 6).limit, 4);
});

test("a destination that takes its time gets as many posts as keep up with the events, within a second", () => {
  for (const [ms, perSecond] of [
    [50, 500],
    [300, 100],
  ] as const) {
    const { lagMs, mostUnderway } = deliver(
      wide(() => ms),
      { perSecond, seconds: 20, bound },
    );
    assert.ok(lagMs(0.99) <= 1_000, `${ms} ms: ${lagMs(0.99)}`);
    assert.ok(mostUnderway <= bound);
  }
});

test("answers of very different times are no reason for fewer posts", () => {
  fc.assert(
    fc.property(fc.noShrink(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }))), (chance) => {
      const next = () => chance.next().value as number;
      const mixed = wide(() => (next() < 0.1 ? 5 : 200 + 200 * next()));
      assert.ok(deliver(mixed, { perSecond: 100, seconds: 30, bound }).delivered > 2_900);
    }),
    { numRuns: 10 },
  );
});

test("property: a destination that serves few at once gets about as many", () => {
  const few = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(few, fc.integer({ min: 30, max: 400 }), (servers, ms) => {
      const { underwayAt, delivered } = deliver(
        { servers, serviceMs: () => ms },
        { perSecond: 3_000, seconds: (100 * ms) / 1_000, bound },
      );
      const settled = underwayAt.slice(underwayAt.length / 2);
      const mean = settled.reduce((sum, one) => sum + one, 0) / settled.length;
      assert.ok(mean <= 2.2 * servers, `${mean} posts under way at ${servers} servers`);
      assert.ok(delivered >= 0.7 * 100 * servers, `${delivered} delivered by ${servers} servers`);
    }),
    { numRuns: 40 },
  );
});

test("a destination whose answers become slow gets fewer posts; if that is its pace, all again", () => {
  const slowing = wide((at = 0) => (at < 10_000 ? 50 : 600));
  const { limitAt } = deliver(slowing, { perSecond: 400, seconds: 40, bound });
  const least = (from: number, to: number) => Math.min(...limitAt.slice(from * 10, to * 10));
  assert.ok(least(5, 10) > 20);
  assert.ok(least(10, 15) <= bound / 2, `${least(10, 15)}`);
  assert.ok(Math.max(...limitAt.slice(250)) > 40);
});

test("property: whatever the answers, the number stays within its bounds", () => {
  const answers = fc.array(
    fc.record({
      underway: fc.integer({ min: 1, max: 1_000 }),
      ms: fc.integer({ min: 0, max: 60_000 }),
      delivered: fc.boolean(),
      alive: fc.boolean(),
      late: fc.boolean(),
    }),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(answers, fc.integer({ min: 1, max: 1_000 }), (all, most) => {
      let concurrency = firstConcurrency(Math.min(firstPosts, most));
      for (const { late, ...ended } of all) {
        const { cuts } = concurrency;
        const next = afterPost(concurrency, { ...ended, cuts: late ? cuts - 1 : cuts }, most);
        if (late) assert.equal(next, concurrency);
        assert.ok(next.limit >= 1 && next.limit <= most && Number.isFinite(next.limit));
        assert.ok(next.limit <= Math.max(concurrency.limit + 1, concurrency.trial?.limit ?? 0));
        concurrency = next;
      }
    }),
  );
});
