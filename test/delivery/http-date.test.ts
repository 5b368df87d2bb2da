import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHttpDate } from "../../src/delivery/http-date.ts";

const now = Date.UTC(2026, 10, 20, 8, 0, 0);
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

test("the three formats of RFC 9110 give the same time", () => {
  const forms = [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  ];
  for (const form of forms) assert.equal(parseHttpDate(form, now), Date.UTC(1994, 10, 6, 8, 49, 37), form);
});

test("property: every time is read back from each of the formats", () => {
  const from = Date.UTC(1977, 0, 1) / 1000;
  const to = Date.UTC(2076, 0, 1) / 1000;
  fc.assert(
    fc.property(fc.integer({ min: from, max: to - 1 }), (seconds) => {
      const date = new Date(seconds * 1000);
      const fixed = date.toUTCString();
      const [, day, month, year, time] = /, (\d\d) (\w+) (\d{4}) (.*) GMT$/.exec(fixed)!;
      const weekday = days[date.getUTCDay()]!;
      assert.equal(parseHttpDate(fixed, now), seconds * 1000);
      assert.equal(
        parseHttpDate(`${weekday}, ${day}-${month}-${year!.slice(2)} ${time} GMT`, now),
        seconds * 1000,
      );
      const spaced = day!.replace(/^0/, " ");
      assert.equal(
        parseHttpDate(`${weekday.slice(0, 3)} ${month} ${spaced} ${time} ${year}`, now),
        seconds * 1000,
      );
    }),
  );
});

test("a year of two digits is at most 50 years ahead, or past", () => {
  assert.equal(parseHttpDate("Wednesday, 01-Jan-76 00:00:00 GMT", now), Date.UTC(2076, 0, 1));
  assert.equal(parseHttpDate("Saturday, 01-Jan-77 00:00:00 GMT", now), Date.UTC(1977, 0, 1));
});

test("impossible days and hours, and leap days of other years, are no date", () => {
  assert.equal(parseHttpDate("Thu, 29 Feb 2024 00:00:00 GMT", now), Date.UTC(2024, 1, 29));
  assert.equal(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", now), Date.UTC(2017, 0, 1));
  for (const text of [
    "Sun, 29 Feb 2026 00:00:00 GMT",
    "Mon, 30 Feb 2026 00:00:00 GMT",
    "Wed, 32 Nov 2026 00:00:00 GMT",
    "Tue, 00 Dec 2026 00:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
  ])
    assert.equal(parseHttpDate(text, now), null, text);
});

test("a text that differs from the format in any letter is no date", () => {
  for (const text of [
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 +0800",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 GMT junk",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37",
    "Sun Nov 06 08:49:37 1994 GMT",
    "Sun Nov 6 08:49:37 1994",
    "06 Nov 1994 08:49:37 GMT",
    "1994-11-06T08:49:37Z",
    "2026-02-30",
    "784111777",
    "",
  ])
    assert.equal(parseHttpDate(text, now), null, text);
});
