import assert from "node:assert/strict";
import { test } from "node:test";
import { Coordinator, type Peers } from "../../../src/shard/cluster/coordinator.ts";
import { ShardMetadata } from "../../../src/shard/cluster/metadata.ts";
import { Meter } from "../../../src/shard/meter.ts";
import { Schedule } from "../../../src/shard/schedule.ts";
import { TestClock } from "../../support/test-clock.ts";
import { newSql } from "../sqlite.ts";

/** Two shards that call each other; while `silent`, shard 0 does not answer the other one. */
function twoShards() {
  const clock = new TestClock(0);
  const storage = { getAlarm: async () => null, setAlarm: async () => {} };
  const state = { waitUntil: (promise: Promise<unknown>) => void promise.catch(() => {}) };
  const network = { silent: false };
  const peers: Peers = {
    shard: (index) => ({
      async join(shards) {
        first.grow(shards);
        return first.state;
      },
      async steer(destination, action) {
        if (network.silent) throw new Error("unreachable");
        first.steer(destination, action);
        await first.notify();
      },
      async learn(told) {
        assert.equal(index, 1);
        other.apply(told);
        return other.state;
      },
    }),
  };
  const coordinatorOf = (index: number) =>
    new Coordinator(
      { index, configured: 2, version: "0.0.0" },
      new ShardMetadata(newSql()),
      peers,
      new Schedule(storage, clock, new Meter(), () => {}),
      state,
      clock,
    );
  const first = coordinatorOf(0);
  const other = coordinatorOf(1);
  return { first, other, network };
}

test("a 410 stays, though shard 0 sends the same version again before it hears of it", async () => {
  const { first, other, network } = twoShards();
  await first.notify();
  first.steer("b", "pause");
  // The answer to this call is lost.
  other.apply(first.state);
  network.silent = true;
  other.disable("a");
  await first.notify();
  assert.ok(other.disables("a"), "wiped where it was answered");
  assert.ok(first.disables("a"), "not known to shard 0");
  network.silent = false;
  await other.notify();
  assert.deepEqual(other.state, first.state);
  assert.deepEqual([first.state.disabled, first.state.paused], [["a"], ["b"]]);
  assert.equal(first.unfinished || other.unfinished, false);
});

test("a state that arrives late does not replace a newer one", async () => {
  const { first, other } = twoShards();
  await first.notify();
  const late = structuredClone(first.state);
  first.steer("a", "pause");
  await first.notify();
  other.apply(late);
  assert.ok(other.holds("a"));
  assert.deepEqual(other.state, first.state);
});

test("a 410 on one shard reaches the others, once shard 0 answers", async () => {
  const { first, other, network } = twoShards();
  await first.notify();
  network.silent = true;
  other.disable("a");
  await other.notify();
  assert.deepEqual([other.disables("a"), first.disables("a"), other.unfinished], [true, false, true]);
  network.silent = false;
  await other.notify();
  assert.ok(first.disables("a"));
  // The answer brought a newer state; the alarm reports once more, which changes nothing.
  await other.notify();
  assert.equal(other.unfinished, false);
  assert.deepEqual(other.state, first.state);
});
