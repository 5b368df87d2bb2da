import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextBatch } from "../../src/delivery/batch.ts";

const batch = { size: 3, ms: 1000 };
const start = 1_760_000_000_000;
const MiB = 1024 * 1024;
const waiting = (...sizes: number[]) => sizes.map((size, n) => ({ size, receivedAt: start + n }));

test("no waiting event gives no batch and no next check", () => {
  assert.deepEqual(nextBatch(batch, [], start), { count: 0, again: null });
});

test("a batch is sent as soon as it is full by count", () => {
  assert.deepEqual(nextBatch(batch, waiting(10, 10), start + 1), { count: 0, again: start + 1000 });
  assert.deepEqual(nextBatch(batch, waiting(10, 10, 10), start + 2), { count: 3, again: null });
  assert.deepEqual(nextBatch(batch, waiting(10, 10, 10, 10), start + 2), { count: 3, again: null });
});

test("a batch is sent when its first event has waited long enough", () => {
  assert.deepEqual(nextBatch(batch, waiting(10), start + 999), { count: 0, again: start + 1000 });
  assert.deepEqual(nextBatch(batch, waiting(10), start + 1000), { count: 1, again: null });
  assert.deepEqual(nextBatch(batch, waiting(10), start - 3_600_000), { count: 1, again: null });
});

test("a batch is full at 1 MiB, but a single event may be larger", () => {
  assert.deepEqual(nextBatch(batch, waiting(MiB), start), { count: 1, again: null });
  assert.deepEqual(nextBatch(batch, waiting(2 * MiB, 1), start), { count: 1, again: null });
  assert.deepEqual(nextBatch(batch, waiting(10, MiB), start), { count: 1, again: null });
  assert.deepEqual(nextBatch(batch, waiting(MiB - 10, 10), start), { count: 2, again: null });
});

test("property: repeated calls take every event, within the limits and without waiting too long", () => {
  const sizes = fc.array(fc.integer({ min: 2, max: MiB }), { maxLength: 50 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 10 }), fc.nat(1000), (all, size, ms) => {
      let now = start;
      for (let rest = waiting(...all); rest.length > 0; ) {
        const { count, again } = nextBatch({ size, ms }, rest, now);
        if (count === 0) {
          assert.ok(again !== null && again > now && again <= rest[0]!.receivedAt + ms);
          now = again;
          continue;
        }
        const bytes = rest.slice(0, count).reduce((sum, event) => sum + event.size, 0);
        assert.ok(count <= size && (count === 1 || bytes <= MiB));
        rest = rest.slice(count);
        now = Math.max(now, rest[0]?.receivedAt ?? now);
      }
    }),
  );
});
