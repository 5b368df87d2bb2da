/** Rows of the journal that cannot be read, without a platform. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { silenceProblem } from "../../src/http/problems.ts";
import { Journal } from "../../src/shard/journal/journal.ts";
import { packEvent } from "../../src/shard/journal/packed-event.ts";
import { everyRow } from "../../src/shard/journal/sieve.ts";
import { storageFault } from "../../src/shard/storage-fault.ts";
import { eventWith } from "../delivery/sample.ts";
import { newSql, withoutTransactions } from "../shard/sqlite.ts";
import { noon, TestShard } from "../shard/test-shard.ts";

const table = "segment_20261122";

/** Three rows of two events each, whose progress records hold the cursors 1, 2 and 3. */
function journalOf(sql: ReturnType<typeof newSql>): number[] {
  const journal = new Journal(sql);
  return [1, 2, 3].map((cursor) => {
    const position = journal.end;
    const bodies = [`"${cursor}a"`, `"${cursor}b"`];
    const events = bodies.map((body) => packEvent(eventWith({ body }), [cursor]));
    const destinations = { audit: { cursor, underway: [] } };
    journal.append(events, { destinations, delivered: [] }, noon + cursor, withoutTransactions);
    return Math.max(position, journal.end - 2);
  });
}

const damages = {
  "torn heads": "heads = substr(heads, 1, 40)",
  "no heads": "heads = ''",
  "heads of another kind": "heads = 'null'",
  "heads of fewer events": "heads = '[]', bodies = ''",
  "shortened bodies": "bodies = substr(bodies, 1, 5)",
  "lengthened bodies": "bodies = bodies || ' '",
};

for (const [name, change] of Object.entries(damages))
  test(`a row with ${name} costs its own events, from wherever it is read`, () => {
    const sql = newSql();
    const positions = journalOf(sql);
    const middle = positions[1]!;
    sql.exec(`UPDATE ${table} SET ${change} WHERE position = ?`, middle);
    const journal = new Journal(sql);
    const expected = ['"1a"', '"1b"', '"3a"', '"3b"'];
    const { entries } = journal.read(0);
    assert.deepEqual(
      entries.map(({ event }) => event.body),
      expected,
    );
    assert.deepEqual(
      journal.sift("before", journal.end, everyRow).entries.map(({ event }) => event.body),
      expected.toReversed(),
    );
    assert.deepEqual(
      new Journal(sql).read(middle).entries.map(({ event }) => event.body),
      ['"3a"', '"3b"'],
    );
    assert.equal(new Journal(sql).at(middle), null);
    assert.deepEqual(journal.damaged.all, [{ position: middle, events: 2 }]);
  });

test("a torn progress record is passed over, and the one before it counts", () => {
  const sql = newSql();
  const positions = journalOf(sql);
  sql.exec(`UPDATE ${table} SET news = '{"destinations":' WHERE position = ?`, positions[2]!);
  const journal = new Journal(sql);
  assert.equal(journal.latestProgress().destinations.audit?.cursor, 2);
  assert.equal(journal.read(0).entries.length, 6);
  assert.deepEqual(journal.damaged.all, [{ position: positions[2], events: 0 }]);
});

test("a row of a later version is no damage: it must not be passed over", () => {
  const sql = newSql();
  const positions = journalOf(sql);
  sql.exec(`UPDATE ${table} SET format = 2 WHERE position = ?`, positions[1]!);
  const journal = new Journal(sql);
  assert.throws(() => journal.read(0), /rows of a later version \(format 2\)/);
  assert.deepEqual(journal.damaged.all, []);
});

test("damaged rows are remembered over a start, until their day is dropped", () => {
  const sql = newSql();
  let memory: [number, number][] | null = null;
  const store = {
    read: () => memory,
    write: ({ damaged: rows }: { damaged: [number, number][] }) => {
      memory = rows;
    },
  };
  const positions = journalOf(sql);
  sql.exec(`UPDATE ${table} SET heads = '' WHERE position = ?`, positions[0]!);
  new Journal(sql, store).read(0);
  const journal = new Journal(sql, store);
  assert.deepEqual(journal.damaged.all, [{ position: positions[0], events: 2 }]);
  journal.drop("20261122");
  assert.deepEqual(new Journal(sql, store).damaged.all, []);
});

/** A shard whose destination was paused while three events came, started again; then the first one's row changes. */
async function resumedAfter(change: string): Promise<TestShard> {
  const shard = await new TestShard([{ name: "audit", url: "https://a.example.com/" }]).start();
  shard.stages.coordinator.steer("audit", "pause");
  for (let n = 0; n < 3; n++) await shard.append();
  await shard.start();
  shard.sql.exec(
    `UPDATE ${table} SET ${change} WHERE position = (SELECT min(position) FROM ${table} WHERE count > 0)`,
  );
  shard.stages.coordinator.steer("audit", "resume");
  shard.stages.runner.drain();
  await shard.advance(120_000);
  return shard;
}

test("a shard with a damaged row sends all other events, and names the row", async () => {
  const shard = await resumedAfter("heads = substr(heads, 1, 40)");
  await shard.append();
  await shard.advance(1_000);
  assert.deepEqual(shard.posted, [2, 3, 4]);
  assert.equal(shard.aborted, null);
  assert.match(
    shard.stages.health.problems().join(),
    /^shard 0 passes over damaged rows .* written at 2026-11-22T12:00:00\.\d+Z: 1 event in them cannot be read/,
  );
});

test("a fault that no start mends ends all writing and sending, and does not start the object again", async () => {
  const shard = await resumedAfter("format = 2");
  await assert.rejects(shard.append(), /rows of a later version/);
  await shard.advance(120_000);
  assert.deepEqual(shard.posted, []);
  assert.equal(shard.aborted, null);
  assert.throws(() => shard.stages.health.problems(), /rows of a later version/);
});

test("a commit that finds the storage damaged is the last", async () => {
  const shard = await new TestShard([]).start();
  await shard.append();
  const malformed = "database disk image is malformed: SQLITE_CORRUPT";
  shard.sql.exec(
    `CREATE TRIGGER spoilt BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, '${malformed}'); END`,
  );
  await assert.rejects(shard.append(), /SQLITE_CORRUPT/);
  shard.sql.exec("DROP TRIGGER spoilt");
  await assert.rejects(shard.append(), /SQLITE_CORRUPT/);
  await shard.advance(120_000);
  assert.equal(shard.aborted, null);
});

test("another program's database is refused before anything is written to it", async () => {
  const shard = new TestShard([]);
  shard.sql.exec("CREATE TABLE users (name)");
  await assert.rejects(shard.start(), /the database of another program/);
  const names = shard.sql.exec<{ name: string }>("SELECT name FROM sqlite_master").toArray();
  assert.deepEqual(
    names.map(({ name }) => name),
    ["users"],
  );
});

test("an error's text tells the storage's fault", () => {
  const faults = {
    "database or disk is full: SQLITE_FULL": "full",
    "database disk image is malformed: SQLITE_CORRUPT": "damaged",
    "file is not a database: SQLITE_NOTADB": "damaged",
    "disk I/O error: SQLITE_IOERR (extended: SQLITE_IOERR_WRITE)": "failing",
    "attempt to write a readonly database: SQLITE_READONLY": "failing",
    "starts again from its rows": null,
    "no answer within 3000 ms": null,
  };
  for (const [text, fault] of Object.entries(faults)) {
    assert.equal(storageFault(new Error(text)), fault, text);
    // /health is public: the error's own text stays in the log.
    assert.ok(!silenceProblem(1, new Error(text), "f.sqlite").includes(text));
  }
});

test("a sentence names the file where there is one", () => {
  const damaged = new Error("SQLITE_CORRUPT");
  assert.match(
    silenceProblem(3, damaged, "f.sqlite"),
    /^the storage of shard 3 .* restore f\.sqlite from a backup/,
  );
  assert.doesNotMatch(silenceProblem(3, damaged, null), /file|sqlite|stop the gateway/);
});
