import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  afterOutcome,
  allowance,
  type Breaker,
  closed,
  corrected,
  isOpen,
  isProbe,
} from "../../src/delivery/breaker.ts";
import { CallFailed, NoReceiver } from "../../src/delivery/no-answer.ts";
import { answered, type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import { say } from "../../src/sentence.ts";

const half = () => 0.5;
const start = 1_760_000_000_000;
const minute = 60_000;

const lost = (at: number, now: number) => unanswered(new Error(), at, now);
const answer = (status: number, at: number, now: number, retryAfter?: number): Outcome => {
  const headers = new Headers(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) });
  return answered({ status, headers }, "", at, now);
};

/** Ten failures, each of a second, the last ending at `start`. */
function opened(): Breaker {
  let breaker = closed;
  for (let n = 10; n > 0; n--) {
    assert.deepEqual(allowance(breaker, start - n * 1000, false), { posts: Infinity, again: null });
    const end = start - (n - 1) * 1000;
    breaker = afterOutcome(breaker, lost(end - 1000, end), end, half);
  }
  return breaker;
}

test("a receiver that was not there says nothing of its health", () => {
  for (const missed of ["unsent", "left"] as const) {
    const outcome = unanswered(new NoReceiver(say`gone`, missed), start, start);
    for (const breaker of [closed, opened()])
      assert.deepEqual(afterOutcome(breaker, outcome, start, half), breaker);
  }
});

test("of the posts of one failed call, one counts", () => {
  const ofCall = (counts: boolean) => unanswered(new CallFailed(counts), start, start);
  let breaker = closed;
  for (let call = 0; call < 9; call++)
    for (const counts of [true, false, false]) breaker = afterOutcome(breaker, ofCall(counts), start, half);
  assert.ok(!isOpen(breaker));
  assert.ok(isOpen(afterOutcome(breaker, ofCall(true), start, half)));
});

test("the tenth failure in a row opens the breaker, and the first probe is due after 5 s", () => {
  const breaker = opened();
  assert.ok(isOpen(breaker));
  assert.deepEqual(allowance(breaker, start, false), { posts: 0, again: start + 5000 });
  assert.deepEqual(allowance(breaker, start + 4999, false), { posts: 0, again: start + 5000 });
  assert.deepEqual(allowance(breaker, start + 5000, false), { posts: 1, again: null });
  assert.deepEqual(allowance(breaker, start + 5000, true), { posts: 0, again: null });
});

test("only failures in a row without a sign of life count", () => {
  let breaker = closed;
  for (let n = 0; n < 100; n++) {
    const outcome = n % 10 === 9 ? answer(404, start, start) : lost(start, start);
    breaker = afterOutcome(breaker, outcome, start, half);
    assert.ok(!isOpen(breaker));
  }
  for (const status of [408, 429, 500, 599]) {
    breaker = closed;
    for (let n = 0; n < 10; n++) breaker = afterOutcome(breaker, answer(status, start, start), start, half);
    assert.ok(isOpen(breaker), String(status));
  }
});

test("each failed probe doubles the wait, up to five minutes", () => {
  let breaker = opened();
  let now = start;
  const waits = [];
  for (let n = 0; n < 9; n++) {
    waits.push((breaker.probeAt - now) / 1000);
    const begun = breaker.probeAt;
    now = begun + 700;
    breaker = afterOutcome(breaker, lost(begun, now), now, half);
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
});

test("posts in flight when the breaker opened do not delay the probe", () => {
  const breaker = opened();
  const late = start + 9000;
  const failed = afterOutcome(breaker, lost(start - 500, late), late, half);
  assert.deepEqual(failed, breaker);

  assert.deepEqual(afterOutcome(breaker, answer(200, start - 500, late), late, half), closed);
  assert.ok(!isProbe(breaker, start - 500));
  assert.ok(isProbe(breaker, start + 5000));
});

test("any sign of life closes the breaker, and failures are counted from zero", () => {
  for (const status of [200, 302, 400, 404, 410]) {
    const probed = afterOutcome(opened(), answer(status, start + 5000, start + 5100), start + 5100, half);
    assert.deepEqual(probed, closed);
  }
});

test("Retry-After holds all posts, probes included, and does not shorten a longer hold", () => {
  const held = afterOutcome(closed, answer(429, start, start, 60), start, half);
  const until = start + 66_000;
  assert.deepEqual(allowance(held, start, false), { posts: 0, again: until });
  assert.deepEqual(allowance(held, until - 1, false), { posts: 0, again: until });
  assert.deepEqual(allowance(held, until, false), { posts: Infinity, again: null });

  assert.equal(afterOutcome(held, answer(503, start, start, 1), start, half).heldUntil, until);
  assert.equal(afterOutcome(held, lost(start, start), start, half).heldUntil, until);

  const openAndHeld = afterOutcome(opened(), answer(503, start + 5000, start + 5000, 60), start + 5000, half);
  assert.deepEqual(allowance(openAndHeld, start + 20_000, false), { posts: 0, again: start + 71_000 });
  assert.deepEqual(allowance(openAndHeld, start + 71_000, false), { posts: 1, again: null });
});

test("a success in flight resets the failures but not the hold", () => {
  const held = afterOutcome(opened(), answer(503, start - 1, start, 60), start, half);
  const now = start + 10;
  const after = afterOutcome(held, answer(200, start - 20, now), now, half);
  assert.ok(!isOpen(after));
  assert.deepEqual(allowance(after, now, false), { posts: 0, again: start + 66_000 });
});

test("a past Retry-After holds nothing", () => {
  const after = afterOutcome(closed, answer(429, start, start, 0), start, half);
  assert.equal(allowance(after, start, false).posts, Infinity);
});

test("a probe waits no longer than planned after the clock was set back", () => {
  const breaker = opened();
  assert.deepEqual(corrected(breaker, start - 500), breaker);
  const back = start - 3_600_000;
  assert.deepEqual(allowance(corrected(breaker, back), back, false), { posts: 0, again: back + 5_000 });

  let slow = breaker;
  for (let n = 0; n < 9; n++)
    slow = afterOutcome(slow, lost(slow.probeAt, slow.probeAt), slow.probeAt, () => 0.999);
  assert.deepEqual(corrected(slow, slow.probeAt - 1.19 * 5 * minute), slow);
  assert.equal(corrected(slow, back).probeAt, back + 5 * minute);
});

test("a hold lasts no longer than planned after the clock was set back", () => {
  const held = afterOutcome(closed, answer(429, start, start, 60), start, half);
  assert.deepEqual(corrected(held, start), held);
  const back = start - 3_600_000;
  const anew = corrected(held, back);
  assert.deepEqual(allowance(anew, back, false), { posts: 0, again: back + 66_000 });
  assert.deepEqual(corrected(anew, back + 1_000), anew);
  assert.deepEqual(corrected(JSON.parse(JSON.stringify(held)), back), anew);
});

test("a hold without a stored length ends after a day at the latest", () => {
  const held: Breaker = { failures: 0, probeAt: 0, heldUntil: start };
  const back = start - 48 * 60 * minute;
  assert.equal(corrected(held, back).heldUntil, back + 28.8 * 60 * minute);
});

test("an ended hold does not come back when the clock is set back", () => {
  const held = afterOutcome(closed, answer(429, start, start, 60), start, half);
  const ended = corrected(held, start + 66_000);
  assert.equal(allowance(corrected(ended, start), start, false).posts, Infinity);
});

/** A model of a pump: it starts all posts that the breaker allows, and now and then loses its memory. */
test("property: any sequence of outcomes keeps the breaker's promises", () => {
  const statuses = fc.constantFrom(0, 0, 0, 0, 500, 503, 408, 429, 200, 404);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("start" as const), many: fc.integer({ min: 1, max: 6 }) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("end" as const),
        which: fc.nat(20),
        status: statuses,
        retryAfter: fc.option(fc.integer({ min: 0, max: 600 }), { nil: undefined, freq: 20 }),
        chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(8 * minute) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("look" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  );
  let probesSeen = 0;
  let stragglersSeen = 0;

  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
      let now = start;
      let breaker = closed;
      let underWay: { at: number; whileOpen: boolean }[] = [];

      for (const next of steps) {
        const probing = underWay.some((post) => isProbe(breaker, post.at));
        const allowed = allowance(breaker, now, probing);
        // The allowance always says when to go on: now, at a later time, or when the probe has ended.
        if (allowed.posts === 0 && allowed.again === null) assert.ok(probing);
        if (allowed.again !== null) assert.ok(allowed.again > now && Number.isInteger(allowed.again));
        if (now < breaker.heldUntil) assert.equal(allowed.posts, 0);

        if (next.do === "wait") now += next.ms;
        if (next.do === "look" && allowed.again !== null) now = allowed.again;
        if (next.do === "restart") {
          breaker = JSON.parse(JSON.stringify(breaker));
          underWay = [];
        }
        if (next.do === "start") {
          for (let n = 0; n < Math.min(next.many, allowed.posts); n++) {
            underWay.push({ at: now, whileOpen: isOpen(breaker) });
          }
        }
        if (next.do === "end" && underWay.length > 0) {
          const [post] = underWay.splice(next.which % underWay.length, 1);
          now += 30;
          const outcome =
            next.status === 0 ? lost(post!.at, now) : answer(next.status, post!.at, now, next.retryAfter);
          const wasOpen = isOpen(breaker);
          const wasProbe = isProbe(breaker, post!.at);
          const after = afterOutcome(breaker, outcome, now, () => next.chance);

          if (outcome.alive) assert.ok(!isOpen(after) && after.failures === 0);
          else if (wasOpen && !wasProbe) {
            stragglersSeen++;
            assert.deepEqual([after.failures, after.probeAt], [breaker.failures, breaker.probeAt]);
          } else if (isOpen(after)) {
            const wait = after.probeAt - now;
            assert.ok(wait >= 4000 && wait <= 5 * minute * 1.2);
          }
          if (outcome.holdMs !== null) assert.ok(after.heldUntil >= now + outcome.holdMs);
          assert.ok(after.heldUntil >= breaker.heldUntil);
          breaker = after;
        }

        const probes = underWay.filter((post) => isProbe(breaker, post.at));
        assert.ok(probes.length <= 1);
        if (isOpen(breaker)) assert.ok(probes.every((post) => post.whileOpen));
        probesSeen += probes.length;
        assert.deepEqual(JSON.parse(JSON.stringify(breaker)), breaker);
      }
    }),
    { numRuns: 4_000 },
  );
  assert.ok(probesSeen > 0 && stragglersSeen > 0, "the courses reached an open breaker");
});
