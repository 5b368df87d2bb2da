import assert from "node:assert/strict";
import { test } from "node:test";
import { Guesses } from "../../src/http/guesses.ts";

const minuteMs = 60_000;

/** How many of so many wrong tokens, all at one time, are answered without a wait. */
function answered(guesses: Guesses, network: string, now: number, times = 30): number {
  return Array.from({ length: times }, () => guesses.note(network, now).waitMs).filter((ms) => ms === 0)
    .length;
}

test("the 21st wrong token of a network within a minute waits for the end of that minute", () => {
  const guesses = new Guesses();
  for (let n = 0; n < 20; n++) assert.equal(guesses.note("203.0.113.7", n * 1_000).waitMs, 0);
  assert.deepEqual(guesses.note("203.0.113.7", 20_000), { waitMs: 40_000, first: true });
  assert.deepEqual(guesses.note("203.0.113.7", 59_999), { waitMs: 1, first: false });
  assert.equal(answered(guesses, "203.0.113.7", minuteMs), 20);
});

test("a network's wrong tokens delay no other network", () => {
  const guesses = new Guesses();
  assert.equal(answered(guesses, "203.0.113.7", 0), 20);
  assert.equal(answered(guesses, "203.0.113.8", 0), 20);
});

test("of a thousand and more networks the one whose minute began first is forgotten", () => {
  const guesses = new Guesses();
  assert.equal(answered(guesses, "first", 0), 20);
  assert.equal(answered(guesses, "second", 1), 20);
  for (let n = 0; n < 999; n++) guesses.note(`203.0.${n}`, 2);
  assert.equal(answered(guesses, "second", 3), 0);
  assert.equal(answered(guesses, "first", 3), 20);
});

test("a network whose minute is over begins another one in its place", () => {
  const guesses = new Guesses();
  guesses.note("first", 0);
  for (let n = 0; n < 998; n++) guesses.note(`203.0.${n}`, 1);
  assert.equal(answered(guesses, "first", minuteMs), 20);
  for (let n = 0; n < 998; n++) guesses.note(`2001:db8:${n}::/64`, minuteMs);
  assert.equal(answered(guesses, "first", minuteMs), 0);
});

test("a clock that was set back begins another minute", () => {
  const guesses = new Guesses();
  assert.equal(answered(guesses, "203.0.113.7", 10 * minuteMs), 20);
  assert.equal(answered(guesses, "203.0.113.7", 5 * minuteMs), 20);
});
