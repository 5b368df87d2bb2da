import assert from "node:assert/strict";
import { test } from "node:test";
import { countedMinutes } from "../../../src/shard/journal/minutes.ts";
import { positionAt } from "../../../src/shard/journal/position.ts";
import { TestClock } from "../../support/test-clock.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const at = (minutes: number, seconds = 0) => noon + minutes * 60_000 + seconds * 1_000;

/** A journal whose rows record these sums at these times, oldest first. */
function journal(...rows: [at: number, received: number][]) {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    progressBefore(position: number) {
      asked++;
      const row = rows.findLast(([time]) => positionAt(time) < position);
      return (
        (row && {
          position: positionAt(row[0]),
          progress: { destinations: {}, delivered: [], counters: { received: row[1], dead: 1 } },
        }) ??
        null
      );
    },
  };
}

test("a minute's counts are the difference of two recorded sums", async () => {
  const rows = journal([at(-2, 5), 3], [at(-2, 59), 7], [at(-1, 30), 20]);
  const minutes = await countedMinutes({ received: 22, dead: 1 }, 4, new TestClock(at(0, 10)), rows);
  assert.deepEqual(minutes, [
    { at: at(-3), counted: {} },
    { at: at(-2), counted: { received: 7, dead: 1 } },
    { at: at(-1), counted: { received: 13 } },
    { at: at(0), counted: { received: 2 } },
  ]);
});

test("a row on the boundary belongs to the minute that begins", async () => {
  const rows = journal([at(-1), 3]);
  const minutes = await countedMinutes({ received: 3, dead: 1 }, 3, new TestClock(at(0, 10)), rows);
  assert.deepEqual(
    minutes.map(({ counted }) => counted.received ?? 0),
    [0, 3, 0],
  );
});

test("minutes without rows cost no reading", async () => {
  const quiet = journal([at(-1_000), 3]);
  const minutes = await countedMinutes({ received: 3, dead: 1 }, 900, new TestClock(at(0, 10)), quiet);
  assert.equal(minutes.length, 900);
  assert.equal(quiet.asked, 1);
});

test("with an empty journal everything was counted in this minute", async () => {
  const minutes = await countedMinutes({ refused: 2 }, 2, new TestClock(at(0, 10)), {
    progressBefore: () => null,
  });
  assert.deepEqual(minutes, [
    { at: at(-1), counted: {} },
    { at: at(0), counted: { refused: 2 } },
  ]);
});

test("other calls are served while many minutes are counted", async () => {
  let turns = 0;
  const clock = {
    now: () => at(0, 10),
    after(_ms: number, run: () => void) {
      turns++;
      setImmediate(run);
      return () => {};
    },
  };
  const rows = journal(...Array.from({ length: 1_440 }, (_, n): [number, number] => [at(n - 1_440, 5), n]));
  const minutes = await countedMinutes({ received: 1_440, dead: 1 }, 1_440, clock, rows);
  assert.equal(minutes.length, 1_440);
  assert.ok(minutes.slice(1).every(({ counted }) => counted.received === 1));
  assert.ok(turns > 100 && turns < 200, `${turns} turns`);
});
