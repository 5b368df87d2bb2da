import assert from "node:assert/strict";
import { test } from "node:test";
import { differencesOf, inTurns, quantile, ratioOf, ratiosOf, sampleOf } from "./sample.ts";

test("a quantile is the value that so large a share does not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(quantile(hundred, 0.5), 50);
  assert.equal(quantile(hundred, 0.99), 99);
  assert.equal(quantile(hundred, 1), 100);
  assert.equal(quantile([7], 0.99), 7);
  assert.equal(quantile([], 0.5), null);
});

test("ratios and differences are those of the rounds: a machine that slows down does not change them", () => {
  const ours = sampleOf([100, 50, 10, 99]);
  const other = sampleOf([50, 25, 5, 33]);
  assert.deepEqual(ratiosOf(ours, other).values, [2, 2, 2, 3]);
  assert.equal(ratioOf(ours, other), 2);
  assert.deepEqual(differencesOf(ours, other).values, [50, 25, 5, 66]);
});

test("subjects take turns, and each round begins with another one", async () => {
  const order: string[] = [];
  const found = await inTurns(["a", "b"], 3, async (subject) => order.push(subject));
  assert.deepEqual(order, ["a", "b", "b", "a", "a", "b"]);
  assert.deepEqual(
    [...found.values()],
    [
      [1, 4, 5],
      [2, 3, 6],
    ],
  );
});
