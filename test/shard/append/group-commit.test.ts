import assert from "node:assert/strict";
import { test } from "node:test";
import { CommitDelay } from "../../../src/shard/append/commit-delay.ts";
import { GroupCommit } from "../../../src/shard/append/group-commit.ts";
import { systemClock } from "../../../src/shard/clock.ts";
import type { PackedEvent } from "../../../src/shard/journal/packed-event.ts";

interface Followed {
  rows: number;
  /** How long each row was delayed that was. Milliseconds. */
  delays: number[];
}

/**
 * The rows of events that come at these times, and the events' delays.
 * @param again the times of further events, which are sent because a row was answered
 * @param commit how long a commit takes to be confirmed, milliseconds
 */
function follow(
  times: readonly number[],
  again: (answeredAt: number) => number[] = () => [],
  commit = 2,
): Followed {
  const coming = [...times];
  const delay = new CommitDelay();
  const followed: Followed = { rows: 0, delays: [] };
  let confirmedAt = 0;
  while (coming.length > 0) {
    const since = coming[0]!;
    const earliest = Math.max(since, confirmedAt);
    let flushAt = earliest;
    let events = 0;
    for (let until = earliest; until >= flushAt; ) {
      flushAt = until;
      for (; coming.length > 0 && coming[0]! <= flushAt; events++) delay.arrived(coming.shift()!);
      until = delay.until(since, events);
      if (until <= flushAt) break;
    }
    followed.rows++;
    if (flushAt > earliest) followed.delays.push(flushAt - earliest);
    delay.committed();
    confirmedAt = flushAt + commit;
    coming.push(...again(confirmedAt));
  }
  return followed;
}

/** As independent senders come: gaps of all lengths about a mean, the same in every run. */
function stream(meanMs: number, events: number): number[] {
  let at = 0;
  let seed = 1;
  return Array.from({ length: events }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    at -= meanMs * Math.log(seed / 2_147_483_647);
    return Math.round(at);
  });
}

test("a sequential sender is hardly ever delayed", () => {
  let left = 1_000;
  const { rows, delays } = follow([0], (answeredAt) => (left-- > 0 ? [answeredAt + 0.5] : []));
  assert.equal(rows, 1_001);
  assert.ok(delays.length > 0 && delays.length <= rows / 100, `${delays.length} delays`);
});

test("a stream of events shares rows, and the more events come, the shorter the delay", () => {
  for (const [meanMs, perRow, mostly] of [
    [20, 4.5, 85],
    [10, 5.5, 70],
    [5, 5.5, 40],
    [2, 8, 25],
  ] as const) {
    const { rows, delays } = follow(stream(meanMs, 2_000));
    assert.ok(2_000 / rows > perRow, `${2_000 / rows} events a row at one every ${meanMs} ms`);
    assert.ok(delays.every((ms) => ms <= 85));
    const longer = delays.filter((ms) => ms > mostly).length;
    assert.ok(longer <= rows / 20, `${longer} of ${rows} rows delayed for more than ${mostly} ms`);
  }
});

test("where commits take long, a row of a stream holds as many events", () => {
  const { rows } = follow(stream(20, 2_000), undefined, 30);
  assert.ok(2_000 / rows > 4.5, `${2_000 / rows} events a row`);
});

test("below twenty events a second hardly any event is delayed", () => {
  const { rows, delays } = follow(stream(200, 400));
  assert.ok(delays.length < rows / 100, `${delays.length} of ${rows}`);
});

test("a stream that stops delays no later event", () => {
  const busy = stream(20, 500);
  const alone = Array.from({ length: 50 }, (_, index) => busy.at(-1)! + 1_000 * (index + 1));
  assert.deepEqual(follow([...busy, ...alone]).delays.length, follow(busy).delays.length);
});

test("senders that wait for their answers are hardly ever delayed, however many they are", () => {
  for (const senders of [2, 3, 4, 8]) {
    let left = 1_000;
    const all = (at: number) =>
      left-- > 0 ? Array.from({ length: senders }, (_, index) => at + 0.25 * index) : [];
    const { rows, delays } = follow(all(0), all);
    assert.ok(delays.length < rows / 50, `${delays.length} of ${rows}, ${senders} senders`);
  }
});

test("senders who begin to wait for their answers are soon delayed no longer", () => {
  const busy = stream(20, 500);
  let left = 1_000;
  const three = (at: number) => (at > busy.at(-1)! && left-- > 0 ? [at, at + 0.25, at + 0.5] : []);
  assert.ok(follow(busy, three).delays.length < follow(busy).delays.length + 40);
});

test("a delay ends when its row has enough events", () => {
  const delay = new CommitDelay();
  for (let at = 0; at < 100; at++) delay.arrived(at);
  assert.ok(delay.until(99, 15) > 99);
  assert.equal(delay.until(99, 16), 99);
});

test("a batched event is written at once, together with an event that no caller waits for", async () => {
  const rows: string[][] = [];
  const committer = {
    commit: (events: PackedEvent[]) => void rows.push(events.map(({ head }) => head)),
    sync: async () => {},
  };
  const groupCommit = new GroupCommit(committer, systemClock);
  const event = (head: string) => ({ head, body: "{}", size: 2, receivedAt: 0, marks: [] });
  const patient = groupCommit.add(event("patient"), "low");
  const batched = groupCommit.add(event("batched"), "high");
  await Promise.all([patient, batched]);
  assert.deepEqual(rows, [["patient", "batched"]]);
});

test("the events of one call share a row", async () => {
  const rows: number[] = [];
  const committer = {
    commit: (events: PackedEvent[]) => void rows.push(events.length),
    sync: async () => {},
  };
  const groupCommit = new GroupCommit(committer, systemClock);
  const event = { head: "[]", body: "{}", size: 2, receivedAt: 0, marks: [] };
  await Promise.all([1, 2, 3].map(() => groupCommit.add(event, "high")));
  assert.deepEqual(rows, [3]);
});

test("while the storage is stuck, events are refused before their memory runs out, however small they are", async () => {
  const committer = { commit() {}, sync: () => new Promise<void>(() => {}) };
  const groupCommit = new GroupCommit(committer, systemClock);
  const event: PackedEvent = { head: "[]", body: "{}", size: 2, receivedAt: 0, marks: [] };
  await groupCommit.add(event, "high");
  let waiting = 0;
  let refused: Error | null = null;
  for (; waiting < 100_000 && !refused; waiting++) {
    groupCommit.add(event, "high").catch((error) => {
      refused = error;
    });
    if (waiting % 100 === 0) await Promise.resolve();
  }
  assert.match(String(refused), /does not keep up/);
  assert.ok(waiting > 5_000 && waiting < 10_000, `${waiting} events wait`);
});
