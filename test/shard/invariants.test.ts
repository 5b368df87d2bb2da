/** Every invariant of docs/architecture.md is checked, and its check can fail: each damage breaks that one alone. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { newEventId } from "../../src/callback/event-id.ts";
import { newRelayEvent, type Telling } from "../../src/callback/relay-events.ts";
import { DriftReport } from "../../src/shard/append/drift.ts";
import { Misfits } from "../../src/shard/append/misfits.ts";
import { ClusterCopy } from "../../src/shard/cluster/cluster-copy.ts";
import { ShardMetadata } from "../../src/shard/cluster/metadata.ts";
import { Journal } from "../../src/shard/journal/journal.ts";
import { type PackedEvent, packEvent } from "../../src/shard/journal/packed-event.ts";
import { dayOf, positionAt } from "../../src/shard/journal/position.ts";
import type { DestinationState, ProgressRecord } from "../../src/shard/journal/progress-record.ts";
import { withAttempt } from "../../src/shard/pump/attempts.ts";
import { BlockedConversations } from "../../src/shard/pump/blocked.ts";
import { RetryList } from "../../src/shard/pump/retry-list.ts";
import { SettledDeliveries } from "../../src/shard/pump/settled.ts";
import { Findings } from "../../src/shard/relay/findings.ts";
import { Herald } from "../../src/shard/relay/herald.ts";
import { ReplayTable } from "../../src/shard/replay/table.ts";
import { imbalances } from "./books.ts";
import { invariants } from "./invariants.ts";
import { newSql, withoutTransactions } from "./sqlite.ts";

const now = Date.UTC(2026, 10, 22, 12);
const first = positionAt(now);
const day = dayOf(first);

/** Where the events of `soundFolder` stand. */
const at = {
  delivered: first,
  dead: first + 1,
  head: first + 2,
  follower: first + 3,
  batch: [first + 4, first + 5],
  underway: first + 6,
  quarantined: first + 7,
  told: positionAt(now + 1),
  unread: positionAt(now + 2),
} as const;

/** The id of the relay event that tells of a dead letter. */
const tellsOfDead = newEventId(0, now, new Uint8Array(12).fill(21));

/** For each invariant: statements that break it and no other, on the first shard. */
const damages: Readonly<Record<keyof typeof invariants, string>> = {
  "positions grow": `UPDATE segment_${day} SET position = ${at.batch[0]},
    news = json_remove(json_set(news, '$.destinations.ordered.cursor', ${first}, '$.destinations.ordered.underway', json('[]'), '$.counters.received', 8), '$.relay') WHERE position = ${at.unread}`,
  "rows are whole": `UPDATE segment_${day} SET bodies = bodies || ' ' WHERE position = ${first}`,
  "rows stand in their day": `ALTER TABLE settled_${day} RENAME TO settled_20261121`,
  "erased events hold nothing": `UPDATE segment_${day} SET heads = json_set(heads, '$[0][2]', 22, '$[0][9]', 99) WHERE position = ${first}`,
  "one event an id": `UPDATE segment_${day} SET heads = (SELECT json_array(json(heads -> 0)) FROM segment_${day} WHERE position = ${first}),
    bodies = (SELECT substr(bodies, 1, 2) FROM segment_${day} WHERE position = ${first}) WHERE position = ${at.unread}`,
  "every name has a cursor": "UPDATE blocked SET destination = 'stranger', heads = '[]'",
  "cursors are behind their record": newsOf(first, "$.destinations.ordered.cursor", at.dead),
  "under way is behind the cursor": newsOf(at.unread, "$.destinations.ordered.underway[1]", at.unread),
  "progress goes forward": newsOf(
    at.unread,
    "$.destinations.ordered",
    `json('{"cursor":${first - 1},"underway":[]}')`,
  ),
  "counters never fall": newsOf(at.unread, "$.counters.received", 1),
  "no event is lost": newsOf(at.unread, "$.destinations.ordered.underway", "json('[]')"),
  "one entry a delivery": `INSERT INTO retry SELECT destination, due + 1, position, last, positions, failures, attempts, format, behind, replay FROM retry WHERE positions IS NULL AND behind IS NULL`,
  "waiting or settled": `INSERT INTO settled_${day} SELECT ${at.batch[0]}, destination, state, at, attempts, format FROM settled_${day} WHERE position = ${at.dead}`,
  "entries are in order": `UPDATE retry SET last = ${at.batch[0]} WHERE positions IS NOT NULL`,
  "behind names an entry": `UPDATE retry SET behind = ${at.unread} WHERE behind IS NOT NULL`,
  "a delivery has its event": `INSERT INTO settled_${day} SELECT ${at.unread + 1}, destination, state, at, attempts, format FROM settled_${day} WHERE position = ${at.dead}`,
  "attempts are numbered": "UPDATE retry SET attempts = json_replace(attempts, '$[0].number', 0)",
  "settled as last tried": `UPDATE settled_${day} SET state = 'delivered'`,
  "blocked by an entry": `UPDATE blocked SET heads = json_array(${at.dead}, ${at.head})`,
  "blocked by its own events": `UPDATE blocked SET heads = json_array(${at.head}, ${at.batch[0]}), position = ${at.batch[1]}`,
  "replays keep their books": `INSERT INTO replays (id, kind, destination, request, state, started, matched, sent, cursor, last, fresh)
    VALUES ('rpl_1', 'replay', 'ordered', '{}', 'running', 1, 1, 2, 0, 0, 0)`,
  "misfits are quarantined": `UPDATE misfit_${day} SET count = 2`,
  "drift doubles": "UPDATE drift SET count = 3",
  "one state a version":
    "UPDATE standing SET value = json_set(value, '$.paused[0]', 'ordered') WHERE name = 'agreed'",
  "pending shards exist": "UPDATE standing SET value = '[2]' WHERE name = 'untold'",
  "a filter is kept once": "INSERT INTO standing VALUES ('watched', json('{\"filters\":[{},{}]}'))",
  "shard 0 alone tells": `UPDATE segment_${day} SET heads = replace(heads, '${tellsOfDead}', '${newEventId(1, now, new Uint8Array(12).fill(21))}')`,
  "relay events are told once": `UPDATE segment_${day} SET news = json_remove(news, '$.relay') WHERE position = ${at.told}`,
  "down and recovered take turns": newsOf(
    at.unread,
    "$.relay.herald.down",
    `json('{"ordered":${now},"stranger":${now}}')`,
  ),
  "relay events tell of callbacks": `UPDATE segment_${day} SET bodies = replace(bodies, '${idOf(1)}', '${tellsOfDead}') WHERE position = ${at.told}`,
};

test("a sound folder breaks no invariant", () => {
  assert.deepEqual(imbalances(soundFolder(), ["ordered"]), []);
});

for (const [name, damage] of Object.entries(damages))
  test(`damage to storage is named: ${name}`, () => {
    const found = imbalances(soundFolder(damage), ["ordered"]);
    assert.deepEqual(
      [...new Set(found.map((sentence) => sentence.split(": ")[0]))],
      [name],
      found.join("\n"),
    );
  });

test("the invariants of docs/architecture.md are the ones that are checked", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/architecture.md"), "utf8");
  const [, table = ""] = /^## Invariants\n([\s\S]*?)(?=^## )/m.exec(page) ?? [];
  const named = [...table.matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, name]) => name);
  assert.deepEqual(named, Object.keys(invariants));
});

/** A statement that changes the progress record of a row. */
function newsOf(position: number, path: string, value: number | string): string {
  return `UPDATE segment_${day} SET news = json_set(news, '${path}', ${value}) WHERE position = ${position}`;
}

/**
 * The storage of two shards, of which the first has a row of every kind. The destination `ordered` wants every event.
 * One event is delivered, one dead, and one under way. A conversation waits for a retry, and a batch waits in the list.
 */
function soundFolder(damage = ""): string {
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-invariants-"));
  after(() => rmSync(dataDir, { recursive: true }));
  const folder = join(dataDir, "tim-relay-Shard");
  mkdirSync(folder);
  const sql = newSql(databaseAt(join(folder, "first.sqlite")));
  const other = newSql(databaseAt(join(folder, "second.sqlite")));
  const journal = new Journal(sql);
  const retries = new RetryList(sql);
  const settled = new SettledDeliveries(sql);
  const outcome = { at: now, ms: 12, response: null, alive: true, gone: false, holdMs: null };
  const refused = { ...outcome, status: 400, error: "answered 400", delivered: false };
  const attempts = withAttempt("[]", refused);

  journal.append(
    ["group:1", "group:3", "group:3", "group:3", "group:4", "group:5", "group:6", "group:7"].map(
      (conversation, index) => eventOf(index, conversation, index === 7),
    ),
    record({ cursor: first, underway: [] }, 8),
    now,
    withoutTransactions,
  );
  const relay = relayRecord();
  journal.append(
    relay.told,
    { ...record({ cursor: at.dead, underway: [] }, 8), relay: relay.record },
    now + 1,
    withoutTransactions,
  );
  const delivered: ProgressRecord["delivered"] = [["ordered", at.delivered, now, 12, 200]];
  const states = { cursor: at.unread - 1, underway: [at.underway] };
  journal.append(
    [eventOf(8, "group:8", false)],
    { ...record(states, 9), delivered, relay: relay.record },
    now + 2,
    withoutTransactions,
  );
  settled.add({ position: at.dead, destination: "ordered", state: "dead", at: now, attempts });
  const entry = { destination: "ordered", due: now + 5_000, failures: 1, attempts };
  retries.add({ ...entry, positions: [at.head] });
  retries.add({ ...entry, positions: [at.follower], behind: at.head });
  retries.add({ ...entry, positions: [...at.batch], failures: 1 });
  new BlockedConversations(sql, "ordered").block("group:3", [at.head]);
  new Misfits(sql, journal.days).count(day, [{ command: "Test.CallbackAfterTest", paths: ["Info"] }]);
  const difference = { path: "New", kind: "unknown field", seen: "string" } as const;
  new DriftReport(sql).counting([{ command: "Test.CallbackAfterTest", ...difference }], now).write();
  for (const database of [sql, other]) {
    const copy = new ClusterCopy(new ShardMetadata(database));
    copy.take({ version: 1, id: "7w2e9q", shards: 2, paused: [], disabled: [] });
    copy.setPending([1]);
  }
  new Journal(other).note(record({ cursor: first, underway: [] }, 0), now);
  for (const database of [sql, other]) new ReplayTable(database);
  new RetryList(other);
  new BlockedConversations(other, "ordered");
  if (damage) sql.exec(damage);
  return dataDir;
}

/** Without waiting for the disk: no test reads it after a crash. */
function databaseAt(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA synchronous = OFF");
  return database;
}

function eventOf(index: number, conversation: string, quarantined: boolean): PackedEvent {
  return packEvent({
    id: idOf(index),
    command: "Test.CallbackAfterTest",
    phase: "after",
    known: false,
    valid: !quarantined,
    quarantined,
    app: "1400000000",
    conversation,
    receivedAt: now,
    clientIp: null,
    platform: null,
    query: "",
    body: "{}",
    size: 2,
    issues: [],
  });
}

function idOf(index: number): string {
  return newEventId(0, now, new Uint8Array(12).fill(index));
}

/** Two relay events, and the record of shard 0 that they were told. */
function relayRecord() {
  const herald = new Herald(86_400_000);
  const down = { since: now, failures: 10, lastError: "answered 500", waiting: 1 };
  const report = { number: 1, down: { ordered: down }, expiring: {}, tallies: [], drift: [] };
  herald.hear(0, report, () => true, now);
  const body = { destination: "ordered", count: 1, lastError: "answered 400", event: idOf(1) };
  const tellings: Telling[] = [...herald.take(), { command: "Relay.DeadLetter", body }];
  const told = tellings.map((one, index) => newRelayEvent(one, now, new Uint8Array(12).fill(20 + index)));
  return {
    told: told.map((event) => packEvent(event)),
    record: { findings: new Findings().state, herald: herald.state },
  };
}

function record(ordered: DestinationState, received: number): ProgressRecord {
  return { destinations: { ordered }, delivered: [], counters: { received } };
}
