import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cursorsOnly, decodeProgress, ProgressEncoder } from "../../../src/shard/journal/progress-encoder.ts";
import type { DestinationState, ProgressRecord } from "../../../src/shard/journal/segment.ts";

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

test("rows together tell what the last one would have told whole", () => {
  const row = fc.record({
    states: fc.dictionary(fc.constantFrom("a", "b", "c"), state),
    counters: fc.dictionary(fc.constantFrom("received", "failed"), fc.nat(3)),
    alone: fc.boolean(),
    split: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 70 }), (rows) => {
      const account = new ProgressEncoder({});
      const written: ProgressRecord[] = [];
      const sums: Record<string, number> = {};
      for (const { states, counters, alone, split } of rows) {
        for (const [name, times] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + times;
        const news = JSON.parse(JSON.stringify(account.next(states, [], sums, alone, 1)));
        written.unshift(news);
        if (split) written.unshift(JSON.parse(JSON.stringify(cursorsOnly(news))));
      }
      const last = rows.at(-1)!;
      const told = decodeProgress(written);
      assert.deepEqual(told.destinations, JSON.parse(JSON.stringify(last.states)));
      assert.deepEqual(told.counters, sums);
    }),
  );
});

test("every row tells where each destination stands, and what has not changed is told once", () => {
  const account = new ProgressEncoder({});
  const states = {
    audit: { cursor: 7, underway: [], delivered: 3, failed: 0, lastError: "a long sentence" },
  };
  account.next(states, [], { received: 1 }, false, 1);
  assert.deepEqual(account.next(states, [], { received: 1 }, false, 2), {
    destinations: { audit: { cursor: 7, underway: [] } },
    delivered: [],
    counters: {},
    partial: true,
    at: 2,
  });
});

test("after a row that was not written, the next one tells everything", () => {
  const account = new ProgressEncoder({});
  const states = { audit: { cursor: 7, underway: [], delivered: 3, failed: 0 } };
  account.next(states, [], { received: 1 }, false, 1);
  account.lost();
  const news = account.next(states, [], { received: 1 }, false, 2);
  assert.equal(news.partial, undefined);
  assert.deepEqual([news.destinations, news.counters], [states, { received: 1 }]);
});

test("what asking changes is not worth a row", () => {
  const account = new ProgressEncoder({ received: 1 });
  assert.equal(account.isBehind({ received: 1, requests: 9, rowsRead: 9 }), false);
  assert.equal(account.isBehind({ received: 2 }), true);
});
