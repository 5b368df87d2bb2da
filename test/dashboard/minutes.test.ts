import assert from "node:assert/strict";
import { test } from "node:test";
import { everyMinute, total } from "../../src/dashboard/minutes.ts";

const now = Date.parse("2026-11-27T08:03:30.000Z");
const minute = (clock: string, received = 1) => ({ at: `2026-11-27T${clock}:00.000Z`, received });
const isBusy = ({ received }: { received: number }) => received > 0;
const seconds = (clock: string) => Date.parse(`2026-11-27T${clock}:00.000Z`) / 1_000;

test("minutes without counts are there, and the minute that runs is not", () => {
  const all = everyMinute([minute("08:00", 5), minute("08:03", 9)], 3, now, isBusy);
  assert.deepEqual(all.times, ["08:00", "08:01", "08:02"].map(seconds));
  assert.deepEqual(
    all.minutes.map((one) => one?.received ?? null),
    [5, null, null],
  );
});

test("the minute that runs is shown while nothing has happened before it", () => {
  const all = everyMinute([minute("08:03", 9)], 3, now, isBusy);
  assert.deepEqual(all.times, ["08:00", "08:01", "08:02", "08:03"].map(seconds));
  assert.equal(all.minutes.at(-1)?.received, 9);
  assert.equal(everyMinute([], 60, now, isBusy).minutes.length, 61);
});

test("quiet minutes that the gateway lists do not hide the minute that runs", () => {
  const quiet = ["08:00", "08:01", "08:02"].map((clock) => minute(clock, 0));
  const all = everyMinute([...quiet, minute("08:03", 9)], 3, now, isBusy);
  assert.deepEqual(
    all.minutes.map((one) => one?.received),
    [0, 0, 0, 9],
  );
});

test("minutes before the period are left out", () => {
  const all = everyMinute([minute("07:59"), minute("08:02")], 3, now, isBusy);
  assert.deepEqual(all.times, ["08:00", "08:01", "08:02"].map(seconds));
});

test("a count is summed up over minutes", () => {
  assert.equal(
    total([minute("08:00", 2), minute("08:01", 3)], ({ received }) => received),
    5,
  );
  assert.equal(total([], Number), 0);
});
