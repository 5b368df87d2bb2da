import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Event, Verdict } from "../../../src/callback/event.ts";
import { newRelayEvent } from "../../../src/callback/relay-events.ts";
import {
  type EventTuple,
  type PackedEvent,
  packEvent,
  unpackEvent,
} from "../../../src/shard/journal/packed-event.ts";
import {
  largestSegment,
  packSegment,
  split,
  unpackFingerprints,
  unpackSegment,
  weightOf,
} from "../../../src/shard/journal/segment.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });

/** Of an event, what need not be there is `via` and `verdict`. */
const allButSome = [
  "id",
  "command",
  "phase",
  "known",
  "valid",
  "quarantined",
  "app",
  "conversation",
  "receivedAt",
  "clientIp",
  "platform",
  "query",
  "body",
  "size",
  "issues",
] as const;

const verdict = fc.record<Verdict>(
  {
    rule: maybe(text),
    code: fc.nat(),
    ms: fc.nat(),
    how: fc.constantFrom("answered", "default"),
    shadows: fc.constant([]),
  },
  { noNullPrototype: true },
);

const event: fc.Arbitrary<Event> = fc.record(
  {
    id: text,
    command: text,
    phase: fc.constantFrom("before" as const, "after" as const),
    known: fc.boolean(),
    valid: fc.boolean(),
    quarantined: fc.boolean(),
    app: text,
    conversation: maybe(text),
    receivedAt: fc.nat({ max: 4e12 }),
    clientIp: maybe(text),
    platform: maybe(text),
    query: text,
    body: fc.json({ noUnicodeString: false }),
    size: fc.nat(),
    issues: fc.array(fc.record({ path: text, message: text }, { noNullPrototype: true }), { maxLength: 3 }),
    via: fc.string({ minLength: 1, maxLength: 20 }),
    verdict,
  },
  { noNullPrototype: true, requiredKeys: [...allButSome] },
);

const marks = fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 3 });

const progress = { destinations: { audit: { cursor: 7, underway: [5, 6] } }, delivered: [] };

test("property: a segment unpacks to its events, their positions and fingerprints", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ event, marks }), { maxLength: 8 }), fc.nat(), (some, position) => {
      const packed = some.map(({ event, marks }) => packEvent(event, marks));
      const segment = packSegment(position, packed, progress);
      assert.deepEqual(
        unpackSegment(segment),
        some.map(({ event }, index) => ({ position: position + index, event })),
      );
      assert.deepEqual(
        [...unpackFingerprints(segment.marks)],
        some.flatMap(({ marks }) => marks),
      );
      assert.equal(segment.count, some.length);
      const { kinds = "", ...news } = JSON.parse(segment.news);
      assert.deepEqual(news, progress);
      for (const { event } of some) {
        if (event.quarantined && !event.valid) assert.ok(kinds.includes("q"));
        if (event.verdict && event.verdict.code !== 0) assert.ok(kinds.includes("r"));
      }
      assert.equal(some.length > 0, segment.news.startsWith(`{"kinds":"${kinds}",`));
    }),
  );
});

test("a relay event is quarantined for a version that does not know relay events, and for no later one", () => {
  const telling = { command: "Relay.DeadLetter", body: { destination: "audit" } } as const;
  const event = newRelayEvent(telling, Date.UTC(2026, 10, 27), new Uint8Array(12));
  const { head, body } = packEvent(event);
  const tuple: EventTuple = JSON.parse(head);
  const quarantinedBefore = 8;
  assert.equal(tuple[2] & quarantinedBefore, quarantinedBefore);
  assert.deepEqual(unpackEvent(tuple, body), event);
});

test("property: splitting keeps every event in order, in rows below SQLite's limit", () => {
  const heavy = fc
    .tuple(event, marks, fc.nat({ max: 1024 * 1024 }))
    .map(([event, marks, size]): PackedEvent => packEvent({ ...event, size }, marks));
  fc.assert(
    fc.property(fc.array(heavy, { maxLength: 12 }), (some) => {
      const rows = split(some);
      assert.deepEqual(rows.flat(), some);
      for (const row of rows)
        assert.ok(row.length === 1 || row.reduce((sum, one) => sum + weightOf(one), 0) <= largestSegment);
      assert.ok(rows.every((row) => row.length > 0));
    }),
  );
});
