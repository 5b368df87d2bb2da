import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenAskBreakers } from "../../../src/shard/cluster/open-ask-breakers.ts";

test("a breaker is open as long as any isolate says so, and for a minute after its last word", () => {
  const breakers = new OpenAskBreakers();
  breakers.hear("a", ["moderation", "links"], 0);
  breakers.hear("b", ["moderation"], 30_000);
  assert.deepEqual(breakers.open(60_000), ["moderation", "links"]);
  assert.deepEqual(breakers.open(60_001), ["moderation"]);
  breakers.hear("b", [], 61_000);
  assert.deepEqual(breakers.open(61_000), []);
});
