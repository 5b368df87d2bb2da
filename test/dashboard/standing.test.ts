import assert from "node:assert/strict";
import { test } from "node:test";
import { standingOf } from "../../src/dashboard/destinations/standing.ts";

test("a destination that is up, and whose last attempt failed, is failing", () => {
  assert.equal(standingOf({ state: "up", lastError: null }), "up");
  assert.equal(standingOf({ state: "up", lastError: "answered 422" }), "failing");
  assert.equal(standingOf({ state: "open", lastError: "answered 500" }), "open");
  assert.equal(standingOf({ state: "paused", lastError: "answered 500" }), "paused");
  assert.equal(standingOf({ state: "paused", awaits: "listener", lastError: null }), "listener");
});
