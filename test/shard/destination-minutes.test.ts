import assert from "node:assert/strict";
import { test } from "node:test";
import { destinationMinutes } from "../../src/shard/destination-minutes.ts";
import { positionAt } from "../../src/shard/journal/position.ts";
import { TestClock } from "../support/test-clock.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const minuteMs = 60_000;

const progress = (delivered: number, failed: number, counters: Record<string, number> = {}) => ({
  destinations: { audit: { cursor: 1, underway: [], delivered, failed } },
  counters,
  delivered: [],
});

/** A journal whose rows record this progress so many minutes after noon, oldest first. */
const journal = (...rows: [minutes: number, progress: ReturnType<typeof progress>][]) => ({
  progressBefore(position: number) {
    const row = rows.findLast(([minutes]) => positionAt(noon + minutes * minuteMs) < position);
    return row ? { position: positionAt(noon + row[0] * minuteMs), progress: row[1] } : null;
  },
});

test("the minutes of a destination are differences of the sums that rows record of it", async () => {
  const rows = journal(
    [-2.5, progress(5, 1, { "took:audit:3": 5, "took:other:3": 9, received: 30 })],
    [-1.5, progress(8, 1, { "took:audit:3": 6, "took:audit:4": 2, received: 40 })],
  );
  const now = progress(8, 3, { "took:audit:3": 6, "took:audit:4": 2, received: 50 });
  const counted = async (name: string) =>
    (await destinationMinutes(name, now, 3, new TestClock(noon + 1_000), rows)).map(({ counted }) => counted);
  assert.deepEqual(await counted("audit"), [
    { delivered: 3, "took:audit:3": 1, "took:audit:4": 2 },
    {},
    { failed: 2 },
  ]);
  assert.deepEqual(await counted("stranger"), [{}, {}, {}]);
});

test("a name that was forgotten, and came back, counts from then on", async () => {
  const rows = journal([-2.5, progress(9, 9)], [-1.5, progress(2, 0)]);
  const minutes = await destinationMinutes("audit", progress(3, 1), 3, new TestClock(noon + 1_000), rows);
  assert.deepEqual(
    minutes.map(({ counted }) => counted),
    [{}, {}, { delivered: 1, failed: 1 }],
  );
});
