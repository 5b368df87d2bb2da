import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latencyBucket, latencyHistogram, latencyQuantile } from "../../src/shard/latency.ts";
import { type Counters, count } from "../../src/shard/meter.ts";

function counted(latencies: readonly number[]): Counters {
  const counters: Counters = { received: 1_000 };
  for (const ms of latencies) count(counters, latencyBucket(ms));
  return counters;
}

test("without latencies there is no quantile", () => {
  assert.equal(latencyQuantile({ received: 3, delivered: 3 }, 0.5), null);
});

test("a latency below zero counts as none", () => {
  assert.equal(latencyQuantile(counted([-40, -3, 0]), 0.99), 1);
});

test("a quantile is exact to a bucket's width", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (latencies, share) => {
        const exact = latencies.sort((a, b) => a - b)[Math.ceil(share * latencies.length - 1e-9) - 1]!;
        const found = latencyQuantile(counted(latencies), share)!;
        const ratio = found / exact;
        assert.ok(
          ratio >= Math.SQRT1_2 - 0.5 / exact && ratio <= Math.SQRT2 + 0.5 / exact,
          `${found} for ${exact}`,
        );
      },
    ),
  );
});

test("a histogram's bucket counts every latency up to its bound", () => {
  const counters: Record<string, number> = {};
  const took = [0, 1, 2, 3, 4, 5, 999, 1024, 1025, 86_400_000, 10 ** 12];
  for (const ms of took) counters[latencyBucket(ms)] = (counters[latencyBucket(ms)] ?? 0) + 1;
  const { buckets, count } = latencyHistogram(counters);
  assert.equal(count, took.length);
  for (const bucket of buckets)
    assert.equal(bucket.count, took.filter((ms) => ms <= bucket.ms).length, `${bucket.ms} ms`);
});
