import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivals, seeded } from "./schedule.ts";

const times = [...arrivals(200, 60, seeded(1))];
const gaps = times.slice(1).map((time, index) => time - times[index]!);

test("an open-loop schedule keeps its rate over its time, in order", () => {
  assert.ok(Math.abs(times.length / 12_000 - 1) < 0.03, `${times.length}`);
  assert.ok(gaps.every((gap) => gap >= 0));
  assert.ok(times[0] === 0 && times.at(-1)! < 60_000);
});

test("its gaps are exponential: callbacks come in bursts, and then none for a while", () => {
  const share = (least: number) => gaps.filter((gap) => gap >= least).length / gaps.length;
  assert.ok(Math.abs(share(5) - Math.exp(-1)) < 0.02, `${share(5)}`);
  assert.ok(Math.abs(share(15) - Math.exp(-3)) < 0.01, `${share(15)}`);
});

test("it is the same in every run", () => {
  assert.deepEqual([...arrivals(200, 60, seeded(1))], times);
  assert.notDeepEqual([...arrivals(200, 60, seeded(2))], times);
});
