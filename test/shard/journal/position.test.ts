import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dayOf, endOfDay, nextPosition, positionAt, timeOf } from "../../../src/shard/journal/position.ts";

const instant = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2200, 0) });

test("property: positions grow whatever the clock does, and days with them", () => {
  fc.assert(
    fc.property(fc.array(instant, { minLength: 2 }), (clock) => {
      let last = -1;
      for (const now of clock) {
        const next = nextPosition(last, now);
        assert.ok(Number.isSafeInteger(next) && next > last);
        if (last >= 0) assert.ok(dayOf(next) >= dayOf(last));
        last = next;
      }
    }),
  );
});

test("property: a position tells its time, and its day holds it", () => {
  fc.assert(
    fc.property(instant, (ms) => {
      const position = positionAt(ms);
      assert.equal(timeOf(position), ms);
      const day = dayOf(position);
      assert.ok(position < endOfDay(day));
      assert.notEqual(dayOf(endOfDay(day)), day);
      assert.equal(dayOf(endOfDay(day) - 1), day);
    }),
  );
});

test("a day's name is its date in UTC", () => {
  assert.equal(dayOf(positionAt(Date.UTC(2026, 10, 22, 23, 59, 59, 999))), "20261122");
  assert.equal(timeOf(endOfDay("20261231")), Date.UTC(2027, 0, 1));
});
