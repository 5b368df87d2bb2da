import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../src/shard/gathering.ts";

/** How long a commit takes to be confirmed. Milliseconds. */
const commit = 2;

/** What becomes of events that come at these times from senders that wait for no answer. */
function follow(times: readonly number[]): { rows: number; longestHold: number } {
  const pace = new Pace();
  let rows = 0;
  let longestHold = 0;
  let confirmedAt = 0;
  for (let index = 0; index < times.length; ) {
    const since = times[index]!;
    const earliest = Math.max(since, confirmedAt);
    let events = 0;
    let flushAt = earliest;
    while (index < times.length && times[index]! <= flushAt) {
      pace.arrived(times[index++]!);
      flushAt = Math.max(earliest, times[index - 1]!, pace.holdUntil(since, ++events));
    }
    longestHold = Math.max(longestHold, flushAt - earliest);
    pace.committed(events);
    confirmedAt = flushAt + commit;
    rows++;
  }
  return { rows, longestHold };
}

const every = (ms: number, events: number) => Array.from({ length: events }, (_, index) => index * ms);

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

test("an event that comes alone is never held, however many come one after the other", () => {
  assert.deepEqual(follow(every(2.5, 500)), { rows: 500, longestHold: 0 });
  assert.deepEqual(follow(every(200, 50)), { rows: 50, longestHold: 0 });
});

test("a stream of events shares rows, and nobody is held for more than 25 ms", () => {
  const { rows, longestHold } = follow(stream(5, 1_000));
  assert.ok(rows < 400, `${rows} rows for 1,000 events`);
  assert.ok(longestHold > 0 && longestHold <= 25, `held ${longestHold} ms`);
});

test("below twenty events a second nobody is held", () => {
  assert.equal(follow(stream(100, 400)).longestHold, 0);
});

test("with enough events for a row nobody waits for more", () => {
  const pace = new Pace();
  for (let at = 0; at < 100; at++) pace.arrived(at);
  for (let commits = 0; commits < 10; commits++) pace.committed(4);
  assert.ok(pace.holdUntil(99, 2) > 99);
  assert.equal(pace.holdUntil(99, 8), 99);
});
