import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicateWindow, RecentMarks } from "../../src/shard/recent.ts";

test("an event is known by any of its marks, until the window is over", async () => {
  const recent = new RecentMarks();
  await recent.add([1, 2], 1_000, Promise.resolve());
  assert.notEqual(recent.find([9, 2], 1_001), null);
  assert.notEqual(recent.find([1], 1_000 + duplicateWindow), null);
  assert.equal(recent.find([1], 1_001 + duplicateWindow), null);
  assert.equal(recent.find([], 1_001), null);
  assert.equal(recent.find([3], 1_001), null);
});

test("a duplicate of an event that is being kept waits for the same commit, and fails with it", async () => {
  const recent = new RecentMarks();
  const { promise, reject } = Promise.withResolvers<void>();
  const kept = recent.add([1], 0, promise);
  const duplicate = recent.find([1], 1);
  assert.equal(duplicate, promise);
  reject(new Error("the disk is full"));
  await assert.rejects(kept, /disk/);
  assert.equal(recent.find([1], 2), null);
});

test("what is older than the window is forgotten, the oldest first", () => {
  const recent = new RecentMarks();
  recent.load([1], 0);
  recent.load([2], duplicateWindow);
  recent.load([1], duplicateWindow + 1);
  recent.load([3], 2 * duplicateWindow + 1);
  assert.equal(recent.find([2], 2 * duplicateWindow), null);
  assert.notEqual(recent.find([1], 2 * duplicateWindow + 1), null);
});
