import assert from "node:assert/strict";
import { test } from "node:test";
import { elapsed } from "../src/elapsed.ts";

test("after a clock was set back, every wait that began before has ended", () => {
  assert.deepEqual([elapsed(1_000, 1_000), elapsed(1_000, 3_500)], [0, 2_500]);
  assert.equal(elapsed(1_000, 999), Number.POSITIVE_INFINITY);
  assert.equal(elapsed(Number.NEGATIVE_INFINITY, 0), Number.POSITIVE_INFINITY);
});
