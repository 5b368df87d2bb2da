import assert from "node:assert/strict";
import { test } from "node:test";
import type { Destination } from "../../src/client/index.js";
import { lagOf } from "../../src/dashboard/destinations/lag.ts";

const now = Date.parse("2026-11-27T08:00:00.000Z");
const lag = (fields: Partial<Destination>) =>
  lagOf({ waiting: 0, waitingSince: null, ...fields } as Destination, now);

test("a destination lags by the events that wait, and by the wait of the oldest", () => {
  assert.deepEqual(lag({ waiting: 3, waitingSince: "2026-11-27T07:59:58.000Z" }), {
    events: 3,
    estimated: false,
    ms: 2_000,
    late: false,
  });
});

test("a wait of more than a minute is late, as it is for /health", () => {
  assert.equal(lag({ waiting: 1, waitingSince: "2026-11-27T07:59:00.000Z" }).late, false);
  assert.equal(lag({ waiting: 1, waitingSince: "2026-11-27T07:58:59.999Z" }).late, true);
});

test("where nothing waits, or the clocks differ, the wait is no negative one", () => {
  assert.equal(lag({ waiting: 0, waitingSince: "2026-11-27T07:00:00.000Z" }).ms, null);
  assert.equal(lag({ waiting: 1, waitingSince: "2026-11-27T08:00:05.000Z" }).ms, 0);
  assert.equal(lag({ waiting: 9, waitingSince: null, estimated: true }).estimated, true);
});
