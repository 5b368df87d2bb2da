import assert from "node:assert/strict";
import { test } from "node:test";
import { passes, waitBefore } from "../../src/cli/outage.ts";
import { type Job, Pace, progressOf } from "../../src/cli/replay/watch.ts";
import { ApiError } from "../../src/client/index.js";

const job: Job = {
  id: "rpl_1",
  kind: "replay",
  destination: "audit",
  since: "2026-11-27T02:00:00.000Z",
  until: "2026-11-27T03:00:00.000Z",
  state: "running",
  matched: 200,
  sent: 98,
  failed: 2,
  startedAt: "2026-11-27T04:00:00.000Z",
  endedAt: null,
};

test("progress tells share, counts and failures", () => {
  assert.equal(
    progressOf(job, "1m left"),
    "audit ██████████░░░░░░░░░░ 50 %, 100 of 200 events, 2 failed, 1m left",
  );
  // Events that came after the count are sent too.
  assert.match(progressOf({ ...job, sent: 300, failed: 0 }, ""), /^audit █{20} 100 %, 300 of 200 events$/);
  assert.match(progressOf({ ...job, matched: 0, sent: 0, failed: 0 }, ""), / 100 %, 0 of 0 events$/);
});

test("the time left is that of the events seen to end", () => {
  const pace = new Pace();
  pace.saw(50, 1_000);
  assert.equal(pace.left(200, 1_000), "");
  pace.saw(100, 11_000);
  assert.equal(pace.left(200, 11_000), "20s left");
});

test("a replay rests from the last event that ended", () => {
  const pace = new Pace();
  pace.saw(1, 1_000);
  pace.saw(1, 5_000);
  assert.equal(pace.restsFor(6_000), 5_000);
  pace.saw(2, 7_000);
  assert.equal(pace.restsFor(7_000), 0);
});

test("lost connections and failing servers pass by, refusals do not", () => {
  const error = (code: string, status: number | null = null) => new ApiError(code, "no", { status });
  for (const one of [
    error("tail_closed"),
    error("unreachable"),
    error("timeout"),
    error("not_the_api", 502),
    error("too_many", 429),
  ])
    assert.ok(passes(one), one.code);
  for (const one of [error("wrong_token", 401), error("not_the_api", 302), new Error("unreachable")])
    assert.ok(!passes(one), one.message);
});

test("waits grow to fifteen seconds, and differ by chance", () => {
  assert.deepEqual(
    [0, 1, 2, 6, 100].map((attempt) => waitBefore(attempt, 1)),
    [250, 500, 1_000, 15_000, 15_000],
  );
  assert.equal(waitBefore(2, 0), 500);
});
