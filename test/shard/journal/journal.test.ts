import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Journal } from "../../../src/shard/journal/journal.ts";
import { type PackedEvent, packEvent } from "../../../src/shard/journal/packed-event.ts";
import type { ProgressRecord } from "../../../src/shard/journal/progress-record.ts";
import { everyRow, type Sieve } from "../../../src/shard/journal/sieve.ts";
import type { Direction } from "../../../src/shard/journal/sift.ts";
import { eventWith } from "../../delivery/sample.ts";
import { times } from "../../support/repetition.ts";
import { newSql, withoutTransactions } from "../sqlite.ts";

const progress: ProgressRecord = { destinations: {}, delivered: [] };
const start = Date.UTC(2026, 10, 22, 23, 59, 0);

function arrived(body: string, receivedAt: number): PackedEvent {
  return packEvent(eventWith({ receivedAt, body }), [1]);
}

/** Commits of events with bodies from small to the largest, progress alone, days that end, and new starts. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      sizes: fc.array(fc.constantFrom(1, 600_000, 1_048_576), { minLength: 1, maxLength: 3 }),
      ms: fc.constantFrom(0, 3, 1_000, 70_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("note" as const), ms: fc.constantFrom(0, 1_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const) }) },
);

test("property: the journal gives every event in order, from any position, in both directions, whatever the sizes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const sql = newSql();
      let journal = new Journal(sql);
      let now = start;
      let count = 0;
      let followed = 0;
      const seen: string[] = [];
      /** A reader that keeps up: it reads on where it stopped. */
      const follow = () => {
        for (;;) {
          const { entries, index, next } = journal.read(followed);
          assert.ok(next >= followed, "it never goes back");
          for (const { event } of entries.slice(index)) seen.push(event.body.split(" ")[0]!);
          followed = next;
          if (index >= entries.length) return;
        }
      };
      for (const one of steps) {
        if (one.do === "append") {
          now += one.ms;
          const events = one.sizes.map((size) => arrived(`${count++} ${"x".repeat(size)}`, now));
          journal.append(events, progress, now, withoutTransactions);
        }
        if (one.do === "note") {
          now += one.ms;
          journal.note(progress, now);
        }
        if (one.do === "restart") journal = new Journal(sql);
        if (one.do === "read") follow();
      }
      follow();
      const all = Array.from({ length: count }, (_, n) => String(n));
      assert.deepEqual(seen, all);
      assert.equal(journal.countFrom(0), count);

      const positions: number[] = [];
      for (let from = 0; ; ) {
        const { entries, index, next } = journal.read(from);
        if (index >= entries.length) break;
        positions.push(...entries.slice(index).map(({ position }) => position));
        from = next;
      }
      assert.equal(positions.length, count);
      for (const [n, position] of positions.entries())
        assert.equal(journal.at(position)?.event.body.split(" ")[0], String(n));
      assert.equal(journal.at(journal.end), null);

      const sifted = (direction: Direction, start: number, sieve: Sieve) => {
        const found: string[] = [];
        for (let at: number | null = start; at !== null; ) {
          const { entries, next } = journal.sift(direction, at, sieve);
          found.push(...entries.map(({ event }) => event.body.split(" ")[0]!));
          at = next;
        }
        return found;
      };
      assert.deepEqual(sifted("before", journal.end, everyRow), all.toReversed());
      assert.deepEqual(sifted("from", 0, everyRow), all);
      for (const n of new Set([0, count >> 1, count - 1])) {
        const position = positions[n];
        if (position === undefined) continue;
        assert.deepEqual(sifted("before", position, everyRow), all.slice(0, n).reverse());
        assert.deepEqual(sifted("from", position, everyRow), all.slice(n));
        const sieve = { heads: ["evt_"], bodies: [`${n} `, "nothing"], notNews: ["["] };
        assert.deepEqual(sifted("from", 0, { heads: [], bodies: [], notNews: ["{"] }), []);
        assert.ok(sifted("from", 0, sieve).includes(String(n)));
        assert.ok(sifted("before", journal.end, sieve).includes(String(n)));
      }
      assert.deepEqual(sifted("before", journal.end, { heads: [], bodies: ["nothing"], notNews: [] }), []);
    }),
    // Each run writes megabytes.
    { numRuns: 40 * times },
  );
});

test("reading beyond the journal's end gives nothing at once", () => {
  const journal = new Journal(newSql());
  journal.append([arrived("{}", start)], progress, start, withoutTransactions);
  const from = journal.end + 1_000_000;
  assert.deepEqual(journal.read(from).entries, []);
  assert.equal(journal.read(from).next, from);
});

test("no way of reading gives events of a dropped day", () => {
  const journal = new Journal(newSql());
  journal.append([arrived("a", start)], progress, start, withoutTransactions);
  const { entries } = journal.read(0);
  journal.append([arrived("b", start)], progress, start + 86_400_000, withoutTransactions);
  journal.read(0);
  journal.drop(journal.days[0]!);
  assert.equal(journal.at(entries[0]!.position), null);
  assert.deepEqual(
    journal.read(0).entries.map(({ event }) => event.body),
    ["b"],
  );
});

test("a row that is written anew gives its events from memory and from storage, at their positions", () => {
  const sql = newSql();
  const journal = new Journal(sql);
  journal.append([arrived("one", start), arrived("two", start)], progress, start, withoutTransactions);
  journal.append([arrived("three", start + 90_000)], progress, start + 90_000, withoutTransactions);
  const before = journal.row(0)!;
  assert.equal(journal.read(0).entries[0]!.event.body, "one");
  const rewritten = before.entries.map(({ position, event }) =>
    event.body === "two"
      ? { position, event: { ...event, body: "", size: 0, erased: true as const } }
      : { position, event },
  );
  journal.rewrite(rewritten);
  for (const one of [journal, new Journal(sql)]) {
    const first = one.row(0)!;
    assert.deepEqual(first, { entries: rewritten, next: before.next });
    const later = one.row(first.next)!;
    assert.deepEqual(
      later.entries.map(({ event }) => event.body),
      ["three"],
    );
    assert.equal(one.row(later.next), null);
    assert.deepEqual(one.at(rewritten[1]!.position), rewritten[1]);
    assert.deepEqual(one.read(0).entries[1], rewritten[1]);
  }
});
