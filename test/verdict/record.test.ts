import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Event, type Verdict, verdictSources } from "../../src/callback/event.ts";
import { packEvent } from "../../src/shard/journal/packed-event.ts";
import { packSegment, unpackSegment } from "../../src/shard/journal/segment.ts";
import { eventWith } from "../delivery/sample.ts";

const progress = { destinations: {}, delivered: [] };
const unpacked = (...events: Event[]) =>
  unpackSegment(
    packSegment(
      7,
      events.map((event) => packEvent(event)),
      progress,
    ),
  ).map(({ event }) => event);

const how = fc.constantFrom(...verdictSources);
const name = fc.string({ minLength: 1, maxLength: 40 });
const verdict: fc.Arbitrary<Verdict> = fc.record(
  {
    rule: fc.option(name),
    code: fc.integer(),
    ms: fc.nat(),
    how,
    reason: name,
    shadows: fc.array(fc.record({ rule: name, code: fc.option(fc.integer()) }, { noNullPrototype: true })),
  },
  { requiredKeys: ["rule", "code", "ms", "how", "shadows"], noNullPrototype: true },
);

test("property: a verdict is stored with its event unchanged, with and without issues", () => {
  fc.assert(
    fc.property(verdict, fc.boolean(), (verdict, valid) => {
      const issues = valid ? [] : [{ path: "MsgBody", message: "is missing" }];
      const judged = eventWith({ phase: "before", verdict, valid, issues });
      const unjudged = eventWith({ valid, issues });
      assert.deepEqual(unpacked(judged, unjudged), [judged, unjudged]);
    }),
  );
});

test("an event without a verdict is stored as by earlier versions", () => {
  const { heads } = packSegment(7, [packEvent(eventWith())], progress);
  assert.equal(JSON.parse(heads)[0].length, 11);
});
