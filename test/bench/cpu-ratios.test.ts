import assert from "node:assert/strict";
import { test } from "node:test";
import { ratios } from "./cpu-ratios.ts";

test("each step of an event is held against the reference that does as much", () => {
  const times = { bare: 0.4, oneRow: 0.8, none: 0.6, one: 1, two: 1.2, ten: 2.8 };
  const rounded = Object.entries(ratios).map(([key, { of }]) => [key, Number(of(times).toFixed(6))]);
  assert.deepEqual(Object.fromEntries(rounded), {
    acceptCpuRatio: 0.75,
    deliverCpuRatio: 1,
    secondCpuRatio: 0.5,
    furtherCpuRatio: 0.5,
  });
});
