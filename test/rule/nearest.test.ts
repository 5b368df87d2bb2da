import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestOf } from "../../src/rule/nearest.ts";

test("the nearest name has the fewest changes, regardless of case", () => {
  const names = ["command", "conversation", "account", "text", "state", "since", "until", "limit"];
  for (const [given, nearest] of [
    ["stat", "state"],
    ["STATE", "state"],
    ["status", "state"],
    ["convesration", "conversation"],
    ["acount", "account"],
    ["sinc", "since"],
  ] as const)
    assert.equal(nearestOf(given, names), nearest, given);
  assert.equal(nearestOf("destination", ["ids", "destinations"]), "destinations");
  assert.equal(nearestOf("anything", []), null);
});
