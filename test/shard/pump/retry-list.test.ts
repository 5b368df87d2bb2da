import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noAttempts } from "../../../src/shard/pump/attempts.ts";
import { type NewRetry, RetryList } from "../../../src/shard/pump/retry-list.ts";
import { newSql } from "../sqlite.ts";

const entry = (position: number, more: Partial<NewRetry> = {}): NewRetry => ({
  destination: "audit",
  due: 1_000,
  positions: [position],
  failures: 1,
  attempts: noAttempts,
  ...more,
});

test("entries are due from their time on, the longest overdue first", () => {
  const list = new RetryList(newSql());
  list.add(entry(1, { due: 2_000 }));
  list.add(entry(2, { due: 1_000 }));
  list.add(entry(3, { due: 3_000, destination: "other" }));
  assert.equal(list.earliest("audit"), 1_000);
  assert.deepEqual(list.rows.due("audit", 999, 5), []);
  assert.deepEqual(
    list.rows.due("audit", 2_000, 5).map(({ positions }) => positions),
    [[2], [1]],
  );
  assert.equal(list.earliest("nobody"), Number.POSITIVE_INFINITY);
});

test("whether the list holds a delivery is told without reading its attempts", () => {
  const sql = newSql();
  const read: string[] = [];
  const list = new RetryList({
    exec(text, ...bindings) {
      if (/SELECT[^(]*\battempts\b/.test(text)) read.push(text);
      return sql.exec(text, ...bindings);
    },
  });
  list.add(entry(1));
  list.add(entry(4, { positions: [4, 6] }));
  assert.deepEqual(
    [1, 2, 4, 5, 6].filter((position) => list.rows.has("audit", position)),
    [1, 4, 6],
  );
  assert.equal(list.rows.has("other", 1), false);
  assert.deepEqual(read, []);
  assert.ok(list.rows.find("audit", 6));
  assert.equal(read.length, 1);
});

test("an added entry becomes due, also after every due entry had begun", () => {
  const list = new RetryList(newSql());
  list.add(entry(1));
  assert.equal(list.nextAfter("audit", 5_000), Number.POSITIVE_INFINITY);
  list.add(entry(2, { due: 4_000 }));
  assert.equal(list.earliest("audit"), 4_000);
});

test("an entry behind another is due only when that one has left the list", () => {
  const list = new RetryList(newSql());
  list.add(entry(1));
  list.add(entry(2, { behind: 1 }));
  list.add(entry(3, { behind: 2 }));
  const due = () => list.rows.due("audit", 9_000, 5).map(({ positions }) => positions[0]);
  assert.deepEqual(due(), [1]);
  assert.equal(list.nextAfter("audit", 9_000), Number.POSITIVE_INFINITY);
  const first = list.rows.find("audit", 1)!;
  list.postpone(first, entry(1, { due: 8_000, failures: 2 }));
  assert.deepEqual(due(), [1]);
  list.remove(list.rows.find("audit", 1)!);
  assert.deepEqual(due(), [2]);
  assert.ok(list.earliest("audit") <= 1_000);
});

test("dropping a day releases the entries behind its own", () => {
  const list = new RetryList(newSql());
  list.add(entry(1));
  list.add(entry(10, { behind: 1 }));
  assert.deepEqual([...list.dropBefore(5)], [["audit", 1]]);
  assert.deepEqual(
    list.rows.due("audit", 9_000, 5).map(({ positions }) => positions[0]),
    [10],
  );
});

test("reading the list anew releases an entry whose predecessor is gone", () => {
  const sql = newSql();
  const list = new RetryList(sql);
  list.add(entry(1));
  list.add(entry(2, { behind: 1 }));
  sql.exec("DELETE FROM retry WHERE position = 1");
  assert.equal(new RetryList(sql).rows.due("audit", 9_000, 5).length, 1);
});

test("renewing an event takes it out of its batch", () => {
  const list = new RetryList(newSql());
  list.add(entry(1, { positions: [1, 2, 3], failures: 1 }));
  assert.equal(list.renew("audit", 2, 500, "single"), true);
  assert.deepEqual(list.rows.find("audit", 3)?.positions, [1, 3]);
  assert.deepEqual(list.rows.find("audit", 2), {
    destination: "audit",
    due: 500,
    positions: [2],
    failures: 0,
    behind: null,
    replay: "single",
    attempts: noAttempts,
  });
  assert.equal(list.renew("audit", 9, 500, "single"), false);
  assert.equal(list.counts.get("audit"), 3);
});

test("renewing an entry keeps the chain of entries behind it", () => {
  const list = new RetryList(newSql());
  list.add(entry(1));
  list.add(entry(2, { behind: 1 }));
  list.add(entry(3, { behind: 2 }));
  const due = () => list.rows.due("audit", 9_000, 5).map(({ positions }) => positions[0]);
  list.renew("audit", 1, 2_000, "single");
  assert.deepEqual(due(), [1]);
  list.renew("audit", 2, 3_000, "single");
  assert.deepEqual(due(), [1, 2]);
  list.remove(list.rows.find("audit", 2)!);
  assert.deepEqual(due(), [1]);
  list.remove(list.rows.find("audit", 1)!);
  assert.deepEqual(due(), [3]);
});

test("an event is taken out of its batch, and out of a chain of entries", () => {
  const list = new RetryList(newSql());
  list.add(entry(4, { positions: [4, 5, 6] }));
  assert.equal(list.take("audit", 5), noAttempts);
  assert.deepEqual(list.rows.find("audit", 6)?.positions, [4, 6]);
  assert.equal(list.take("audit", 5), null);
  assert.equal(list.counts.get("audit"), 2);

  list.add(entry(1));
  list.add(entry(2, { behind: 1 }));
  list.add(entry(3, { behind: 2 }));
  const due = () => list.rows.due("audit", 9_000, 5).flatMap(({ positions }) => positions);
  list.take("audit", 2);
  assert.deepEqual(due(), [1, 4, 6]);
  list.take("audit", 1);
  assert.deepEqual(due(), [3, 4, 6]);
});

test("property: counts equal the rows, also after reading the list anew", () => {
  const step = fc.record({
    kind: fc.constantFrom("add", "batch", "renew", "take", "remove", "drop"),
    position: fc.integer({ min: 1, max: 30 }),
    destination: fc.constantFrom("a", "b"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const sql = newSql();
      const list = new RetryList(sql);
      for (const { kind, position, destination } of steps) {
        const found = list.rows.find(destination, position);
        if (kind === "add" && !found) list.add(entry(position, { destination }));
        if (kind === "batch" && [0, 1, 2].every((n) => !list.rows.find(destination, position + n)))
          list.add(entry(position, { destination, positions: [position, position + 1, position + 2] }));
        if (kind === "renew") list.renew(destination, position, 7, "single");
        if (kind === "take") assert.equal(list.take(destination, position) !== null, found !== null);
        if (kind === "remove" && found) list.remove(found);
        if (kind === "drop" && position < 10) list.dropBefore(position);
      }
      const rows = sql
        .exec<{ destination: string; events: number }>(
          "SELECT destination, sum(coalesce(json_array_length(positions), 1)) AS events FROM retry GROUP BY destination",
        )
        .toArray();
      const counted = Object.fromEntries(rows.map(({ destination, events }) => [destination, events]));
      assert.deepEqual(Object.fromEntries(list.counts), counted);
      assert.deepEqual(Object.fromEntries(new RetryList(sql).counts), counted);
    }),
  );
});

test("a table of the version before is read", () => {
  const sql = newSql();
  sql.exec(
    "CREATE TABLE retry (destination TEXT NOT NULL, due INTEGER NOT NULL, position INTEGER NOT NULL, last INTEGER NOT NULL, positions TEXT, failures INTEGER NOT NULL, attempts TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (destination, due, position)) WITHOUT ROWID",
  );
  sql.exec("INSERT INTO retry VALUES ('audit', 5, 1, 3, '[1,2,3]', 1, '[]', 1)");
  const list = new RetryList(sql);
  assert.deepEqual(list.rows.due("audit", 9, 5), [
    { destination: "audit", due: 5, positions: [1, 2, 3], failures: 1, behind: null, replay: null },
  ]);
  assert.equal(new RetryList(sql).counts.get("audit"), 3);
});

test("entries of an event, and entries behind one, are found by an index", () => {
  const sql = newSql();
  new RetryList(sql);
  for (const [text, index] of [
    [
      "SELECT due FROM retry INDEXED BY retry_single WHERE positions IS NULL AND position BETWEEN 1 AND 2",
      "retry_single (position>? AND position<?)",
    ],
    [
      "SELECT due FROM retry INDEXED BY retry_behind WHERE behind IS NOT NULL AND destination = 'a' AND behind = 1",
      "retry_behind (destination=? AND behind=?)",
    ],
    [
      "SELECT min(due) FROM retry INDEXED BY retry_free WHERE behind IS NULL AND destination = 'a' AND due > 1",
      "retry_free (destination=? AND due>?)",
    ],
  ] as const)
    assert.ok(sql.plan(text).includes(index), sql.plan(text));
});

test("removing one entry of a long list, and reading it anew, scan no rows", () => {
  const sql = newSql();
  const list = new RetryList(sql);
  const count = 20_000;
  for (let position = 1; position <= count; position++)
    list.add(entry(position, { behind: position % 2 ? null : position - 1 }));
  assert.equal(new RetryList(sql).counts.get("audit"), count);
  for (let position = 1; position <= count; position++) list.remove(list.rows.find("audit", position)!);
  assert.equal(list.counts.get("audit"), undefined);
});

test("a shard that wakes counts its list when the counts are first asked for", () => {
  const sql = newSql();
  const before = new RetryList(sql);
  for (const position of [1, 2, 3]) before.add(entry(position));
  before.add(entry(4, { positions: [4, 6] }));
  before.add(entry(8, { destination: "other" }));

  const counting: string[] = [];
  const woken = new RetryList({
    exec(text, ...bindings) {
      if (text.includes("count(")) counting.push(text);
      return sql.exec(text, ...bindings);
    },
  });
  woken.add(entry(9));
  assert.deepEqual(counting, []);
  assert.deepEqual(Object.fromEntries(woken.counts), { audit: 6, other: 1 });
  woken.add(entry(10));
  assert.equal(woken.forget("other"), 1);
  assert.deepEqual(Object.fromEntries(woken.counts), { audit: 7 });
  assert.equal(counting.length, 1);
  assert.equal(new RetryList(sql).forget("audit"), 7);
});
