import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../../src/rule/duration.ts";

test("parseDuration reads milliseconds, seconds, minutes and hours", () => {
  assert.deepEqual(
    ["0s", "200ms", "5s", "5m", "2h", "36h"].map(parseDuration),
    [0, 200, 5000, 300_000, 7_200_000, 129_600_000],
  );
});

test("parseDuration returns null for a text that is no duration", () => {
  for (const text of [
    "",
    "5",
    "s",
    "-5s",
    "1.5s",
    "5 s",
    "5S",
    "5d",
    "5s5m",
    "5s\n",
    "1e3s",
    "9999999999s",
  ]) {
    assert.equal(parseDuration(text), null, text);
  }
});

test("formatDuration takes the largest unit that is exact", () => {
  assert.deepEqual([0, 1, 1500, 5000, 90_000, 300_000, 86_400_000].map(formatDuration), [
    "0ms",
    "1ms",
    "1500ms",
    "5s",
    "90s",
    "5m",
    "24h",
  ]);
  for (const text of ["200ms", "5s", "5m", "2h"]) assert.equal(formatDuration(parseDuration(text)!), text);
});
