import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOf } from "../../../src/shard/pump/destinations.ts";

const address = { kind: "poll", url: "poll:", written: "poll:" } as const;

test("rules that are polled share the memory for events that are not confirmed", () => {
  const rule = { order: "none", enabled: true, address } as const;
  const { polledCharacters } = limitsOf([rule]);
  assert.equal(limitsOf([rule, rule, { ...rule, enabled: false }]).polledCharacters, polledCharacters / 2);
});

test("a rule that is switched off takes no share of the blocked conversations", () => {
  const rule = { order: "conversation", enabled: true, address } as const;
  const off = { ...rule, enabled: false };
  const unordered = { order: "none", enabled: true, address } as const;
  assert.deepEqual(limitsOf([rule, off, off, off, unordered]), limitsOf([rule, unordered]));
  assert.equal(limitsOf([rule, rule]).blockedConversations, limitsOf([rule]).blockedConversations / 2);
});
