import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicateWindowMs, RecentFingerprints } from "../../../src/shard/append/recent.ts";

test("an event is recognised by any of its fingerprints within ten minutes", async () => {
  const recent = new RecentFingerprints();
  await recent.add([1, 2], 1_000, Promise.resolve());
  assert.notEqual(recent.find([9, 2], 1_001), null);
  assert.notEqual(recent.find([1], 1_000 + duplicateWindowMs), null);
  assert.equal(recent.find([1], 1_001 + duplicateWindowMs), null);
  assert.equal(recent.find([], 1_001), null);
  assert.equal(recent.find([3], 1_001), null);
});

test("a duplicate of an event that is being kept waits for the same commit, and fails with it", async () => {
  const recent = new RecentFingerprints();
  const { promise, reject } = Promise.withResolvers<void>();
  const kept = recent.add([1], 0, promise);
  const duplicate = recent.find([1], 1);
  assert.equal(duplicate, promise);
  reject(new Error("the disk is full"));
  await assert.rejects(kept, /disk/);
  assert.equal(recent.find([1], 2), null);
});

test("fingerprints older than ten minutes are forgotten, the oldest first", () => {
  const recent = new RecentFingerprints();
  recent.load([1], 0);
  recent.load([2], duplicateWindowMs);
  recent.load([1], duplicateWindowMs + 1);
  recent.load([3], 2 * duplicateWindowMs + 1);
  assert.equal(recent.find([2], 2 * duplicateWindowMs), null);
  assert.notEqual(recent.find([1], 2 * duplicateWindowMs + 1), null);
});
