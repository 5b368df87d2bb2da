import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cursorsOnly, decodeProgress, ProgressEncoder } from "../../../src/shard/journal/progress-encoder.ts";
import type { DestinationState, ProgressRecord } from "../../../src/shard/journal/progress-record.ts";

const state = fc.record(
  {
    cursor: fc.integer({ min: 0, max: 100 }),
    underway: fc.array(fc.nat(9), { maxLength: 3 }),
    done: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
    delivered: fc.nat(3),
    failed: fc.nat(3),
    lastError: fc.constantFrom("no", "never"),
  },
  { requiredKeys: ["cursor", "underway", "delivered", "failed"] },
) as fc.Arbitrary<DestinationState>;

test("property: partial records decode to the last whole state", () => {
  const row = fc.record({
    states: fc.dictionary(fc.constantFrom("a", "b", "c"), state),
    counters: fc.dictionary(fc.constantFrom("received", "failed"), fc.nat(3)),
    alone: fc.boolean(),
    split: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 70 }), (rows) => {
      const encoder = new ProgressEncoder({});
      const written: ProgressRecord[] = [];
      const sums: Record<string, number> = {};
      for (const { states, counters, alone, split } of rows) {
        for (const [name, times] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + times;
        const record = JSON.parse(
          JSON.stringify(encoder.encode({ states, delivered: [], counters: sums }, alone, 1)),
        );
        written.unshift(record);
        if (split) written.unshift(JSON.parse(JSON.stringify(cursorsOnly(record))));
      }
      const last = rows.at(-1)!;
      const decoded = decodeProgress(written);
      assert.deepEqual(decoded.destinations, JSON.parse(JSON.stringify(last.states)));
      assert.deepEqual(decoded.counters, sums);
    }),
  );
});

test("every record holds each cursor, and details only when they have changed", () => {
  const encoder = new ProgressEncoder({});
  const states = {
    audit: { cursor: 7, underway: [], delivered: 3, failed: 0, lastError: "a long sentence" },
  };
  encoder.encode({ states, delivered: [], counters: { received: 1 } }, false, 1);
  assert.deepEqual(encoder.encode({ states, delivered: [], counters: { received: 1 } }, false, 2), {
    destinations: { audit: { cursor: 7, underway: [] } },
    delivered: [],
    counters: {},
    partial: true,
    at: 2,
  });
});

test("the record after a failed write is whole", () => {
  const encoder = new ProgressEncoder({});
  const states = { audit: { cursor: 7, underway: [], delivered: 3, failed: 0 } };
  encoder.encode({ states, delivered: [], counters: { received: 1 } }, false, 1);
  encoder.lost();
  const record = encoder.encode({ states, delivered: [], counters: { received: 1 } }, false, 2);
  assert.equal(record.partial, undefined);
  assert.deepEqual([record.destinations, record.counters], [states, { received: 1 }]);
});

test("after a failed write the counters are those of the rows before", () => {
  for (const alone of [false, true]) {
    const encoder = new ProgressEncoder({ received: 1 });
    encoder.encode({ states: {}, delivered: [], counters: { received: 2 } }, alone, 1);
    encoder.lost();
    assert.deepEqual(encoder.counters, { received: 1 });
    assert.equal(encoder.isBehind({ received: 2 }), true);
  }
});

test("counters that grow by asking do not cause a row", () => {
  const encoder = new ProgressEncoder({ received: 1 });
  assert.equal(encoder.isBehind({ received: 1, requests: 9, rowsRead: 9 }), false);
  assert.equal(encoder.isBehind({ received: 2 }), true);
});
