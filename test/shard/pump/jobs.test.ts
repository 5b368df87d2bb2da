import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../../src/config.ts";
import type { ForwardRule } from "../../../src/rule/rule.ts";
import { Journal } from "../../../src/shard/journal/journal.ts";
import { packEvent } from "../../../src/shard/journal/packed-event.ts";
import { noAttempts } from "../../../src/shard/pump/attempts.ts";
import { Backlog } from "../../../src/shard/pump/backlog.ts";
import { DeliveryHistory } from "../../../src/shard/pump/history.ts";
import type { Job } from "../../../src/shard/pump/job.ts";
import { Jobs } from "../../../src/shard/pump/jobs.ts";
import type { ReplaySource } from "../../../src/shard/pump/replay-source.ts";
import { RetryList } from "../../../src/shard/pump/retry-list.ts";
import { SettledDeliveries } from "../../../src/shard/pump/settled.ts";
import type { ShardStorage } from "../../../src/shard/storage.ts";
import { newTurn } from "../../../src/shard/turn.ts";
import { eventWith } from "../../delivery/sample.ts";
import { newSql, withoutTransactions } from "../sqlite.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

const noReplays: ReplaySource = {
  readyAt: Number.POSITIVE_INFINITY,
  next: () => null,
  ended() {},
  settled() {},
  truncateBefore() {},
  setBack() {},
};

function ruleOf(keys: object): ForwardRule {
  const rule = { name: "audit", url: "https://audit.example.com/", ...keys };
  const [read] = readConfig({ SDK_APP_ID: "1400000000", FORWARD_RULES: JSON.stringify([rule]) }).rules.rules;
  assert.equal(read?.kind, "forward");
  return read as ForwardRule;
}

/** A destination over a journal with an event for each conversation, numbered from 0. */
const destination = (keys: object, ...conversations: (string | null)[]) =>
  destinationOf(keys, conversations, 0);

/** @param size of each body that its metadata tells, bytes */
function destinationOf(keys: object, conversations: readonly (string | null)[], size: number) {
  const sql = newSql();
  const journal = new Journal(sql);
  const start = journal.end;
  const events = conversations.map((conversation, n) =>
    eventWith({
      id: `evt_${n}`,
      conversation,
      receivedAt: now,
      body: JSON.stringify({ n }),
      ...(size > 0 && { size }),
    }),
  );
  if (events.length > 0)
    journal.append(
      events.map((event) => packEvent(event)),
      { destinations: {}, delivered: [] },
      now,
      withoutTransactions,
    );
  const positions = journal.read(start).entries.map(({ position }) => position);
  const tables = { sql, journal, retries: new RetryList(sql), settled: new SettledDeliveries(sql) };
  const rule = ruleOf(keys);
  const backlog = new Backlog(rule, { cursor: start, underway: [] }, tables, {
    lookAhead: 128,
    blockedConversations: 100,
  });
  const history = new DeliveryHistory({});
  const wakes: number[] = [];
  const storage = { atomically: (write: () => void) => write() } as ShardStorage;
  const { retries } = tables;
  const jobs = new Jobs(rule, { journal, retries, backlog, replays: noReplays, storage }, history, {
    at: (ms) => void wakes.push(ms),
  });
  jobs.readToEnd();
  const numbersOf = (job: Job | null) =>
    job?.entries.map(({ position }) => positions.indexOf(position)) ?? null;
  return {
    backlog,
    history,
    jobs,
    positions,
    retries,
    wakes,
    next: (at = now, probing = false) => jobs.next(at, probing, newTurn()),
    numbers: (at = now, probing = false) => numbersOf(jobs.next(at, probing, newTurn())),
    retry: (...numbers: number[]) =>
      retries.add({
        destination: "audit",
        due: now,
        positions: numbers.map((n) => positions[n]!),
        failures: 1,
        attempts: noAttempts,
      }),
  };
}

test("new events come one by one, in the order of the journal", () => {
  const { numbers } = destination({}, null, null, null);
  assert.deepEqual([numbers(), numbers(), numbers(), numbers()], [[0], [1], [2], null]);
});

test("retries that are due and new events take turns", () => {
  const { jobs, numbers, retry, backlog, next } = destination({}, null, null, null, null);
  for (const job of [next()!, next()!]) {
    backlog.delivered(job);
    jobs.ended(job);
  }
  retry(0);
  retry(1);
  assert.deepEqual([numbers(), numbers(), numbers(), numbers(), numbers()].toSorted(), [
    [0],
    [1],
    [2],
    [3],
    null,
  ]);
});

test("a probe takes a new event before a retry", () => {
  const { jobs, numbers, retry, backlog, next } = destination({}, null, null, null);
  const job = next()!;
  backlog.delivered(job);
  jobs.ended(job);
  retry(0);
  assert.deepEqual([numbers(now, true), numbers(now, true), numbers(now, true)], [[1], [2], [0]]);
});

test("an entry of the retry list is under way once, and again when it was postponed", () => {
  const { jobs, next, numbers, retries, retry } = destination({}, null);
  const first = next()!;
  jobs.ended(first);
  retry(0);
  const job = next()!;
  assert.deepEqual([job.retry?.failures, numbers()], [1, null]);
  jobs.ended(job);
  retries.postpone(job.retry!, { ...job.retry!, failures: 2, attempts: noAttempts });
  assert.deepEqual(next()?.retry?.failures, 2);
});

test("a retry that is not due schedules the next run at its time", () => {
  const { numbers, retries, positions, wakes, next, jobs } = destination({}, null);
  jobs.ended(next()!);
  retries.add({
    destination: "audit",
    due: now + 5_000,
    positions: [positions[0]!],
    failures: 1,
    attempts: noAttempts,
  });
  assert.equal(numbers(), null);
  assert.deepEqual(wakes.at(-1), now + 5_000);
  assert.deepEqual(numbers(now + 5_000), [0]);
});

test("a batch goes when it is full, else when its first event has waited", () => {
  const { numbers, wakes } = destination({ batch: { size: 2, ms: 1_000 } }, null, null, null);
  assert.deepEqual([numbers(), numbers()], [[0, 1], null]);
  assert.equal(wakes.at(-1), now + 1_000);
  assert.deepEqual(numbers(now + 1_000), [2]);
});

test("with order, the rest of a batch awaits the answer to its first part", () => {
  const { jobs, next, backlog, numbers } = destination(
    { batch: { size: 100, ms: 0 }, order: "conversation" },
    "group:a",
    "group:a",
  );
  const job = next()!;
  assert.equal(job.entries.length, 2);
  backlog.delivered(job);
  jobs.ended(job);
  assert.equal(numbers(), null);
});

test("with order, the rest of a batch waits for the retry of its first part, and other conversations go on", () => {
  const { backlog, jobs, next, numbers, retry, retries } = destinationOf(
    { batch: { size: 100, ms: 0 }, order: "conversation" },
    ["group:a", "group:a", "group:b", "group:a"],
    600_000,
  );
  const job = next()!;
  assert.equal(job.entries.length, 1);
  jobs.ended(job);
  backlog.failed(job, () => true);
  retry(0);
  assert.deepEqual([numbers(now - 1), numbers(now - 1)], [[2], null]);
  const retried = next()!;
  jobs.ended(retried);
  retries.remove(retried.retry!);
  backlog.settled(retried.entries[0]!);
  assert.deepEqual(numbers(), [1]);
});

test("with order, one event of a conversation is under way at a time", () => {
  const { jobs, next, backlog, numbers } = destination(
    { order: "conversation" },
    "group:a",
    "group:a",
    "group:b",
  );
  const job = next()!;
  assert.deepEqual([numbers(), numbers()], [[2], null]);
  backlog.delivered(job);
  jobs.ended(job);
  assert.deepEqual(numbers(), [1]);
});

test("a conversation whose retry has ended catches up before new events", () => {
  const { backlog, jobs, next, numbers, retry, retries, positions } = destination(
    { order: "conversation" },
    "group:a",
    "group:a",
    "group:b",
  );
  const job = next()!;
  jobs.ended(job);
  backlog.failed(job, () => true);
  retry(0);
  const retried = next()!;
  assert.deepEqual(retried.retry?.positions, [positions[0]]);
  jobs.ended(retried);
  retries.remove(retried.retry!);
  backlog.settled(retried.entries[0]!);
  assert.deepEqual([numbers(), numbers(), numbers()], [[1], [2], null]);
});

test("a batch in the retry list is parted when its rule has stopped batching", () => {
  const { jobs, next, numbers, retry } = destination({}, null, null);
  jobs.ended(next()!);
  jobs.ended(next()!);
  retry(0, 1);
  assert.equal(numbers(), null);
  assert.deepEqual([numbers(), numbers(), numbers()], [[0], [1], null]);
});

test("an entry whose event is gone from the journal is dropped, and counts as expired", () => {
  const { history, numbers, retries, jobs, next } = destination({}, null);
  jobs.ended(next()!);
  retries.add({ destination: "audit", due: now, positions: [5], failures: 1, attempts: noAttempts });
  assert.equal(numbers(), null);
  assert.equal(retries.counts.get("audit"), undefined);
  assert.equal(history.details.expired, 1);
});

test("events that come during a run wait for the next run", () => {
  const { jobs, numbers } = destination({}, null);
  assert.deepEqual([numbers(), numbers()], [[0], null]);
  jobs.readToEnd();
  assert.equal(numbers(), null);
});

test("a batch goes in the order of the journal, also when an event had to wait for its conversation", () => {
  const { backlog, jobs, next, numbers } = destination(
    { batch: { size: 2, ms: 1_000 }, order: "conversation" },
    "group:a",
    "group:b",
    "group:a",
    "group:c",
  );
  const first = next()!;
  assert.equal(numbers(), null);
  backlog.delivered(first);
  jobs.ended(first);
  assert.deepEqual(numbers(), [2, 3]);
});

test("with as many blocked conversations as may be, a destination is full, and reads no further", () => {
  const groups = Array.from({ length: 101 }, (_, n) => `group:${n}`);
  const { backlog, jobs, next } = destination({ order: "conversation" }, ...groups);
  for (let n = 0; n < 100; n++) {
    assert.equal(backlog.isFull, false);
    const job = next()!;
    jobs.ended(job);
    backlog.failed(job, () => true);
  }
  assert.equal(backlog.isFull, true);
  assert.equal(next(), null);
});
