import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { inFull } from "../../../src/shard/journal/exact-cursor.ts";
import type { Entry } from "../../../src/shard/journal/segment.ts";
import { Cursor } from "../../../src/shard/pump/cursor.ts";
import type { CursorOptions, Readable } from "../../../src/shard/pump/cursor-options.ts";

/** An event in a conversation; what else it holds is of no interest here. */
function entry(position: number, conversation: string | null, quarantined = false): Entry {
  const event = { id: `evt_${position}`, conversation, quarantined, body: "{}" } as Entry["event"];
  return { position, event };
}

/** A journal in memory that hands out small pages. */
class Log implements Readable {
  readonly entries: Entry[] = [];

  get end(): number {
    return (this.entries.at(-1)?.position ?? -1) + 1;
  }

  add(...conversations: (string | null)[]): void {
    for (const conversation of conversations) this.entries.push(entry(this.end, conversation));
  }

  read(from: number) {
    const entries = this.entries.filter(({ position }) => position >= from).slice(0, 3);
    return { entries, next: (entries.at(-1)?.position ?? this.end - 1) + 1 };
  }

  at(position: number): Entry | null {
    return this.entries.find((one) => one.position === position) ?? null;
  }
}

const everything: CursorOptions = {
  ordered: false,
  lookAhead: 128,
  exact: false,
  rule: { matches: () => true },
  blocked: { readsFrom: () => null, isFull: false },
  skip: new Set(),
};
const ordered = { ...everything, ordered: true };
const fromStart = { cursor: 0, underway: [] };

/** The positions that may begin now. */
function begin(cursor: Cursor, most = Number.POSITIVE_INFINITY): number[] {
  const begun: number[] = [];
  while (begun.length < most) {
    const next = cursor.next();
    if (next === null) break;
    if (next !== "later") begun.push(next.position);
  }
  return begun;
}

test("a cursor gives the events that its rule matches, in order, and is idle at the end", () => {
  const log = new Log();
  log.add("a", "b", null, "a", "c");
  const cursor = new Cursor(log, fromStart, {
    ...everything,
    rule: { matches: ({ conversation }) => conversation !== "b" },
  });
  assert.equal(cursor.idle, false);
  assert.deepEqual(begin(cursor), [0, 2, 3, 4]);
  assert.equal(cursor.position, 5);
  assert.deepEqual(cursor.underway, [0, 2, 3, 4]);
  for (const position of [3, 0, 4, 2]) cursor.done(position);
  assert.equal(cursor.idle, true);
  log.add("d");
  assert.equal(cursor.idle, false);
  assert.deepEqual(begin(cursor), [5]);
});

test("quarantined events are passed by", () => {
  const log = new Log();
  log.entries.push(entry(0, "a", true), entry(1, "a"));
  assert.deepEqual(begin(new Cursor(log, fromStart, everything)), [1]);
});

test("with order, a conversation has one post under way, and other conversations go on", () => {
  const log = new Log();
  log.add("a", "a", "b", null, null, "a", "b");
  const cursor = new Cursor(log, fromStart, ordered);
  assert.deepEqual(begin(cursor), [0, 2, 3, 4]);
  assert.deepEqual(cursor.underway, [0, 1, 2, 3, 4, 5, 6]);
  cursor.done(0);
  assert.deepEqual(begin(cursor), [1]);
  cursor.done(2);
  cursor.done(1);
  assert.deepEqual(begin(cursor).sort(), [5, 6]);
});

test("events of a blocked conversation are passed by", () => {
  const log = new Log();
  log.add("a", "a", "b", "a");
  const blocked = new Set<string>();
  const cursor = new Cursor(log, fromStart, {
    ...ordered,
    blocked: { isFull: false, readsFrom: (conversation) => (blocked.has(conversation) ? 0 : null) },
  });
  assert.deepEqual(begin(cursor), [0, 2]);
  blocked.add("a");
  cursor.done(0);
  cursor.leave("a");
  log.add("a", "b");
  cursor.done(2);
  assert.deepEqual(begin(cursor), [5]);
  assert.deepEqual(cursor.underway, [5]);
});

test("an event that stands before its blocked conversation is given again after a restart", () => {
  const log = new Log();
  log.add("a", "a");
  // The first event was delivered, and the second one failed; then a crash came before a row recorded the first.
  const cursor = new Cursor(log, fromStart, {
    ...ordered,
    blocked: { isFull: false, readsFrom: (conversation) => (conversation === "a" ? 2 : null) },
    skip: new Set([1]),
  });
  assert.deepEqual(begin(cursor), [0]);
  assert.equal(cursor.isOrdered(0), false, "a repeat is outside the order");
});

test("events from `until` on are left for another run", () => {
  const log = new Log();
  log.add("a", "b");
  const cursor = new Cursor(log, fromStart, everything);
  const { end } = log;
  assert.equal((cursor.next(undefined, end) as Entry).position, 0);
  log.add("c");
  assert.equal((cursor.next(undefined, end) as Entry).position, 1);
  assert.equal(cursor.next(undefined, end), null);
  assert.equal(cursor.position, 2);
  assert.ok(!cursor.idle);
  assert.deepEqual(begin(cursor), [2]);
});

test("events of one conversation may share a batch, but do not pass one that is under way", () => {
  const log = new Log();
  log.add("a", "a", "b", "a");
  const cursor = new Cursor(log, fromStart, ordered);
  assert.deepEqual(begin(cursor, 1), [0]);
  const batch: number[] = [];
  const joining = new Set<string>();
  for (let next = cursor.next(joining); next !== null && next !== "later"; next = cursor.next(joining)) {
    batch.push(next.position);
    joining.add(next.event.conversation!);
  }
  assert.deepEqual(batch, [2]);
  cursor.done(0);
  const after: number[] = [];
  joining.clear();
  for (let next = cursor.next(joining); next !== null && next !== "later"; next = cursor.next(joining)) {
    after.push(next.position);
    joining.add(next.event.conversation!);
  }
  assert.deepEqual(after, [1, 3]);
});

test("reading stops at the look-ahead limit, and goes on when the lane moves", () => {
  const log = new Log();
  log.add(...Array.from({ length: 400 }, () => "a"), "b");
  const cursor = new Cursor(log, fromStart, ordered);
  assert.deepEqual(begin(cursor), [0]);
  assert.ok(cursor.position < 300);
  for (let position = 0; position < 400; position++) {
    cursor.done(position);
    const next = begin(cursor);
    assert.ok(next.includes(position + 1) || position === 399, `${position} is followed by ${next}`);
  }
  assert.deepEqual(cursor.underway, [400]);
});

test("after a restart, events under way come first, except those settled or in the retry list", () => {
  const log = new Log();
  log.add("a", "b", "c", "d", "e");
  const cursor = new Cursor(log, { cursor: 4, underway: [0, 2, 3] }, { ...ordered, skip: new Set([2, 4]) });
  assert.deepEqual(cursor.underway, [0, 3]);
  assert.deepEqual(begin(cursor), [0, 3]);
  assert.equal(cursor.position, 5);
});

test("a cursor held back by order records the first held event and the deliveries since", () => {
  const log = new Log();
  log.add("a", ...Array.from({ length: 50 }, () => "a"), "b");
  const cursor = new Cursor(log, fromStart, ordered);
  assert.deepEqual(begin(cursor), [0, 51]);
  assert.deepEqual(cursor.state, { cursor: 0, underway: [] });
  cursor.done(51);
  assert.deepEqual(cursor.state, { cursor: 0, underway: [], done: [51] });
  const again = new Cursor(log, cursor.state, ordered);
  assert.deepEqual(begin(again), [0]);
  assert.deepEqual(again.state, { cursor: 0, underway: [], done: [51] });
  for (let position = 0; position < 51; position++) {
    again.done(position);
    begin(again);
  }
  assert.equal(again.idle, true);
  assert.deepEqual(again.state, { cursor: 52, underway: [] });
});

test("a cursor records the positions under way if these are fewer than the deliveries since", () => {
  const log = new Log();
  log.add(...Array.from({ length: 500 }, (_, n) => `group ${n}`));
  const cursor = new Cursor(log, fromStart, ordered);
  for (let count = 0; count < 500; count++) begin(cursor, 1);
  for (let position = 1; position < 500; position++) cursor.done(position);
  assert.deepEqual(cursor.state, { cursor: 500, underway: [0] });
});

test("an exact cursor gives after a restart the positions under way and no others, however many there are", () => {
  const log = new Log();
  log.add(...Array.from({ length: 1_000 }, () => null));
  const cursor = new Cursor(log, fromStart, { ...everything, exact: true });
  begin(cursor, 900);
  for (let position = 100; position < 500; position++) cursor.done(position);
  const left = Array.from({ length: 900 }, (_, n) => n).filter((n) => n < 100 || n >= 500);
  const row = JSON.stringify(cursor.state);
  assert.ok(row.length < 2_500, `${row.length} characters`);
  const again = new Cursor(log, inFull(JSON.parse(row)), { ...everything, exact: true });
  assert.deepEqual(again.underway, left);
  assert.deepEqual(begin(again), [...left, ...Array.from({ length: 100 }, (_, n) => 900 + n)]);
  // The version before reads the rest of the row: it loses no event.
  const { exact, ...before } = JSON.parse(row);
  assert.equal(exact.length, 501);
  assert.ok(left.every((position) => position >= before.cursor && !before.done?.includes(position)));
});

test("an exact cursor whose first events retention has taken goes on with the rest", () => {
  const log = new Log();
  log.add(...Array.from({ length: 500 }, () => null));
  const cursor = new Cursor(log, fromStart, { ...everything, exact: true });
  begin(cursor, 400);
  for (const [gone, next] of [
    [100, 400],
    [450, 450],
  ] as const) {
    const again = new Cursor(log, inFull({ ...cursor.state, cursor: gone, done: [] }), everything);
    assert.deepEqual(again.underway.length, Math.max(0, 400 - gone));
    assert.equal(again.position, next);
  }
});

test("after two restarts, an event whose delivery the first start knew is not sent again", () => {
  const log = new Log();
  log.add("a", "a", "b", "a", "c");
  const restarted = new Cursor(log, { cursor: 5, underway: [0, 1, 3] }, ordered);
  assert.deepEqual(begin(restarted), [0]);
  assert.deepEqual(restarted.state, { cursor: 5, underway: [0, 1, 3] });
  const again = new Cursor(log, restarted.state, everything);
  assert.deepEqual(begin(again), [0, 1, 3]);
});

test("a conversation that is blocked leaves the positions of its lane", () => {
  const log = new Log();
  log.add("a", "b", "a", "a");
  const cursor = new Cursor(log, fromStart, ordered);
  assert.deepEqual(begin(cursor), [0, 1]);
  cursor.done(0);
  assert.deepEqual(cursor.leave("a"), [2, 3]);
  assert.deepEqual(cursor.underway, [1]);
});

test("a conversation that is blocked leaves events that were begun for a batch, and not sent", () => {
  const log = new Log();
  log.add("a", "a", "b", "a");
  const cursor = new Cursor(log, fromStart, ordered);
  for (const joining of [[], ["a"], ["a"]]) cursor.next(new Set(joining));
  cursor.done(0);
  assert.deepEqual(cursor.leave("a"), [1]);
  assert.deepEqual(cursor.underway, [2]);
  assert.equal(cursor.hasBegun(1), false);
});

test("a conversation that is blocked leaves events that were under way before a restart", () => {
  const log = new Log();
  log.add("a", "b", "a", "b");
  const cursor = new Cursor(log, { cursor: 4, underway: [0, 1, 2] }, ordered);
  assert.deepEqual(begin(cursor, 1), [0]);
  cursor.done(0);
  assert.deepEqual(cursor.leave("a"), [2]);
  assert.deepEqual(begin(cursor), [1]);
});

test("truncating moves the cursor on and drops positions before it", () => {
  const log = new Log();
  log.add("a", "b", "c", "d");
  const cursor = new Cursor(log, { cursor: 3, underway: [0, 1] }, everything);
  cursor.truncateBefore(1);
  assert.deepEqual(begin(cursor), [1, 3]);
  cursor.truncateBefore(10);
  assert.equal(cursor.position, 10);
});

/** The steps in a cursor's life: events come, posts end, the shard restarts from the state last noted. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("add" as const),
      conversation: fc.constantFrom("a", "b", "c", null),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("begin" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

test("property: no event is lost, and a conversation's first attempts go one at a time, in order", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), fc.boolean(), (happenings, isOrdered) => {
      const log = new Log();
      const options = { ...everything, ordered: isOrdered };
      let cursor = new Cursor(log, fromStart, options);
      const delivered = new Set<number>();
      let underway: Entry[] = [];
      const start = () => {
        const next = cursor.next();
        if (next === null || next === "later") return;
        const { conversation } = next.event;
        if (isOrdered && conversation !== null) {
          assert.ok(!underway.some(({ event }) => event.conversation === conversation), "one at a time");
          const earlier = log.entries.filter(
            (one) => one.event.conversation === conversation && one.position < next.position,
          );
          assert.ok(
            earlier.every(({ position }) => delivered.has(position)),
            "in order",
          );
        }
        // So few ended while an earlier one was under way that all of them are recorded.
        assert.ok(!delivered.has(next.position), "once");
        underway.push(next);
      };
      const end = (which: number) => {
        const [ended] = underway.splice(which % underway.length, 1);
        delivered.add(ended!.position);
        cursor.done(ended!.position);
      };
      for (const one of happenings) {
        if (one.do === "add") log.add(one.conversation);
        if (one.do === "begin") start();
        if (one.do === "end" && underway.length > 0) end(one.which);
        if (one.do === "restart") {
          cursor = new Cursor(log, JSON.parse(JSON.stringify(cursor.state)), options);
          underway = [];
        }
      }
      for (let rounds = 0; !cursor.idle && rounds < 1_000; rounds++) {
        start();
        if (underway.length > 0) end(rounds);
      }
      assert.deepEqual(
        [...delivered].sort((a, b) => a - b),
        log.entries.map(({ position }) => position),
      );
    }),
    { numRuns: 300 },
  );
});

test("where too many conversations are blocked, the journal is not read on until one is released", () => {
  const log = new Log();
  log.add("a", "b", "c");
  const blocked = { readsFrom: () => null, isFull: false };
  const cursor = new Cursor(log, fromStart, { ...ordered, blocked });
  assert.deepEqual(begin(cursor, 1), [0]);
  blocked.isFull = true;
  assert.deepEqual(begin(cursor), []);
  assert.equal(cursor.position, 1);
  assert.equal(cursor.idle, false);
  blocked.isFull = false;
  assert.deepEqual(begin(cursor), [1, 2]);
});
