import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMoment } from "../../src/rule/when.ts";

/** Friday, 2026-11-27 at 10:30:00 of this machine's time zone. */
const now = new Date(2026, 10, 27, 10, 30).getTime();
const minute = 60_000;
const hour = 60 * minute;

const local = (...parts: [number, number, number, number?, number?, number?]) => {
  const [year, month, ...rest] = parts;
  return new Date(year, month - 1, ...rest).getTime();
};

for (const [text, expected] of [
  ["now", now],
  ["90s", now - 90_000],
  ["2h", now - 2 * hour],
  ["2h ago", now - 2 * hour],
  ["2 hours ago", now - 2 * hour],
  ["1h30m", now - 90 * minute],
  ["1.5h", now - 90 * minute],
  ["1 hour 30 min", now - 90 * minute],
  ["3d", now - 72 * hour],
  ["1w", now - 7 * 24 * hour],
  ["99999d", 0],
  ["02:00", local(2026, 11, 27, 2)],
  ["2:00", local(2026, 11, 27, 2)],
  ["10:30", now],
  ["23:15", local(2026, 11, 26, 23, 15)],
  ["23:15:09", local(2026, 11, 26, 23, 15, 9)],
  ["today", local(2026, 11, 27)],
  ["Yesterday", local(2026, 11, 26)],
  ["yesterday 14:00", local(2026, 11, 26, 14)],
  ["14:00 yesterday", local(2026, 11, 26, 14)],
  ["  yesterday   14:00 ", local(2026, 11, 26, 14)],
  ["thu", local(2026, 11, 26)],
  ["monday 08:00", local(2026, 11, 23, 8)],
  ["friday", local(2026, 11, 20)],
  ["2026-11-26", local(2026, 11, 26)],
  ["2026-11-26 14:00", local(2026, 11, 26, 14)],
  ["2026-11-26T14:00:05", local(2026, 11, 26, 14, 0, 5)],
  ["2026-11-26 14:00:05.250", local(2026, 11, 26, 14, 0, 5) + 250],
  ["11-26 04:35:12", local(2026, 11, 26, 4, 35, 12)],
  ["12-24", local(2025, 12, 24)],
  ["2026-11-26T14:00:00Z", Date.UTC(2026, 10, 26, 14)],
  ["2026-11-26t14:00z", Date.UTC(2026, 10, 26, 14)],
  ["2026-11-26T14:00:00.5+08:00", Date.UTC(2026, 10, 26, 6) + 500],
  ["1795754112794", 1_795_754_112_794],
  ["1795754112", 1_795_754_112_000],
] as const)
  test(`a moment: ${JSON.stringify(text)}`, () => {
    assert.equal(parseMoment(text, now), expected);
  });

for (const text of [
  "",
  " ",
  "soon",
  "2x",
  "2",
  "h",
  "-2h",
  "25:00",
  "12:60",
  "1:2",
  "02:00 02:00",
  "yesterday 25:00",
  "yesterday tomorrow",
  "mo",
  "2026-02-30",
  "2026-13-01",
  "02-30",
  "2026-11-26 14",
  "2026-11-26T14:00:00+8",
  "179575411279",
  "2026-11-26T25:00:00Z",
])
  test(`no moment: ${JSON.stringify(text)}`, () => {
    assert.equal(parseMoment(text, now), null);
  });

test("the end of a period as a time of day is the first one after its beginning", () => {
  const evening = local(2026, 11, 26, 23);
  assert.equal(parseMoment("01:00", now, evening), local(2026, 11, 27, 1));
  assert.equal(parseMoment("23:30", now, evening), local(2026, 11, 26, 23, 30));
  assert.equal(parseMoment("23:00", now, evening), evening);
});
