import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../../src/config.ts";
import type { ForwardRule } from "../../../src/rule/rule.ts";
import { Journal } from "../../../src/shard/journal/journal.ts";
import { packEvent } from "../../../src/shard/journal/packed-event.ts";
import { Backlog } from "../../../src/shard/pump/backlog.ts";
import { RetryList } from "../../../src/shard/pump/retry-list.ts";
import { SettledDeliveries } from "../../../src/shard/pump/settled.ts";
import { WordLists } from "../../../src/shard/pump/word-lists.ts";
import { newTurn } from "../../../src/shard/turn.ts";
import { eventWith } from "../../delivery/sample.ts";
import { TestClock } from "../../support/test-clock.ts";
import { newSql, withoutTransactions } from "../sqlite.ts";

const start = Date.parse("2026-11-22T12:00:00Z");

/** A rule whose words stand in a KV namespace, which a test changes. */
function ruleOverKv() {
  const kv = { value: "first", broken: false };
  const WORDS = {
    getWithMetadata() {},
    async get() {
      if (kv.broken) throw new Error("KV GET failed: 500 Internal Server Error");
      return new Response(kv.value).body;
    },
  };
  const rules = [{ name: "audit", url: "https://audit.example.com/", words: "kv:WORDS/banned" }];
  const { rules: book } = readConfig({
    SDK_APP_ID: "1400000000",
    FORWARD_RULES: JSON.stringify(rules),
    WORDS,
  });
  assert.deepEqual(book.problems, []);
  return { kv, rule: book.rules[0] as ForwardRule };
}

function started() {
  const clock = new TestClock(start);
  const { kv, rule } = ruleOverKv();
  let runs = 0;
  let timer = { at: Number.POSITIVE_INFINITY, cancel: () => {} };
  // As the shard's schedule: the earliest of all times counts.
  const schedule = {
    at(ms: number) {
      if (timer.at <= ms) return;
      timer.cancel();
      timer = { at: ms, cancel: clock.after(Math.max(0, ms - clock.now()), run) };
    },
  };
  const lists = new WordLists(rule, schedule, clock);
  function run() {
    timer.cancel();
    timer = { at: Number.POSITIVE_INFINITY, cancel: () => {} };
    runs++;
    return lists.ready;
  }
  return { clock, kv, rule, run, runs: () => runs };
}

/** Waits for a list, whose stream is read in turns of the real event loop: their number is the engine's own. */
async function read(clock: TestClock, isRead: () => boolean) {
  for (let turns = 0; !isRead(); turns++) {
    assert.ok(turns < 1_000_000, "the list was not read");
    await new Promise(setImmediate);
    await clock.advance(0);
  }
}

test("the first run waits for the list, and another one follows when it has come", async () => {
  const { clock, run, runs } = started();
  assert.equal(run(), false);
  await read(clock, () => runs() === 2);
  assert.equal(run(), true);
});

test("events wait as long as their list cannot be read; attempts come every five seconds", async () => {
  const { clock, kv, run, runs } = started();
  kv.broken = true;
  run();
  await clock.advance(300_000);
  assert.equal(run(), false);
  assert.ok(runs() > 50 && runs() < 1_000, `${runs()} runs`);
  kv.broken = false;
  await clock.advance(6_000);
  await read(clock, run);
});

test("a list that fails later holds nothing: its last copy is used", async () => {
  const { clock, kv, run } = started();
  run();
  await clock.advance(10);
  kv.broken = true;
  await clock.advance(3_600_000);
  run();
  await clock.advance(10);
  assert.equal(run(), true);
});

test("what waits is counted again when the list has changed", async () => {
  const { clock, kv, rule } = started();
  const sql = newSql();
  const journal = new Journal(sql);
  const from = journal.end;
  const events = ["first", "first", "second"].map((Text, n) =>
    eventWith({
      id: `evt_${n}`,
      receivedAt: start,
      body: JSON.stringify({ MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text } }] }),
    }),
  );
  const packed = events.map((event) => packEvent(event));
  journal.append(packed, { destinations: {}, delivered: [] }, start, withoutTransactions);
  const tables = { sql, journal, retries: new RetryList(sql), settled: new SettledDeliveries(sql) };
  const limits = { lookAhead: 128, blockedConversations: 100 };
  const { waiting } = new Backlog(rule, { cursor: from, underway: [] }, tables, limits);
  const count = () => waiting.count(0, newTurn()).waiting;
  const [list] = rule.kvLists;
  assert.equal(count(), 0, "before the list has come");
  await list!.look(clock.now());
  assert.equal(count(), 2);
  kv.value = "second";
  await list!.look(clock.now() + 60_000);
  assert.equal(count(), 1);
});
