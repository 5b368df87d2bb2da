import assert from "node:assert/strict";
import { test } from "node:test";
import { positionAt } from "../../src/shard/journal/position.ts";
import { activeBetween, usageSince } from "../../src/shard/usage.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const minuteMs = 60_000;

/** A journal with one row, which records these sums so many minutes after noon. */
const journal = (minutes: number, counters: Record<string, number>) => ({
  progressBefore(position: number) {
    const at = positionAt(noon + minutes * minuteMs);
    return at < position ? { position: at, progress: { destinations: {}, delivered: [], counters } } : null;
  },
});

test("usage is the difference since a time, with the bytes of now", () => {
  const rows = journal(-2.5, { rowsWritten: 10, requests: 4 });
  const sums = { rowsWritten: 25, requests: 4, alarms: 1 };
  assert.deepEqual(usageSince(noon - minuteMs, sums, rows, 4_096), {
    counted: { rowsWritten: 15, alarms: 1 },
    bytes: 4_096,
  });
  assert.deepEqual(usageSince(noon - 5 * minuteMs, sums, rows, 0).counted, sums);
});

test("between two rows an object is in memory for ten seconds at most, also where the clock is set back", () => {
  assert.equal(activeBetween(noon, noon + 900), 900);
  assert.equal(activeBetween(noon, noon + minuteMs), 10_000);
  assert.equal(activeBetween(0, noon), 10_000);
  assert.equal(activeBetween(noon, noon - 900), 0);
});
