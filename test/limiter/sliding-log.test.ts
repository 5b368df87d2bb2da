import assert from "node:assert/strict";
import { test } from "node:test";
import { SlidingLog } from "../../src/limiter/sliding-log.ts";
import { Chance } from "../support/chance.ts";

const plenty = 1_000_000;

test("so many events of a key pass within any window, and each key has its own", () => {
  const log = new SlidingLog(2, 10_000, plenty);
  assert.deepEqual([log.add(1, 0), log.add(1, 9_000), log.add(1, 9_999)], [false, false, true]);
  assert.equal(log.add(2, 9_999), false);
});

test("events beyond the limit count too, so the key waits until its events are rare enough", () => {
  const log = new SlidingLog(2, 10_000, plenty);
  assert.deepEqual(
    [0, 1_000, 9_000, 10_000, 18_999, 20_000].map((at) => log.add(1, at)),
    [false, false, true, true, true, false],
  );
});

test("a count is exact over any sequence of events", () => {
  const chance = new Chance(16);
  const log = new SlidingLog(3, 100, plenty);
  const times: number[] = [];
  let now = 0;
  for (let n = 0; n < 5_000; n++) {
    now += chance.between(0, 59);
    const within = times.filter((time) => now - time < 100).length;
    assert.equal(log.add(7, now), within >= 3, `at ${now}`);
    times.push(now);
  }
});

test("a clock that is set back lets no count outlast its window", () => {
  const log = new SlidingLog(1, 10_000, plenty);
  log.add(1, 3_600_000);
  assert.deepEqual([log.add(1, 0), log.add(1, 9_999)], [false, true]);
});

test("idle keys are forgotten, busy ones are not", () => {
  const log = new SlidingLog(5, 10_000, plenty);
  log.add(1, 0);
  log.add(2, 5_000);
  log.forgetIdle(10_000);
  assert.equal(log.keys, 1);
  log.forgetIdle(15_000);
  assert.deepEqual([log.keys, log.bytes], [0, 0]);
});

test("memory is bounded: the keys that were silent longest are forgotten first", () => {
  const log = new SlidingLog(2, 10_000, 3 * 176);
  for (const key of [1, 2, 1, 2, 3, 4]) log.add(key, 0);
  assert.ok(log.bytes <= 3 * 176, `${log.bytes}`);
  assert.equal(log.add(4, 1), false);
  assert.equal(log.add(4, 1), true);
  assert.equal(log.add(1, 1), false);
  const single = new SlidingLog(100, 10_000, 1);
  for (let n = 0; n < 100; n++) single.add(9, n);
  assert.equal(single.add(9, 100), true);
});
