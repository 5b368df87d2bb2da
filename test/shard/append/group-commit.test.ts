import assert from "node:assert/strict";
import { test } from "node:test";
import { CommitDelay, GroupCommit } from "../../../src/shard/append/group-commit.ts";

/** How long a commit takes to be confirmed. Milliseconds. */
const commit = 2;

interface Followed {
  rows: number;
  /** Rows for which somebody was held, and for how long at most. */
  holds: number;
  longestHold: number;
}

/**
 * What becomes of events that come at these times.
 * @param again when those come that are sent because a row was answered
 */
function follow(times: readonly number[], again: (answeredAt: number) => number[] = () => []): Followed {
  const coming = [...times];
  const pace = new CommitDelay();
  const followed = { rows: 0, holds: 0, longestHold: 0 };
  let confirmedAt = 0;
  while (coming.length > 0) {
    const since = coming[0]!;
    const earliest = Math.max(since, confirmedAt);
    let flushAt = earliest;
    let events = 0;
    for (let until = earliest, held = false; until >= flushAt; held = true) {
      flushAt = until;
      for (; coming.length > 0 && coming[0]! <= flushAt; events++) pace.arrived(coming.shift()!);
      until = pace.holdUntil(since, events, held);
      if (until <= flushAt) break;
    }
    followed.rows++;
    if (flushAt > earliest) followed.holds++;
    followed.longestHold = Math.max(followed.longestHold, flushAt - earliest);
    pace.committed(events);
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

test("a sender that waits for each answer is hardly ever held", () => {
  let left = 1_000;
  const { rows, holds } = follow([0], (answeredAt) => (left-- > 0 ? [answeredAt + 0.5] : []));
  assert.equal(rows, 1_001);
  assert.ok(holds > 0 && holds <= rows / 100, `${holds} holds`);
});

test("a stream of events shares rows, and nobody is held for more than 50 ms", () => {
  for (const [meanMs, perRow] of [
    [20, 2.7],
    [10, 2.7],
    [5, 4],
  ] as const) {
    const { rows, longestHold } = follow(stream(meanMs, 2_000));
    assert.ok(2_000 / rows > perRow, `${2_000 / rows} events a row at one every ${meanMs} ms`);
    assert.ok(longestHold > 0 && longestHold <= 50, `held ${longestHold} ms`);
  }
});

test("below twenty events a second hardly anybody is held", () => {
  const { rows, holds } = follow(stream(200, 400));
  assert.ok(holds < rows / 100, `${holds} of ${rows}`);
});

test("a crowd that gathers anyway is not held", () => {
  let left = 100;
  const crowd = (at: number) => (left-- > 0 ? [at, at + 0.25, at + 0.5, at + 0.75] : []);
  assert.equal(follow([0, 0, 0, 0], crowd).holds, 0);
});

test("with enough events for a row nobody waits for more", () => {
  const pace = new CommitDelay();
  for (let at = 0; at < 100; at++) pace.arrived(at);
  for (let commits = 0; commits < 10; commits++) pace.committed(4);
  assert.ok(pace.holdUntil(99, 2, false) > 99);
  assert.ok(pace.holdUntil(99, 7, true) > 99);
  assert.equal(pace.holdUntil(99, 8, true), 99);
});

test("who has gathered with others before is written at once, and brings along who is held", async () => {
  const rows: string[][] = [];
  const gathering = new GroupCommit(
    (arrived) => rows.push(arrived.map(({ head }) => head)),
    async () => {},
  );
  const event = (head: string) => ({ head, body: "{}", size: 2, receivedAt: 0, marks: [] });
  const patient = gathering.add(event("patient"), "long");
  const pressing = gathering.add(event("pressing"), "none");
  await Promise.all([patient, pressing]);
  assert.deepEqual(rows, [["patient", "pressing"]]);
});
