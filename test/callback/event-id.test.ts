import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newEventId, readEventId } from "../../src/callback/event-id.ts";

const chance = fc.uint8Array({ minLength: 12, maxLength: 12 });
const at = fc.nat({ max: 2 ** 45 });

test("property: an id gives its shard and time, and is a valid webhook-id", () => {
  fc.assert(
    fc.property(fc.nat({ max: 32 ** 2 - 1 }), at, chance, (shard, ms, random) => {
      const id = newEventId(shard, ms, random);
      assert.match(id, /^evt_[0-9a-z]{24}$/);
      assert.deepEqual(readEventId(id), { shard, at: ms });
    }),
  );
});

test("property: ids sort by time", () => {
  fc.assert(
    fc.property(at, at, chance, (a, b, random) => {
      fc.pre(a !== b);
      assert.equal(newEventId(0, a, random) < newEventId(0, b, random), a < b);
    }),
  );
});

test("other texts are no event ids", () => {
  for (const id of [
    "",
    "evt_",
    "evt_01m80mnz5g00vjbafd9avr5",
    "evt_01M80MNZ5G00VJBAFD9AVR5T",
    "evt_01m80mnz5g00vjbafd9avr5u",
    "x".repeat(28),
  ])
    assert.equal(readEventId(id), null, id);
});
