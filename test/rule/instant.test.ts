import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant, parseRecent } from "../../src/rule/instant.ts";

test("days and times of ISO 8601 are read, with Z or an offset", () => {
  for (const [text, iso] of [
    ["2026-11-26", "2026-11-26T00:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2026-11-26T08:00Z", "2026-11-26T08:00:00.000Z"],
    ["2026-11-26T08:00:07Z", "2026-11-26T08:00:07.000Z"],
    ["2026-11-26T08:00:07.5Z", "2026-11-26T08:00:07.500Z"],
    ["2026-11-26T08:00:07.123456789Z", "2026-11-26T08:00:07.123Z"],
    ["2026-11-26T08:00:00+08:00", "2026-11-26T00:00:00.000Z"],
    ["2026-11-26T23:30-05:30", "2026-11-27T05:00:00.000Z"],
    ["2026-11-26T00:00+00:00", "2026-11-26T00:00:00.000Z"],
    ["0001-01-01", "0001-01-01T00:00:00.000Z"],
  ] as const)
    assert.equal(new Date(parseInstant(text)!).toISOString(), iso, text);
});

test("a text with an impossible day or time, or with further text, is no point in time", () => {
  for (const text of [
    "",
    "2026",
    "2026-11",
    "2026-11-26junk",
    "2026-11-26 ",
    " 2026-11-26",
    "2026-11-26\n",
    "2026-02-29",
    "2026-02-30",
    "2026-04-31",
    "2026-13-01",
    "2026-00-01",
    "2026-11-00",
    "2026-11-32",
    "26-11-26",
    "+002026-11-26",
    "2026-11-26T",
    "2026-11-26T08",
    "2026-11-26T08:00",
    "2026-11-26T24:00Z",
    "2026-11-26T08:60Z",
    "2026-11-26T08:00:60Z",
    "2026-11-26T08:00:00.Z",
    "2026-11-26T08:00:00,5Z",
    "2026-11-26 08:00Z",
    "2026-11-26t08:00z",
    "2026-11-26T08:00+0800",
    "2026-11-26T08:00+8",
    "2026-11-26T08:00+24:00",
    "2026-11-26T08:00 08:00",
    "2026-11-26T08:00 GMT",
    "2026-02-30T08:00Z",
    "Thu, 26 Nov 2026 08:00:00 GMT",
    "1794160000000",
    "2h",
  ])
    assert.equal(parseInstant(text), null, JSON.stringify(text));
});

test("a duration is counted back from now, and never before 1970", () => {
  const now = Date.parse("2026-11-26T08:00:00Z");
  for (const [text, ago] of [
    ["15s", 15_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["0s", 0],
    ["999999d", now],
    ["999999999h", now],
  ] as const)
    assert.equal(parseRecent(text, now), now - ago, text);
  assert.equal(parseRecent("2026-11-26", now), Date.parse("2026-11-26"));
  for (const text of [
    "",
    "h",
    "2",
    "-2h",
    "+2h",
    "2 h",
    "2H",
    "2h30m",
    "1.5h",
    "2w",
    "2h ",
    "2026-11-26junk",
  ])
    assert.equal(parseRecent(text, now), null, JSON.stringify(text));
});
