import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicateWindowMs, RecentFingerprints } from "../../../src/shard/append/recent.ts";
import { Chance } from "../../support/chance.ts";

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
  assert.equal(recent.find([2], 2 * duplicateWindowMs + 1), null);
  assert.notEqual(recent.find([1], 2 * duplicateWindowMs + 1), null);
});

test("however many events come, the memory of their fingerprints is bounded, and the newest are recognised", () => {
  const most = 32_000;
  const recent = new RecentFingerprints(most);
  const chance = new Chance(1);
  const fingerprint = () => chance.between(0, 2 ** 32 - 1) * 2 ** 21 + chance.between(1, 2 ** 21 - 1);
  const fingerprints = Array.from({ length: 6 * most }, fingerprint);
  let largest = 0;
  for (const [at, fingerprint] of fingerprints.entries()) {
    recent.load([fingerprint], at);
    largest = Math.max(largest, recent.bytes);
  }
  assert.ok(largest <= 32 * most, `${largest} bytes`);
  const known = fingerprints.map((one) => recent.find([one], fingerprints.length) !== null);
  assert.ok(known.slice(-most / 2).every(Boolean), "the newer half of them is recognised");
  assert.ok(!known.slice(0, -most).some(Boolean), "no more are remembered");
});

test("the time for which duplicates are recognised is told, and is whole again after the flood", () => {
  const recent = new RecentFingerprints(8_000);
  assert.equal(recent.reaches(0), duplicateWindowMs);
  for (let n = 1; n <= 100_000; n++) recent.load([n], n);
  const reaches = recent.reaches(100_000);
  assert.ok(reaches >= 4_000 && reaches <= 8_000, `${reaches} ms`);
  assert.equal(recent.find([100_000 - reaches - 2_000], 100_000), null);
  assert.notEqual(recent.find([100_000 - reaches + 1], 100_000), null);
  recent.load([1e6], 100_000 + 2 * duplicateWindowMs);
  assert.equal(recent.reaches(100_000 + 2 * duplicateWindowMs), duplicateWindowMs);
});

test("a clock that is set back again and again does not make memory grow", () => {
  const recent = new RecentFingerprints();
  for (let n = 1; n <= 10_000; n++) recent.load([n], 1e9 - n);
  assert.ok(recent.bytes < 1e6, `${recent.bytes} bytes`);
  assert.notEqual(recent.find([10_000], 1e9), null);
});

test("an event whose fingerprint is 0 is a duplicate of no other", () => {
  const recent = new RecentFingerprints();
  recent.load([1], 1);
  assert.equal(recent.find([0], 2), null);
  recent.load([0], 3);
  assert.equal(recent.find([0], 4), null);
});

test("fingerprints that share a slot are told apart", () => {
  const recent = new RecentFingerprints();
  const sharing = Array.from({ length: 1_000 }, (_, n) => (n + 1) * 2 ** 30);
  recent.load(sharing, 1);
  assert.ok(sharing.every((one) => recent.find([one], 2) !== null));
  assert.equal(recent.find([2_000 * 2 ** 30], 2), null);
});
