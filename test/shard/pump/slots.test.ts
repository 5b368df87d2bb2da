import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "../../../src/shard/pump/slots.ts";
import { ruleWith } from "../../delivery/sample.ts";

function slotsOf({ concurrency = 50, shards = 1 } = {}) {
  const receiving = { perSecond: 0 };
  const slots = new Slots(ruleWith({ concurrency }), { cluster: { shards }, receiving });
  const deliver = (posts: number) => {
    for (let post = 0; post < posts; post++)
      slots.ended({ cuts: slots.cuts, underway: slots.allowed, ms: 100, delivered: true, alive: true });
  };
  return { slots, receiving, deliver };
}

test("a destination begins with five, and gets no more than its rule allows", () => {
  const { slots, deliver } = slotsOf({ concurrency: 8 });
  assert.equal(slots.allowed, 5);
  deliver(10);
  assert.equal(slots.allowed, 8);
  assert.equal(slotsOf({ concurrency: 2 }).slots.allowed, 2);
});

test("shards divide the first five as they divide the bound, with at least one for each", () => {
  const { slots, deliver } = slotsOf({ concurrency: 12, shards: 4 });
  assert.equal(slots.allowed, 1);
  deliver(10);
  assert.equal(slots.allowed, 3);
});

test("replays leave a quarter to new events", () => {
  const { slots, deliver } = slotsOf();
  assert.equal(slots.ofReplays, 4);
  deliver(35);
  assert.deepEqual([slots.allowed, slots.ofReplays], [40, 30]);
  assert.equal(slotsOf({ concurrency: 1 }).slots.ofReplays, 1);
});

test("while the shard receives very many events, no destination gets more than five", () => {
  const { slots, receiving, deliver } = slotsOf();
  deliver(20);
  receiving.perSecond = 1_000;
  assert.equal(slots.allowed, 5);
  receiving.perSecond = 500;
  assert.equal(slots.allowed, 25);
});

test("a destination that was down begins with five again, and posts from before count no more", () => {
  const { slots, deliver } = slotsOf();
  deliver(20);
  const { cuts } = slots;
  slots.beginAgain();
  assert.equal(slots.allowed, 5);
  for (let post = 0; post < 9; post++)
    slots.ended({ cuts, underway: 25, ms: 100, delivered: true, alive: true });
  assert.equal(slots.allowed, 5);
});
