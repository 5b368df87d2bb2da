import assert from "node:assert/strict";
import { test } from "node:test";
import type { Destination } from "../../src/client/index.js";
import {
  type Erasure,
  endedOf,
  holdOf,
  leftOf,
  progressOf,
  type Replay,
} from "../../src/dashboard/destinations/job.ts";

const startedAt = "2026-11-27T08:00:00.000Z";
const after = (ms: number) => Date.parse(startedAt) + ms;
const replay: Replay = {
  id: "rpl_1",
  kind: "replay",
  destination: "audit",
  since: "2026-11-27T07:00:00.000Z",
  until: startedAt,
  state: "running",
  matched: 100,
  sent: 20,
  failed: 5,
  startedAt,
  endedAt: null,
};

test("an event of a replay has ended with its success or its failure", () => {
  assert.equal(endedOf(replay), 25);
  assert.equal(progressOf(replay), 0.25);
  assert.equal(progressOf({ ...replay, sent: 200 }), 1);
  assert.equal(progressOf({ ...replay, matched: 0, sent: 0, failed: 0 }), 1);
});

test("an erasure comes as far as it has erased", () => {
  const erasure = { ...replay, kind: "erase", erased: 50, target: "abcd1234" } as unknown as Erasure;
  assert.equal(progressOf(erasure), 0.5);
});

test("the time that is left follows from the speed so far", () => {
  assert.equal(leftOf(replay, after(10_000)), 30_000);
  assert.equal(leftOf({ ...replay, sent: 0, failed: 0 }, after(10_000)), null);
  assert.equal(leftOf({ ...replay, state: "done" }, after(10_000)), null);
  assert.equal(leftOf(replay, after(-500)), null);
  assert.equal(leftOf({ ...replay, sent: 200 }, after(10_000)), 0);
});

test("a running replay waits for a destination that takes nothing", () => {
  const named = (name: string, state: string) => ({ name, state, lastError: null }) as Destination;
  const all = [named("search", "open"), named("audit", "paused")];
  assert.equal(holdOf(replay, all), "paused");
  assert.equal(holdOf({ ...replay, state: "done" }, all), null);
  assert.equal(holdOf(replay, [named("audit", "up")]), null);
  assert.equal(holdOf(replay, [{ ...named("audit", "up"), lastError: "answered 500" }]), null);
  assert.equal(holdOf(replay, []), null);
  assert.equal(holdOf(replay, [{ ...named("audit", "paused"), awaits: "poller" }]), "poller");
});
