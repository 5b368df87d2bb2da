import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { holdFor, nextWait } from "../../src/delivery/schedule.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const ms = fc.integer({ min: 0, max: 30 * 24 * 60 * 60 * 1000 });

test("the wait after the nth failure is the nth wait, within a fifth, and after the last wait there is none", () => {
  fc.assert(
    fc.property(fc.array(ms), fc.integer({ min: 1, max: 20 }), random, (waits, failures, chance) => {
      const wait = nextWait(waits, failures, () => chance);
      const listed = waits[failures - 1];
      if (listed === undefined) return assert.equal(wait, null);
      assert.ok(wait !== null && Math.abs(wait - listed) <= listed * 0.2 + 0.5);
      assert.ok(Number.isInteger(wait));
    }),
  );
});

test("waits spread over the whole fifth on both sides", () => {
  assert.equal(
    nextWait([5000], 1, () => 0),
    4000,
  );
  assert.equal(
    nextWait([5000], 1, () => 0.5),
    5000,
  );
  assert.equal(
    nextWait([5000], 1, () => 0.9999),
    6000,
  );
});

test("a hold is never shorter than Retry-After, and at most a fifth longer", () => {
  fc.assert(
    fc.property(ms, random, (asked, chance) => {
      const hold = holdFor(asked, () => chance);
      assert.ok(hold >= asked && hold <= asked * 1.2 + 1);
      assert.ok(Number.isInteger(hold));
    }),
  );
  assert.equal(
    holdFor(1000, () => 0.5),
    1100,
  );
});
