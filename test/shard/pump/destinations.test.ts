import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOf } from "../../../src/shard/pump/destinations.ts";

test("a rule that is switched off takes no share of the blocked conversations", () => {
  const rule = { order: "conversation", enabled: true } as const;
  const off = { ...rule, enabled: false };
  const unordered = { order: "none", enabled: true } as const;
  assert.deepEqual(limitsOf([rule, off, off, off, unordered]), limitsOf([rule]));
  assert.equal(limitsOf([rule, rule]).blockedConversations, limitsOf([rule]).blockedConversations / 2);
});
